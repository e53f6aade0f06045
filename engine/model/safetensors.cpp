// SPDX-License-Identifier: Apache-2.0
#include "engine/model/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <nlohmann/json.hpp>

namespace engine {
namespace {

constexpr std::size_t kMaxDimensions = 16;
constexpr std::size_t kMaxTensors = 1'000'000;

struct ElementType
{
    std::string_view name;
    std::uint64_t bits;
};
constexpr ElementType kElementTypes[] = {
    {"BOOL", 8},    {"U8", 8},   {"I8", 8},   {"F8_E5M2", 8}, {"F8_E4M3", 8},
    {"F8_E8M0", 8}, {"U16", 16}, {"I16", 16}, {"F16", 16},    {"BF16", 16},
    {"U32", 32},    {"I32", 32}, {"F32", 32}, {"U64", 64},    {"I64", 64},
    {"F64", 64},    {"C64", 64}, {"F4", 4},   {"F6_E2M3", 6}, {"F6_E3M2", 6},
};

std::optional<std::uint64_t> bitsOf(std::string_view type)
{
    for (const ElementType &known : kElementTypes) {
        if (known.name == type)
            return known.bits;
    }
    return std::nullopt;
}

std::string inQuotes(std::string_view name)
{
    std::string result = "\"";
    for (const char c : name.substr(0, 120))
        result += static_cast<unsigned char>(c) < 0x20 || c == '"' ? '?' : c;
    return result + (name.size() > 120 ? "...\"" : "\"");
}

// Takes the header event by event: no tree is built, and the first fault ends the parse.
class HeaderReader
{
public:
    using number_integer_t = nlohmann::json::number_integer_t;
    using number_unsigned_t = nlohmann::json::number_unsigned_t;
    using number_float_t = nlohmann::json::number_float_t;
    using string_t = nlohmann::json::string_t;
    using binary_t = nlohmann::json::binary_t;

    std::vector<TensorEntry> entries;
    std::string fault;

    bool null() { return scalar(); }
    bool boolean(bool) { return scalar(); }
    bool number_integer(number_integer_t) { return scalar(); } // negative: never right here
    bool number_float(number_float_t, const string_t &) { return scalar(); }
    bool binary(binary_t &) { return wrong(); }
    bool number_unsigned(number_unsigned_t value)
    {
        if (m_state == State::Metadata)
            return scalar();
        if (m_state == State::Shape) {
            if (entry().shape.size() >= kMaxDimensions)
                return stop(inQuotes(entry().name) + " has more than 16 dimensions");
            if (value > std::uint64_t(std::numeric_limits<std::int64_t>::max()))
                return stop(inQuotes(entry().name) + " has a dimension beyond all bounds");
            entry().shape.push_back(std::int64_t(value));
            return true;
        }
        if (m_state == State::Offsets && m_offsets < 2) {
            (m_offsets++ == 0 ? entry().begin : entry().end) = value;
            return true;
        }
        return wrong();
    }
    bool string(string_t &value)
    {
        if (m_state == State::Metadata)
            return true;
        if (m_state != State::Type)
            return wrong();
        entry().type = std::move(value);
        m_state = State::Field;
        return true;
    }
    bool start_object(std::size_t)
    {
        switch (m_state) {
        case State::Start:
            m_state = State::Top;
            return true;
        case State::MetadataStart:
            m_state = State::Metadata;
            return true;
        case State::Tensor:
            m_state = State::Field;
            return true;
        default:
            return wrong();
        }
    }
    bool key(string_t &name)
    {
        switch (m_state) {
        case State::Top:
            return topKey(name);
        case State::Metadata:
            return true;
        case State::Field:
            return fieldKey(name);
        default:
            return wrong();
        }
    }
    bool end_object()
    {
        if (m_state == State::Field && m_fields != 7)
            return stop(inQuotes(entry().name) + " lacks one of dtype, shape and data_offsets");
        m_state = m_state == State::Top ? State::Done : State::Top;
        return true;
    }
    bool start_array(std::size_t)
    {
        if (m_state != State::ShapeStart && m_state != State::OffsetsStart)
            return wrong();
        m_state = m_state == State::ShapeStart ? State::Shape : State::Offsets;
        return true;
    }
    bool end_array()
    {
        if (m_state == State::Offsets && m_offsets != 2)
            return wrong();
        m_state = State::Field;
        return true;
    }
    bool parse_error(std::size_t position, const std::string &, const nlohmann::json::exception &)
    {
        return stop("is not valid JSON near byte " + std::to_string(position));
    }

private:
    enum class State {
        Start,
        Top,
        Done,
        MetadataStart,
        Metadata,
        Tensor,
        Field,
        Type,
        ShapeStart,
        Shape,
        OffsetsStart,
        Offsets,
    };

