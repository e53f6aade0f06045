// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/constants.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "engine/model/json_fields.h"
#include "engine/model/read_text_file.h"

namespace engine {
namespace {

using nlohmann::json;

constexpr const char *kSchema = "paretoscope-estimate/1";
constexpr std::size_t kMostBytes = 4 << 20;
constexpr double kLeastShift = 0.001; // a smaller one is not written
const json kNothing = json::object();

// Reads nested objects of one file and keeps the first complaint.
class ConstantsReader
{
public:
    ConstantsReader(const json &root, std::string where) : m_root(root), m_where(std::move(where))
    {
    }

    Result<EstimateConstants> read()
    {
        EstimateConstants constants;
        JsonFields fields(m_root, m_where);
        const std::string schema = fields.text("schema", "");
        if (schema != kSchema) {
            return fail(ErrorKind::Unsupported, m_where + " has the schema " + shown(schema) +
                                                    "; this version reads " + kSchema + ".");
        }
        constants.version = fields.text("version", "");
        const json &own = child(m_root, "own_engine");
        const json &types = child(m_root, "types");
        constants.gpu = engine(child(own, "gpu"), "own_engine, gpu", types);
        const json &cpu = child(own, "cpu");
        constants.cpu = engine(cpu, "own_engine, cpu", types);
        const json &share = child(cpu, "compute_share");
        constants.cpuMostCompute = number(share, "compute_share", "most", 0.01, 10);
        constants.cpuHalfAtFlopsPerByte =
            number(share, "compute_share", "half_at_flops_per_byte", 0.01, 1e5);
        constants.unmeasuredCeilingSpread =
            number(cpu, "own_engine, cpu", "unmeasured_ceiling_spread", 0, 10);
        keep(fields);
        ServingKnowledge known;
        if (m_root.contains("serving"))
            serving(child(m_root, "serving"), known);
        constants.serving = std::make_shared<const ServingKnowledge>(std::move(known));
        if (m_error)
            return tl::make_unexpected(*m_error);
        return constants;
    }

private:
    const json &child(const json &parent, const char *key)
    {
        const auto found = parent.find(key);
        if (found != parent.end() && found->is_object())
            return *found;
        complain(std::string("\"") + key + "\" must be an object.");
        return kNothing;
    }

    double number(const json &object, const std::string &part, const char *key, double low,
                  double high)
    {
        JsonFields fields(object, m_where + ", " + part);
        const double value = fields.number(key, low, high);
        keep(fields);
        return value;
    }

    EnginePrior engine(const json &object, const std::string &part, const json &types)
    {
        EnginePrior prior;
        prior.habits.paddingRows = number(object, part, "padding_rows", 0, 1e4);
        prior.habits.elementwise = number(types, "types", "elementwise", 0, 10);
        prior.habits.unpacking = number(types, "types", "unpacking", 0.01, 10);
        prior.habits.fp32OfBf16 = number(types, "types", "fp32_of_bf16", 0.01, 10);
        const json &shares = child(types, "of_bf16_share");
        for (DType type : kAllDTypes) {
            const std::string name(dtypeName(type));
            prior.habits.ofBf16Share[type] =
                number(shares, "of_bf16_share", name.c_str(), 0.01, 10);
        }
        prior.decode = phase(child(object, "decode"), part + ", decode");
        prior.prefill = phase(child(object, "prefill"), part + ", prefill");
        return prior;
    }

    PhasePrior phase(const json &object, const std::string &part)
    {
        PhasePrior prior;
        prior.structure = number(object, part, "structure", 0, 10);
        prior.overlap = number(object, part, "overlap", 1, 100);
        const json &constants = child(object, "constants");
        for (std::size_t i = 0; i < kConstantCount; ++i)
            prior.constants[i] = belief(constants, part, std::string(constantName(Constant(i))));
        return prior;
    }

