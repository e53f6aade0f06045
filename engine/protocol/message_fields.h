// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/spec/result.h"

namespace engine {

// Read into sorted objects: a key costs log n, whatever a stranger sends. Written in our own order.
using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

// The value that a text holds; BadInput for what is no JSON, deeper than 32 levels, or longer than
// `maxBytes`. Never throws.
Result<Json> parseJson(std::string_view text, std::size_t maxBytes);

// One line, or indented; bytes that are no UTF-8 become U+FFFD, numbers that JSON has not null.
std::string dumpJson(const OrderedJson &value, int indent = -1);

// The fields of one JSON object, read by type. The first fault is kept, later reads give their
// fallback, so that a reader states its fields one after another and asks once at the end.
class MessageFields
{
public:
    // `where` names the object in messages: "params". It must outlive the reader.
    MessageFields(const Json &object, std::string where);

    bool has(const char *key) const; // present and not null
    std::string text(const char *key, std::string fallback);
    bool flag(const char *key, bool fallback);
    std::int64_t integer(const char *key, std::int64_t fallback,
                         std::int64_t least = std::numeric_limits<std::int64_t>::min(),
                         std::int64_t most = std::numeric_limits<std::int64_t>::max());
    std::uint64_t unsignedInteger(const char *key, std::uint64_t fallback);
    double number(const char *key, double fallback);
    std::optional<std::int64_t> optionalInteger(const char *key);
    std::optional<double> optionalNumber(const char *key);
    std::vector<std::int64_t> integers(const char *key, std::vector<std::int64_t> fallback);
    std::vector<std::string> texts(const char *key);
    const Json *object(const char *key); // null when absent or faulty
    const Json *array(const char *key);
    void require(const char *key); // a fault when it is absent or null

    void fault(const char *key, const std::string &what);
    void adopt(const MessageFields &inner); // takes over the fault of an object inside
    std::string path(const char *key) const;
    const std::optional<Error> &error() const { return m_error; }

private:
    const Json *find(const char *key) const;

    const Json &m_object;
    std::string m_where;
    std::optional<Error> m_error;
};

// The number as int64; absent for fractions and for what does not fit.
std::optional<std::int64_t> asInteger(const Json &value);

} // namespace engine