    TensorEntry &entry() { return entries.back(); }
    bool stop(std::string text)
    {
        if (fault.empty())
            fault = std::move(text);
        return false;
    }
    bool wrong()
    {
        return stop(entries.empty() ? "does not have the form of a safetensors header"
                                    : "is malformed at " + inQuotes(entry().name));
    }
    bool scalar() { return m_state == State::Metadata || wrong(); }

    bool topKey(string_t &name)
    {
        if (!m_names.insert(name).second)
            return stop("holds " + inQuotes(name) + " twice");
        if (name == "__metadata__") {
            m_state = State::MetadataStart;
            return true;
        }
        if (entries.size() >= kMaxTensors)
            return stop("lists more than 1,000,000 tensors");
        entries.emplace_back();
        entry().name = std::move(name);
        m_fields = 0;
        m_offsets = 0;
        m_state = State::Tensor;
        return true;
    }
    bool fieldKey(const string_t &name)
    {
        const unsigned bit = name == "dtype"          ? 1
                             : name == "shape"        ? 2
                             : name == "data_offsets" ? 4
                                                      : 0;
        if (bit == 0 || (m_fields & bit))
            return wrong();
        m_fields |= bit;
        m_state = bit == 1 ? State::Type : bit == 2 ? State::ShapeStart : State::OffsetsStart;
        return true;
    }

    State m_state = State::Start;
    unsigned m_fields = 0;
    int m_offsets = 0;
    std::unordered_set<std::string> m_names;
};

// The fault of one entry against the data that the file has, or "".
std::string checkEntry(const TensorEntry &entry, std::uint64_t dataBytes)
{
    if (entry.begin > entry.end)
        return inQuotes(entry.name) + " ends before it begins";
    if (entry.end > dataBytes)
        return inQuotes(entry.name) + " reaches " + std::to_string(entry.end - dataBytes) +
               " bytes past the end of the file, which is truncated or not what its header says";
    const std::optional<std::uint64_t> bits = bitsOf(entry.type);
    if (!bits)
        return {};
    std::uint64_t total = *bits;
    for (const std::int64_t size : entry.shape) {
        if (size == 0) {
            total = 0;
            break;
        }
        if (total > std::numeric_limits<std::uint64_t>::max() / std::uint64_t(size))
            return inQuotes(entry.name) + " has a shape beyond all bounds";
        total *= std::uint64_t(size);
    }
    if ((total + 7) / 8 != entry.end - entry.begin)
        return inQuotes(entry.name) + " takes " + std::to_string(entry.end - entry.begin) +
               " bytes where its shape needs " + std::to_string(total / 8);
    return {};
}

std::string checkOverlap(const std::vector<TensorEntry> &entries)
{
    std::vector<const TensorEntry *> order;
    for (const TensorEntry &entry : entries) {
        if (entry.begin < entry.end)
            order.push_back(&entry);
    }
    std::sort(order.begin(), order.end(), [](const TensorEntry *a, const TensorEntry *b) {
        return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
    });
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (order[i]->begin < order[i - 1]->end)
            return inQuotes(order[i]->name) + " overlaps " + inQuotes(order[i - 1]->name);
    }
    return {};
}

} // namespace

Result<std::vector<TensorEntry>> readSafetensorsHeader(std::span<const std::byte> file,
                                                       const std::string &where)
{
    const auto refuse = [&where](const std::string &text) {
        return fail(ErrorKind::BadInput, where + ": " + text + ".");
    };
    constexpr std::uint64_t kPrefix = 8;
    if (file.size() < kPrefix)
        return refuse("the file has " + std::to_string(file.size()) +
                      " bytes, too few for a safetensors file");
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < kPrefix; ++i)
        length |= std::uint64_t(file[i]) << (8 * i);
    if (length > kMaxSafetensorsHeader)
        return refuse("the header claims " + std::to_string(length) +
                      " bytes; a safetensors header has 100,000,000 at most");
    if (length > file.size() - kPrefix)
        return refuse("the header claims " + std::to_string(length) + " bytes but only " +
                      std::to_string(file.size() - kPrefix) + " follow: the file is truncated");
    const char *text = reinterpret_cast<const char *>(file.data()) + kPrefix;
    HeaderReader reader;
    bool parsed = false;
    try {
        parsed = nlohmann::json::sax_parse(text, text + length, &reader);
    } catch (const nlohmann::json::exception &) {
        parsed = false;
    }
    if (!parsed)
        return refuse("the header " + (reader.fault.empty() ? "is malformed" : reader.fault));
    const std::uint64_t dataBegin = kPrefix + length;
    for (TensorEntry &entry : reader.entries) {
        if (std::string fault = checkEntry(entry, file.size() - dataBegin); !fault.empty())
            return refuse(fault);
        entry.begin += dataBegin;
        entry.end += dataBegin;
    }
    if (std::string fault = checkOverlap(reader.entries); !fault.empty())
        return refuse(fault);
    return std::move(reader.entries);
}

} // namespace engine
