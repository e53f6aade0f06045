// SPDX-License-Identifier: Apache-2.0
#include "engine/model/json_fields.h"

#include <cmath>
#include <set>
#include <vector>

namespace engine {
namespace {

std::string plainNumber(double value)
{
    return nlohmann::json(value).dump();
}

// Counts nesting and keys while parsing, so that neither depth nor a repeated key gets through.
class Watch
{
public:
    bool operator()(int depth, nlohmann::json::parse_event_t event, nlohmann::json &parsed)
    {
        using Event = nlohmann::json::parse_event_t;
        if (event == Event::object_start || event == Event::array_start) {
            if (depth > 64)
                complain("is nested more than 64 deep");
            m_keys.emplace_back();
        } else if (event == Event::object_end || event == Event::array_end) {
            if (!m_keys.empty())
                m_keys.pop_back();
        } else if (event == Event::key && !m_keys.empty()) {
            if (!m_keys.back().insert(parsed.get<std::string>()).second)
                complain("holds " + shown(parsed) + " twice in one object");
        }
        return complaint.empty();
    }

    std::string complaint;

private:
    void complain(std::string text)
    {
        if (complaint.empty())
            complaint = std::move(text);
    }
    std::vector<std::set<std::string>> m_keys;
};

} // namespace

std::string shown(const nlohmann::json &value)
{
    if (value.is_object())
        return "an object";
    if (value.is_array())
        return "a list";
    std::string text =
        value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace); // pure ASCII
    if (text.size() > 60)
        text = text.substr(0, 57) + "...";
    return text;
}

Result<nlohmann::json> parseJsonObject(std::string_view text, const std::string &where)
{
    Watch watch;
    try {
        nlohmann::json parsed =
            nlohmann::json::parse(text.begin(), text.end(), std::ref(watch), true);
        if (!watch.complaint.empty())
            return fail(ErrorKind::BadInput, where + " " + watch.complaint + ".");
        if (!parsed.is_object())
            return fail(ErrorKind::BadInput,
                        where + " must be a JSON object, not " + shown(parsed) + ".");
        return parsed;
    } catch (const nlohmann::json::parse_error &error) {
        return fail(ErrorKind::BadInput,
                    where + " is not valid JSON (near byte " + std::to_string(error.byte) + ").");
    } catch (const nlohmann::json::exception &) { // a number beyond any range
        return fail(ErrorKind::BadInput, where + " is not valid JSON: a number is out of range.");
    }
}

JsonFields::JsonFields(const nlohmann::json &object, std::string where)
    : m_object(object), m_where(std::move(where))
{
}

const nlohmann::json *JsonFields::find(const char *key) const
{
    const auto found = m_object.find(key);
    return found == m_object.end() || found->is_null() ? nullptr : &*found;
}

bool JsonFields::has(const char *key) const
{
    return find(key) != nullptr;
}

bool JsonFields::present(const char *key) const
{
    return m_object.contains(key);
}

std::string JsonFields::described(const char *key) const
{
    return m_where + ": \"" + key + "\"";
}

std::int64_t JsonFields::integer(const char *key, std::int64_t low, std::int64_t high,
                                 std::optional<std::int64_t> fallback)
{
    const std::string range =
        "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
    const nlohmann::json *value = find(key);
    if (!value) {
        if (!fallback)
            complain(ErrorKind::BadInput,
                     described(key) + " is missing; it must be " + range + ".");
        return fallback.value_or(low);
    }
    const bool whole = value->is_number_integer();
    const bool tooLarge = value->is_number_unsigned() &&
                          value->get<std::uint64_t>() > static_cast<std::uint64_t>(high);
    if (!whole || tooLarge || value->get<std::int64_t>() < low ||
        value->get<std::int64_t>() > high) {
        complain(ErrorKind::BadInput,
                 described(key) + " is " + shown(*value) + "; it must be " + range + ".");
        return low;
    }
    return value->get<std::int64_t>();
}

double JsonFields::number(const char *key, double low, double high, std::optional<double> fallback)
{
    const std::string range = "a number from " + plainNumber(low) + " to " + plainNumber(high);
    const nlohmann::json *value = find(key);
    if (!value) {
        if (!fallback)
            complain(ErrorKind::BadInput,
                     described(key) + " is missing; it must be " + range + ".");
        return fallback.value_or(low);
    }
    const double given = value->is_number() ? value->get<double>() : NAN;
    if (!(given >= low && given <= high)) {
        complain(ErrorKind::BadInput,
                 described(key) + " is " + shown(*value) + "; it must be " + range + ".");
        return low;
    }
    return given;
}

bool JsonFields::boolean(const char *key, bool fallback)
{
    const nlohmann::json *value = find(key);
    if (!value)
        return fallback;
    if (!value->is_boolean()) {
        complain(ErrorKind::BadInput,
                 described(key) + " is " + shown(*value) + "; it must be true or false.");
        return fallback;
    }
    return value->get<bool>();
}

std::string JsonFields::text(const char *key, const std::string &fallback)
{
    const nlohmann::json *value = find(key);
    if (!value)
        return fallback;
    if (!value->is_string()) {
        complain(ErrorKind::BadInput,
                 described(key) + " is " + shown(*value) + "; it must be a text.");
        return fallback;
    }
    return value->get<std::string>();
}

void JsonFields::complain(ErrorKind kind, std::string message)
{
    if (!m_error)
        m_error = Error{kind, std::move(message), {}};
}

} // namespace engine
