// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/serving/serving_point.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <set>

namespace engine {
namespace {

constexpr std::size_t kMostRows = 200'000;
// Lengths of this benchmark's requests are drawn between 0.8 and 1 of the nominal ones.
constexpr double kDrawnLength = 0.9;
constexpr int kLargestAggregated = 8; // devices of a row that says it is one replica

using Row = std::vector<std::string>;

// Rows of a CSV; quotes as in RFC 4180.
std::vector<Row> rowsOf(std::string_view text)
{
    std::vector<Row> rows(1);
    std::string cell;
    bool quoted = false;
    const auto endCell = [&] {
        rows.back().push_back(std::move(cell));
        cell.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c != '"')
                cell += c;
            else if (i + 1 < text.size() && text[i + 1] == '"')
                cell += text[++i];
            else
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',') {
            endCell();
        } else if (c == '\n') {
            endCell();
            rows.emplace_back();
        } else if (c != '\r') {
            cell += c;
        }
    }
    endCell();
    if (rows.back().size() == 1 && rows.back().front().empty())
        rows.pop_back();
    return rows;
}

std::string lowered(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return c == ' ' || c == '_' ? '-' : char(std::tolower(c));
    });
    return text;
}

std::optional<double> numberIn(const std::string &text)
{
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

// The whole number after `key`, as in "tp8/pp1".
std::optional<int> countAfter(const std::string &text, std::string_view key)
{
    std::size_t from = 0;
    for (;;) {
        const std::size_t found = text.find(key, from);
        if (found == std::string::npos)
            return std::nullopt;
        const bool starts =
            found == 0 || !std::isalpha(static_cast<unsigned char>(text[found - 1]));
        const std::size_t digits = found + key.size();
        int value = 0;
        const auto read = std::from_chars(text.data() + digits, text.data() + text.size(), value);
        if (starts && read.ec == std::errc())
            return value;
        from = found + 1;
    }
}

// Names under which the same shape is sold.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kSameShape{{
    {"llama-3.3-70b", "llama-3.1-70b"},
    {"llama-3-70b", "llama-3.1-70b"},
    {"llama-v3.3-70b", "llama-3.1-70b"},
    {"llama-v3.1-70b", "llama-3.1-70b"},
    {"llama-v3.1-8b", "llama-3.1-8b"},
    {"llama-v3.1-405b", "llama-3.1-405b"},
    {"llama3.1-8b", "llama-3.1-8b"},
    {"llama3.1-405b", "llama-3.1-405b"},
    {"meta-llama-3.1", "llama-3.1"},
    {"deepseek-v3.1", "deepseek-v3"},
    {"glm-5.1", "glm-5"},
}};

// The preset whose name the text begins with, the longest one.
const ModelSpec *modelOf(const std::string &text, const std::vector<ModelSpec> &models)
{
    std::string name = lowered(text);
    if (const std::size_t slash = name.rfind('/'); slash != std::string::npos)
        name.erase(0, slash + 1);
    for (const auto &[alias, preset] : kSameShape) {
        if (name.rfind(alias, 0) == 0) {
            name.replace(0, alias.size(), preset);
            break;
        }
    }
    const ModelSpec *best = nullptr;
    for (const ModelSpec &model : models) {
        const bool starts = name.rfind(model.name, 0) == 0 &&
                            (name.size() == model.name.size() || name[model.name.size()] == '-');
        // "qwen3-235b-a22b-fp8", but also "qwen3-235b" for the preset with its active size.
        const bool cut = model.name.rfind(name + "-a", 0) == 0;
        if ((starts || cut) && (!best || model.name.size() > best->name.size()))
            best = &model;
    }
    return best;
}

const DeviceSpec *deviceOf(const std::string &text, const std::vector<DeviceSpec> &devices)
{
    std::string wanted = lowered(text);
    wanted.erase(std::remove(wanted.begin(), wanted.end(), '-'), wanted.end());
    const DeviceSpec *best = nullptr;
    std::size_t length = 0;
    for (const DeviceSpec &device : devices) {
        const std::string id = device.id;
        std::string key = id.substr(0, id.find("-sxm"));
        key = key.substr(0, key.find("-nvl"));
        key.erase(std::remove(key.begin(), key.end(), '-'), key.end());
        if (wanted.find(key) != std::string::npos && key.size() > length) {
            best = &device;
            length = key.size();
        }
    }
    return best;
}

std::optional<DType> weightsOf(const std::string &text, const ModelSpec &model)
{
    const std::string precision = lowered(text);
    if (model.architecture == "GptOssForCausalLM")
        return DType::Fp4; // MXFP4 is the published format, whatever the label
    for (const auto &[word, type] :
         {std::pair{"nvfp4", DType::Fp4}, std::pair{"mxfp4", DType::Fp4},
          std::pair{"int4", DType::Int4}, std::pair{"fp4", DType::Fp4},
          std::pair{"fp8", DType::Fp8}, std::pair{"int8", DType::Int8},
          std::pair{"bf16", DType::Bf16}, std::pair{"fp16", DType::Bf16}}) {
        if (precision.find(word) != std::string::npos)
            return type;
    }
    if (precision == "-gemm=-moe=" || precision.empty())
        return DType::Bf16;
    return std::nullopt;
}

