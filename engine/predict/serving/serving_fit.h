// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "engine/predict/deployment.h"
#include "engine/predict/serving/serving_point.h"
#include "engine/predict/serving/serving_tree.h"

namespace engine {

ServingKey keyOf(const ServingPoint &point);
ServingKey keyOf(const ModelSpec &model, const DeviceSpec &device, const Deployment &deployment);

// A point with the step model of its model, device and layout; the constants are replaced.
struct ServingCase
{
    ServingPoint point;
    StepModel step;
};
Result<std::vector<ServingCase>> casesOf(const ServingTable &table,
                                         const std::vector<ModelSpec> &models,
                                         const std::vector<DeviceSpec> &devices);

// Most probable tree: Gauss-Newton on logarithms of times with a ridge on every shift; long errors
// count by size, not by square. `start` (may be empty) is where it begins.
ServingTree fitServing(std::span<const ServingCase> cases, std::span<const std::size_t> used,
                       const ServingTree &start);

// Logarithm of measured over computed; absent where nothing was measured.
struct ServingError
{
    std::optional<double> tpot;
    std::optional<double> ttft;
};
ServingError errorOf(const ServingCase &which, const ServingTree &tree);

} // namespace engine