    void serving(const json &object, ServingKnowledge &known)
    {
        JsonFields fields(object, m_where + ", serving");
        known.provenance = fields.text("provenance", "");
        keep(fields);
        for (const auto &group : child(object, "shifts").items()) {
            if (!group.value().is_object()) {
                complain("serving, shifts: " + group.key() + " must be an object.");
                return;
            }
            PhysicalVector shift{};
            JsonFields entries(group.value(), m_where + ", serving, " + group.key());
            for (std::size_t c = 0; c < kPhysicalCount; ++c)
                shift[c] =
                    entries.number(std::string(physicalBeliefs()[c].name).c_str(), -20, 20, 0);
            keep(entries);
            known.tree.shifts[group.key()] = shift;
        }
        for (const auto &band : child(object, "bands").items()) {
            const json &ends = band.value();
            if (!ends.is_array() || ends.size() != 2 || !ends[0].is_number() ||
                !ends[1].is_number() || ends[0] > ends[1]) {
                complain("serving, bands: " + band.key() + " must be [low, high] logarithms.");
                return;
            }
            known.bands.bands[band.key()] = {ends[0].get<double>(), ends[1].get<double>()};
        }
    }

    // [median, sd of the logarithm]
    Belief belief(const json &constants, const std::string &part, const std::string &key)
    {
        const auto found = constants.find(key);
        const bool pair = found != constants.end() && found->is_array() && found->size() == 2 &&
                          (*found)[0].is_number() && (*found)[1].is_number();
        if (pair) {
            const Belief read{(*found)[0].get<double>(), (*found)[1].get<double>()};
            if (read.median > 1e-9 && read.median < 1e3 && read.spread > 1e-3 && read.spread < 10)
                return read;
        }
        complain(part + ": " + key + " must be [median, spread] with both above 0.");
        return {};
    }

    void complain(const std::string &text)
    {
        if (!m_error)
            m_error = Error{ErrorKind::BadInput, m_where + ": " + text, {}};
    }
    void keep(const JsonFields &fields)
    {
        if (fields.failed() && !m_error)
            m_error = fields.error();
    }

    const json &m_root;
    const std::string m_where;
    std::optional<Error> m_error;
};

} // namespace

Result<EstimateConstants> parseEstimateConstants(std::string_view text, const std::string &where)
{
    const Result<json> object = parseJsonObject(text, where);
    if (!object)
        return tl::make_unexpected(object.error());
    return ConstantsReader(*object, where).read();
}

Result<std::string> withServing(std::string_view text, const std::string &where,
                                const ServingTree &tree, const ServingBands &bands,
                                const std::string &provenance)
{
    Result<json> object = parseJsonObject(text, where);
    if (!object)
        return tl::make_unexpected(object.error());
    const auto rounded = [](double value) { return std::round(value * 1e4) / 1e4; };
    json shifts = json::object();
    for (const auto &[group, shift] : tree.shifts) {
        json entry = json::object();
        for (std::size_t c = 0; c < kPhysicalCount; ++c) {
            if (std::abs(shift[c]) >= kLeastShift)
                entry[std::string(physicalBeliefs()[c].name)] = rounded(shift[c]);
        }
        shifts[group] = std::move(entry);
    }
    json ends = json::object();
    for (const auto &[name, band] : bands.bands)
        ends[name] = {rounded(band.low), rounded(band.high)};
    (*object)["serving"] = {{"provenance", provenance}, {"shifts", shifts}, {"bands", ends}};
    return object->dump(1) + "\n";
}

Result<EstimateConstants> loadEstimateConstants(const std::string &resources)
{
    const std::filesystem::path file =
        std::filesystem::path(resources) / "estimate" / "constants.json";
    std::error_code error;
    if (resources.empty() || !std::filesystem::exists(file, error))
        return shippedConstants();
    const Result<std::string> text = readTextFile(file.string(), kMostBytes);
    if (!text)
        return tl::make_unexpected(text.error());
    return parseEstimateConstants(*text, file.string());
}

const EstimateConstants &shippedConstants()
{
    static const EstimateConstants constants = [] {
        const EmbeddedFile &file = embeddedEstimateFiles().front();
        Result<EstimateConstants> read = parseEstimateConstants(file.content, "constants.json");
        if (!read)
            std::abort(); // compiled in, and a test reads it
        return std::move(*read);
    }();
    return constants;
}

} // namespace engine
