// SPDX-License-Identifier: Apache-2.0
#include "engine/model/rope_config.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace engine {
namespace {

constexpr double kMinTheta = 1.001; // 1 would turn every pair alike
constexpr double kMaxTheta = 1e15;
constexpr double kMaxFactor = 1e6;
constexpr std::int64_t kMaxPositions = std::int64_t{1} << 31;

double ropeTheta(JsonFields &fields, JsonFields &scaling)
{
    constexpr double kDefault = 10000;
    if (scaling.has("rope_theta"))
        return scaling.number("rope_theta", kMinTheta, kMaxTheta);
    return fields.number("rope_theta", kMinTheta, kMaxTheta, kDefault);
}

// The factor on cos and sin; formula of the YaRN paper, and its variant with two scales.
double yarnMagnitude(JsonFields &scaling, double factor)
{
    if (scaling.has("attention_factor"))
        return scaling.number("attention_factor", 1e-3, 1e3);
    const auto magnitude = [factor](double scale) {
        return factor <= 1 ? 1.0 : 0.1 * scale * std::log(factor) + 1.0;
    };
    const double scale = scaling.number("mscale", 0, 1e3, 0);
    const double scaleAllDims = scaling.number("mscale_all_dim", 0, 1e3, 0);
    if (scale > 0 && scaleAllDims > 0)
        return magnitude(scale) / magnitude(scaleAllDims);
    return magnitude(1);
}

void readYarn(JsonFields &scaling, RopeConfig &result)
{
    RopeSpec &rope = result.rope;
    rope.kind = RopeSpec::Kind::Yarn;
    rope.originalMaxPositions =
        scaling.integer("original_max_position_embeddings", 1, kMaxPositions, result.maxPositions);
    // Without a factor the two lengths give it.
    rope.factor = scaling.number(
        "factor", 1, kMaxFactor,
        std::max(1.0, double(result.maxPositions) / double(rope.originalMaxPositions)));
    rope.magnitude = yarnMagnitude(scaling, rope.factor);
    rope.betaFast = scaling.number("beta_fast", 0, 1e6, 32);
    rope.betaSlow = scaling.number("beta_slow", 0, 1e6, 1);
    if (rope.betaFast == 0)
        rope.betaFast = 32;
    if (rope.betaSlow == 0)
        rope.betaSlow = 1;
    rope.truncate = scaling.boolean("truncate", true);
    result.maxPositions =
        std::max(result.maxPositions,
                 std::int64_t(std::min(double(kMaxPositions),
                                       rope.factor * double(rope.originalMaxPositions))));
}

void readLlama3(JsonFields &scaling, const std::string &where, RopeConfig &result)
{
    RopeSpec &rope = result.rope;
    rope.kind = RopeSpec::Kind::Llama3;
    rope.factor = scaling.number("factor", 1, kMaxFactor);
    rope.lowFrequencyFactor = scaling.number("low_freq_factor", 1e-6, kMaxFactor);
    rope.highFrequencyFactor = scaling.number("high_freq_factor", 1e-6, kMaxFactor);
    rope.originalMaxPositions =
        scaling.integer("original_max_position_embeddings", 1, kMaxPositions);
    if (rope.highFrequencyFactor <= rope.lowFrequencyFactor && !scaling.failed())
        scaling.complain(ErrorKind::BadInput,
                         where + ": \"high_freq_factor\" must be above \"low_freq_factor\".");
}

void readScaling(JsonFields &scaling, const std::string &where, RopeConfig &result)
{
    RopeSpec &rope = result.rope;
    const std::string kind = scaling.text("rope_type", scaling.text("type", "default"));
    if (kind == "default")
        return;
    if (kind == "linear") {
        rope.kind = RopeSpec::Kind::Linear;
        rope.factor = scaling.number("factor", 1, kMaxFactor);
        result.maxPositions = std::int64_t(
            std::min(double(kMaxPositions), rope.factor * double(result.maxPositions)));
    } else if (kind == "llama3") {
        readLlama3(scaling, where, result);
    } else if (kind == "yarn") {
        readYarn(scaling, result);
    } else {
        scaling.complain(ErrorKind::Unsupported,
                         where + ": rope type " + shown(kind) +
                             " is not supported; known are default, linear, llama3 and yarn.");
    }
    if (scaling.number("partial_rotary_factor", 0, 1, 1.0) != 1.0)
        scaling.complain(ErrorKind::Unsupported,
                         where + ": a partial rotary embedding is not supported.");
}

} // namespace

RopeConfig readRope(JsonFields &fields, std::int64_t maxPositions, const std::string &where)
{
    static const nlohmann::json kNothing = nlohmann::json::object();
    RopeConfig result;
    result.maxPositions = maxPositions;
    const char *key = fields.has("rope_parameters") ? "rope_parameters" : "rope_scaling";
    const nlohmann::json *given = fields.find(key);
    if (given && !given->is_object()) {
        fields.complain(ErrorKind::BadInput, where + ": \"" + key + "\" is " + shown(*given) +
                                                 "; it must be an object.");
        given = nullptr;
    }
    const std::string place = where + ", " + key;
    JsonFields scaling(given ? *given : kNothing, place);
    if (scaling.has("full_attention") || scaling.has("sliding_attention"))
        fields.complain(ErrorKind::Unsupported,
                        place + ": rotary settings for each kind of layer are not supported.");
    result.rope.theta = ropeTheta(fields, scaling);
    readScaling(scaling, place, result);
    if (fields.number("partial_rotary_factor", 0, 1, 1.0) != 1.0)
        fields.complain(ErrorKind::Unsupported,
                        where + ": a partial rotary embedding is not supported.");
    if (fields.boolean("rope_interleaved", false))
        fields.complain(ErrorKind::Unsupported,
                        where + ": \"rope_interleaved\" true is not supported.");
    if (scaling.failed())
        fields.complain(scaling.error().kind, scaling.error().message);
    return result;
}

} // namespace engine
