// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/spec/result.h"

namespace engine {

// Reads fields of a JSON object that came from outside and remembers the first complaint, so that a
// reader can ask for everything and look once. A field that is absent or null has its fallback.
class JsonFields
{
public:
    // `object` outlives this. `where` names it in messages.
    JsonFields(const nlohmann::json &object, std::string where);

    bool has(const char *key) const;     // present and not null
    bool present(const char *key) const; // perhaps null
    const nlohmann::json *find(const char *key) const;

    // A whole number within [low, high]; without a fallback the field must be there.
    std::int64_t integer(const char *key, std::int64_t low, std::int64_t high,
                         std::optional<std::int64_t> fallback = {});
    // A finite number within [low, high].
    double number(const char *key, double low, double high, std::optional<double> fallback = {});
    bool boolean(const char *key, bool fallback);
    std::string text(const char *key, const std::string &fallback);

    // Keeps the first error only.
    void complain(ErrorKind kind, std::string message);
    bool failed() const { return m_error.has_value(); }
    const Error &error() const { return *m_error; }

private:
    std::string described(const char *key) const;

    const nlohmann::json &m_object;
    std::string m_where;
    std::optional<Error> m_error;
};

// Shows a JSON value in a message: shortened, never more than about 60 characters.
std::string shown(const nlohmann::json &value);

// Parses a text that holds one JSON object; BadInput says where it stops being one. No key twice.
Result<nlohmann::json> parseJsonObject(std::string_view text, const std::string &where);

} // namespace engine