std::string idIn(const std::string &note)
{
    const std::size_t from = note.find("id=");
    if (from == std::string::npos)
        return {};
    return note.substr(from + 3, note.find(';', from) - from - 3);
}

class TableReader
{
public:
    TableReader(const std::vector<ModelSpec> &models, const std::vector<DeviceSpec> &devices)
        : m_models(models), m_devices(devices)
    {
    }

    Result<ServingTable> read(std::string_view csv, const std::string &where)
    {
        const std::vector<Row> rows = rowsOf(csv);
        if (rows.size() > kMostRows)
            return fail(ErrorKind::BadInput,
                        where + " has more than " + std::to_string(kMostRows) + " rows.");
        for (std::size_t i = 0; !rows.empty() && i < rows.front().size(); ++i)
            m_column[lowered(rows.front()[i])] = i;
        for (const char *needed : {"model", "hw", "engine", "precision", "parallelism", "isl",
                                   "osl", "concurrency-or-batch", "ttft-ms", "tpot-ms"}) {
            if (!m_column.count(needed)) {
                std::string name = needed;
                std::replace(name.begin(), name.end(), '-', '_');
                return fail(ErrorKind::BadInput, where + " has no column " + name +
                                                     ": it is no table of measured points.");
            }
        }
        for (std::size_t i = 1; i < rows.size(); ++i)
            take(rows[i], i + 1);
        m_table.rows = rows.size() - 1;
        markDrafts();
        return std::move(m_table);
    }

private:
    std::string cell(const Row &row, const char *key) const
    {
        const auto found = m_column.find(key);
        return found == m_column.end() || found->second >= row.size() ? std::string()
                                                                      : row[found->second];
    }

    void take(const Row &row, std::size_t line)
    {
        ServingPoint point;
        point.line = line;
        if (const std::string reason = fill(row, point); !reason.empty()) {
            m_table.unused[reason].push_back(line);
            return;
        }
        m_table.points.push_back(std::move(point));
    }

    std::string fill(const Row &row, ServingPoint &point)
    {
        const std::string note = cell(row, "note");
        const std::string parallelism = lowered(cell(row, "parallelism"));
        if (parallelism.rfind("disagg", 0) == 0 || note.rfind("disagg", 0) == 0)
            return "prefill and decode on different devices";
        if (note.find("SUSPECT") != std::string::npos)
            return "parallelism marked as suspect";
        const ModelSpec *model = modelOf(cell(row, "model"), m_models);
        if (!model)
            return "model not known";
        const DeviceSpec *device = deviceOf(cell(row, "hw"), m_devices);
        if (!device)
            return "device not known";
        const std::optional<DType> weights = weightsOf(cell(row, "precision"), *model);
        if (!weights)
            return "number format not known";
        if (const std::string reason = readLayout(row, parallelism, point.layout); !reason.empty())
            return reason;
        const auto input = numberIn(cell(row, "isl"));
        const auto output = numberIn(cell(row, "osl"));
        const auto users = numberIn(cell(row, "concurrency-or-batch"));
        if (!input || !output || !users || *input < 1 || *output < 2 || *users < 1)
            return "lengths or concurrency missing";
        point.ttftMs = positive(cell(row, "ttft-ms"));
        point.tpotMs = positive(cell(row, "tpot-ms"));
        if (!point.ttftMs && !point.tpotMs)
            return "no measured time";
        const bool drawn = note.find("random_range_ratio") != std::string::npos;
        point.loop.users = *users;
        point.loop.inputTokens = *input * (drawn ? kDrawnLength : 1);
        point.loop.outputTokens = *output * (drawn ? kDrawnLength : 1);
        point.id = idIn(note);
        point.date = cell(row, "date");
        point.model = model->name;
        point.family = familyOf(*model);
        point.device = device->id;
        point.weights = *weights;
        const std::string engine = lowered(cell(row, "engine"));
        const std::size_t gap = engine.find('-');
        point.engine = engine.substr(0, gap);
        point.version = gap == std::string::npos ? "" : engine.substr(gap + 1);
        if (point.engine.rfind("tensorrt", 0) == 0)
            point.engine = "trtllm";
        const bool narrow = point.weights == DType::Fp8 || point.weights == DType::Fp4;
        point.cache = point.engine == "trtllm" && narrow ? DType::Fp8 : DType::Bf16;
        const StepTypes types = stepTypesOf(*model, point.weights, point.cache);
        const double held = mostSequences(*model, *device, types, point.layout,
                                          point.loop.inputTokens + 0.6 * point.loop.outputTokens);
        if (held < 1)
            return "does not fit into memory as labelled";
        point.loop.mostSequences = held;
        if (point.date == "2025-11-10" && point.engine == "sglang" && point.weights == DType::Fp4)
            point.ttftMs.reset(); // compilation inside the measured window
        return isRepeated(point) ? "listed again" : std::string();
    }

