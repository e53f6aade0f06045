// SPDX-License-Identifier: Apache-2.0
#include "engine/protocol/message_fields.h"

#include <algorithm>

namespace engine {
namespace {

constexpr int kMaxDepth = 32;

// Brackets open at once, outside strings. Counted before parsing, so that no recursion anywhere
// meets a depth that a stranger chose.
int nestingDepth(std::string_view text)
{
    int depth = 0;
    int deepest = 0;
    bool inString = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inString) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '[' || c == '{') {
            deepest = std::max(deepest, ++depth);
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return deepest;
}

} // namespace

Result<Json> parseJson(std::string_view text, std::size_t maxBytes)
{
    if (text.size() > maxBytes) {
        return fail(ErrorKind::BadInput, "A message of " + std::to_string(text.size()) +
                                             " bytes is longer than the " +
                                             std::to_string(maxBytes) + " allowed.");
    }
    if (nestingDepth(text) > kMaxDepth) {
        return fail(ErrorKind::BadInput,
                    "The JSON is nested deeper than " + std::to_string(kMaxDepth) + " levels.");
    }
    try {
        return Json::parse(text);
    } catch (const nlohmann::json::parse_error &error) {
        return fail(ErrorKind::BadInput, "This is no JSON; it stops making sense at byte " +
                                             std::to_string(error.byte) + " of " +
                                             std::to_string(text.size()) + ".");
    } catch (const nlohmann::json::exception &) { // a number beyond any range
        return fail(ErrorKind::BadInput, "This is no JSON that can be read.");
    }
}

std::string dumpJson(const OrderedJson &value, int indent)
{
    return value.dump(indent, ' ', false, OrderedJson::error_handler_t::replace);
}

std::optional<std::int64_t> asInteger(const Json &value)
{
    if (value.is_number_unsigned()) {
        const auto number = value.get<std::uint64_t>();
        if (number > std::uint64_t(std::numeric_limits<std::int64_t>::max()))
            return std::nullopt;
        return std::int64_t(number);
    }
    if (value.is_number_integer())
        return value.get<std::int64_t>();
    return std::nullopt;
}

MessageFields::MessageFields(const Json &object, std::string where)
    : m_object(object), m_where(std::move(where))
{
    if (!object.is_object())
        m_error = Error{ErrorKind::BadInput,
                        (m_where.empty() ? "A message" : m_where) + " must be an object.",
                        {}};
}

const Json *MessageFields::find(const char *key) const
{
    if (!m_object.is_object())
        return nullptr;
    const auto found = m_object.find(key);
    return found == m_object.end() || found->is_null() ? nullptr : &*found;
}

std::string MessageFields::path(const char *key) const
{
    return m_where.empty() ? std::string(key) : m_where + "." + key;
}

void MessageFields::fault(const char *key, const std::string &what)
{
    if (!m_error)
        m_error = Error{ErrorKind::BadInput, path(key) + " " + what + ".", {}};
}

void MessageFields::adopt(const MessageFields &inner)
{
    if (!m_error)
        m_error = inner.m_error;
}

bool MessageFields::has(const char *key) const
{
    return find(key) != nullptr;
}

void MessageFields::require(const char *key)
{
    if (!has(key))
        fault(key, "is missing");
}

std::string MessageFields::text(const char *key, std::string fallback)
{
    const Json *value = find(key);
    if (!value)
        return fallback;
    if (!value->is_string()) {
        fault(key, "must be a string");
        return fallback;
    }
    return value->get<std::string>();
}

bool MessageFields::flag(const char *key, bool fallback)
{
    const Json *value = find(key);
    if (!value)
        return fallback;
    if (!value->is_boolean()) {
        fault(key, "must be true or false");
        return fallback;
    }
    return value->get<bool>();
}

std::optional<std::int64_t> MessageFields::optionalInteger(const char *key)
{
    const Json *value = find(key);
    if (!value)
        return std::nullopt;
    const std::optional<std::int64_t> number = asInteger(*value);
    if (!number)
        fault(key, "must be an integer below 2^63");
    return number;
}

std::int64_t MessageFields::integer(const char *key, std::int64_t fallback, std::int64_t least,
                                    std::int64_t most)
{
    const std::int64_t number = optionalInteger(key).value_or(fallback);
    if (number < least || number > most) {
        fault(key, "must be from " + std::to_string(least) + " to " + std::to_string(most));
        return fallback;
    }
    return number;
}

std::uint64_t MessageFields::unsignedInteger(const char *key, std::uint64_t fallback)
{
    const Json *value = find(key);
    if (!value)
        return fallback;
    const std::optional<std::int64_t> number = asInteger(*value);
    if (!value->is_number_unsigned() && !(number && *number >= 0)) {
        fault(key, "must be an integer from 0 to 2^64 - 1");
        return fallback;
    }
    return number ? std::uint64_t(*number) : value->get<std::uint64_t>();
}

std::optional<double> MessageFields::optionalNumber(const char *key)
{
    const Json *value = find(key);
    if (!value)
        return std::nullopt;
    if (!value->is_number()) {
        fault(key, "must be a number");
        return std::nullopt;
    }
    return value->get<double>();
}

double MessageFields::number(const char *key, double fallback)
{
    return optionalNumber(key).value_or(fallback);
}

const Json *MessageFields::object(const char *key)
{
    const Json *value = find(key);
    if (value && !value->is_object()) {
        fault(key, "must be an object");
        return nullptr;
    }
    return value;
}

const Json *MessageFields::array(const char *key)
{
    const Json *value = find(key);
    if (value && !value->is_array()) {
        fault(key, "must be a list");
        return nullptr;
    }
    return value;
}

std::vector<std::int64_t> MessageFields::integers(const char *key,
                                                  std::vector<std::int64_t> fallback)
{
    const Json *list = array(key);
    if (!list)
        return fallback;
    std::vector<std::int64_t> numbers;
    for (const Json &item : *list) {
        const std::optional<std::int64_t> number = asInteger(item);
        if (!number) {
            fault(key, "must be a list of integers");
            return fallback;
        }
        numbers.push_back(*number);
    }
    return numbers;
}

std::vector<std::string> MessageFields::texts(const char *key)
{
    const Json *list = array(key);
    std::vector<std::string> result;
    if (!list)
        return result;
    for (const Json &item : *list) {
        if (!item.is_string()) {
            fault(key, "must be a list of strings");
            return {};
        }
        result.push_back(item.get<std::string>());
    }
    return result;
}

} // namespace engine
