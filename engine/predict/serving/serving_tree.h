// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/predict/serving/step_constants.h"

namespace engine {

// What a deployment shares with others, from everything down to its own layout.
struct ServingKey
{
    std::string engine;
    std::string version;
    std::string date;
    std::string device;
    std::string family;
    std::string model;
    std::string precision;
    std::string mode;
};

// A level of the tree: which parts of a key a group shares, and how far its constants may move from
// those of the level above, as a part of each constant's spread.
std::vector<std::pair<std::string, double>> groupsOf(const ServingKey &key);

// Logarithms of the physical constants: start values plus one shift a group. A group that is not in
// the tree contributes nothing, so a new model or device takes what is known of its kind.
struct ServingTree
{
    std::map<std::string, PhysicalVector> shifts; // by group, logarithms

    PhysicalVector resolve(const ServingKey &key) const; // values

    friend bool operator==(const ServingTree &, const ServingTree &) = default;
};

// How much of what it is asked for the tree has seen: this very deployment, its kind on this
// device, or neither.
enum class Tier { Known, NewModel, NewDevice };
std::string_view tierName(Tier tier); // "known", "new_model", "new_device"
Tier tierOf(const ServingTree &tree, const ServingKey &key);

// Bounds of ln(measured / computed) that hold eight of ten, as found on points that were left out.
struct LogBand
{
    double low = -0.5;
    double high = 0.5;

    friend bool operator==(const LogBand &, const LogBand &) = default;
};
enum class ServingFigure { Tpot, Ttft };
struct ServingBands
{
    std::map<std::string, LogBand> bands; // by tier, figure and group

    // The narrowest group that the bands know; the whole tier's otherwise.
    LogBand of(Tier tier, ServingFigure figure, const ServingKey &key, double users) const;

    friend bool operator==(const ServingBands &, const ServingBands &) = default;
};
// What fits to public measurements know of serving engines.
struct ServingKnowledge
{
    ServingTree tree;
    ServingBands bands;
    std::string provenance;

    friend bool operator==(const ServingKnowledge &, const ServingKnowledge &) = default;
};

// Names under which a band may be kept, from the narrowest group to the whole tier.
std::vector<std::string> bandNames(Tier tier, ServingFigure figure, const ServingKey &key,
                                   double users);

} // namespace engine
