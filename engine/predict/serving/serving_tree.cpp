// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/serving/serving_tree.h"

#include <cmath>

namespace engine {
namespace {

std::string generationOf(const std::string &device)
{
    const bool hopper = device.rfind("h", 0) == 0;
    const bool blackwell = device.rfind("b", 0) == 0 || device.rfind("gb", 0) == 0;
    return hopper ? "hopper" : blackwell ? "blackwell" : device;
}

std::string modeWord(const ServingKey &key)
{
    return key.mode.substr(0, key.mode.find_first_of("0123456789"));
}

} // namespace

std::vector<std::pair<std::string, double>> groupsOf(const ServingKey &key)
{
    const std::string generation = generationOf(key.device);
    const std::string mode = modeWord(key);
    return {
        {"all", 1},
        {"engine " + key.engine, 0.5},
        {"generation " + key.engine + ", " + generation, 0.35},
        {"device " + key.device, 0.25},
        {"device " + key.engine + ", " + key.device, 0.3},
        {"family " + key.family, 0.4},
        {"family " + key.engine + ", " + key.family, 0.35},
        {"precision " + key.engine + ", " + key.precision, 0.4},
        {"precision " + key.device + ", " + key.precision, 0.3},
        {"mode " + key.engine + ", " + mode, 0.35},
        {"model " + key.model, 0.3},
        {"model " + key.engine + ", " + key.model, 0.35},
        {"deployment " + key.engine + ", " + key.device + ", " + key.model + ", " + key.precision,
         0.4},
        {"version " + key.engine + ", " + key.version, 0.25},
        {"version " + key.engine + ", " + key.version + ", " + key.date + ", " + key.device + ", " +
             key.model + ", " + key.precision,
         0.3},
        {"layout " + key.engine + ", " + key.device + ", " + key.model + ", " + key.precision +
             ", " + key.mode,
         0.3},
    };
}

PhysicalVector ServingTree::resolve(const ServingKey &key) const
{
    PhysicalVector logs;
    for (std::size_t c = 0; c < kPhysicalCount; ++c)
        logs[c] = std::log(physicalBeliefs()[c].median);
    for (const auto &[name, level] : groupsOf(key)) {
        const auto found = shifts.find(name);
        for (std::size_t c = 0; found != shifts.end() && c < kPhysicalCount; ++c)
            logs[c] += found->second[c];
    }
    PhysicalVector values;
    for (std::size_t c = 0; c < kPhysicalCount; ++c)
        values[c] = std::exp(logs[c]);
    return values;
}

std::string_view tierName(Tier tier)
{
    switch (tier) {
    case Tier::Known:
        return "known";
    case Tier::NewModel:
        return "new_model";
    case Tier::NewDevice:
        return "new_device";
    }
    return "";
}

Tier tierOf(const ServingTree &tree, const ServingKey &key)
{
    const auto has = [&tree](const std::string &group) { return tree.shifts.count(group) > 0; };
    if (!has("device " + key.device))
        return Tier::NewDevice;
    if (!has("deployment " + key.engine + ", " + key.device + ", " + key.model + ", " +
             key.precision))
        return Tier::NewModel;
    return Tier::Known;
}

std::vector<std::string> bandNames(Tier tier, ServingFigure figure, const ServingKey &key,
                                   double users)
{
    const std::string whole =
        std::string(tierName(tier)) + (figure == ServingFigure::Tpot ? " tpot" : " ttft");
    const std::string crowd = users > 64 ? ", over 64 users" : ", to 64 users";
    const std::string engine = whole + ", " + key.engine;
    return {engine + ", " + modeWord(key) + crowd, engine + crowd, engine, whole};
}

LogBand ServingBands::of(Tier tier, ServingFigure figure, const ServingKey &key, double users) const
{
    for (const std::string &name : bandNames(tier, figure, key, users)) {
        if (const auto found = bands.find(name); found != bands.end())
            return found->second;
    }
    return {};
}

} // namespace engine