    static std::optional<double> positive(const std::string &text)
    {
        const auto value = numberIn(text);
        return value && *value > 0 ? value : std::nullopt;
    }

    std::string readLayout(const Row &row, const std::string &text, Layout &layout)
    {
        const auto count = numberIn(cell(row, "n-gpu"));
        const int devices = count ? int(*count) : 0;
        const auto tensor = countAfter(text, "tp");
        const auto groups = countAfter(text, "adp");
        const auto experts = countAfter(text, "ep");
        const auto stages = countAfter(text, "pp");
        const bool attention = text.rfind("dp-attn", 0) == 0;
        if (attention) { // "dp-attn 8/ep8": a group on every device
            layout.dataAttention = devices;
        } else {
            layout.tensor = std::max(tensor.value_or(devices), 1);
            if (text.find("(file") == std::string::npos)
                layout.dataAttention = std::max(groups.value_or(1), 1);
        }
        layout.expert = std::max(experts.value_or(1), 1);
        layout.pipeline = std::max(stages.value_or(1), 1);
        if (layout.devices() > kLargestAggregated || !layoutFault(layout).empty())
            return "more devices than one node";
        if (devices > 0 && layout.devices() != devices)
            return "devices and parallelism do not agree";
        return {};
    }

    bool isRepeated(const ServingPoint &point)
    {
        const std::string key = point.curve() + "|" + std::to_string(point.loop.users);
        for (const std::size_t other : m_same[key]) {
            const ServingPoint &seen = m_table.points[other];
            const auto near = [](const std::optional<double> &a, const std::optional<double> &b,
                                 double part) {
                return a.has_value() == b.has_value() && (!a || std::abs(*a / *b - 1) < part);
            };
            if (near(point.tpotMs, seen.tpotMs, 0.005) && near(point.ttftMs, seen.ttftMs, 0.01)) {
                if (isConfigured(point))
                    m_configured.insert(other);
                return true;
            }
        }
        m_same[key].push_back(m_table.points.size());
        return false;
    }

    // Whether the row belongs to a series whose configuration is on record.
    static bool isConfigured(const ServingPoint &point)
    {
        return point.id.find("cfg") != std::string::npos;
    }

    // Some days' rows of DeepSeek that no configured series lists run 1.2 to 2 times as fast as its
    // rows of the same label, with a longer first wait: drafting was on, though no label says so.
    void markDrafts()
    {
        for (std::size_t i = 0; i < m_table.points.size(); ++i) {
            ServingPoint &p = m_table.points[i];
            const bool day =
                (p.engine == "trtllm" &&
                 (p.date == "2026-01-14" || p.date == "2026-02-05" || p.date == "2026-02-06")) ||
                (p.engine == "sglang" && p.date == "2026-03-25");
            if (day && p.id.rfind("2026_", 0) == 0 && p.model == "deepseek-r1" &&
                !m_configured.count(i))
                p.loop.draftTokens = true;
        }
    }

    const std::vector<ModelSpec> &m_models;
    const std::vector<DeviceSpec> &m_devices;
    std::map<std::string, std::size_t> m_column;
    std::map<std::string, std::vector<std::size_t>> m_same;
    std::set<std::size_t> m_configured; // points that a configured series lists too
    ServingTable m_table;
};

} // namespace

std::string familyOf(const ModelSpec &model)
{
    const LayerSpec &layer = model.layers.back();
    const bool mixed =
        std::any_of(model.layers.begin(), model.layers.end(),
                    [](const LayerSpec &l) { return l.attention.kind == AttentionKind::Linear; });
    if (mixed)
        return "linear";
    if (layer.attention.kind == AttentionKind::Latent)
        return "latent";
    return layer.ffn.experts > 0 ? "experts" : "dense";
}

std::string modeOf(const Layout &layout)
{
    if (layout.dataAttention > 1)
        return layout.expert > 1 ? "dp+ep" : "dp";
    return layout.expert > 1 ? "tp+ep" : "tp";
}

std::string precisionOf(DType weights, const std::string &family)
{
    return std::string(dtypeName(weights)) + (family == "dense" ? "" : "-experts");
}

std::string ServingPoint::mode() const
{
    return modeOf(layout);
}

std::string ServingPoint::precision() const
{
    return precisionOf(weights, family);
}

std::string ServingPoint::curve() const
{
    const std::string shape = model == "deepseek-r1" ? "deepseek-v3" : model;
    return shape + "|" + device + "|" + engine + "|" + precision() + "|" +
           std::to_string(layout.devices()) + "|" + mode() + "|" +
           std::to_string(int(loop.inputTokens)) + "|" + std::to_string(int(loop.outputTokens));
}

Result<ServingTable> parseServingTable(std::string_view csv, const std::string &where,
                                       const std::vector<ModelSpec> &models,
                                       const std::vector<DeviceSpec> &devices)
{
    return TableReader(models, devices).read(csv, where);
}

} // namespace engine
