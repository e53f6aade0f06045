// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "engine/predict/deployment.h"
#include "engine/spec/device_spec.h"
#include "engine/spec/model_spec.h"
#include "engine/spec/units.h"
#include "engine/spec/workload.h"

namespace engine {

enum class Fit { Fits, OverMemory, OverContextLimit };

// Bytes that a workload takes of each device and whether they are there. KV is kept for context +
// output tokens of every sequence.
struct MemoryNeed
{
    Bytes weights;
    Bytes kv;
    Bytes workspace; // activations, logits, and what the runtime keeps for itself
    Bytes available; // the share of the device's memory that an engine can use
    Fit fit = Fit::Fits;

    Bytes needed() const { return weights + kv + workspace; }
    friend bool operator==(const MemoryNeed &, const MemoryNeed &) = default;
};
// Longest prefill step in tokens: the deployment's, else 512 on a CPU and 8192 on a GPU.
std::int64_t chunkTokensOf(const DeviceSpec &device, const Deployment &deployment);

MemoryNeed memoryNeed(const ModelSpec &model, const DeviceSpec &device,
                      const Deployment &deployment, const Workload &workload);

// The largest batch at the workload's lengths, and the longest context at its batch and output;
// 0 = not even one. The context respects the model's limit.
std::int64_t largestBatch(const ModelSpec &model, const DeviceSpec &device,
                          const Deployment &deployment, const Workload &workload);
std::int64_t longestContext(const ModelSpec &model, const DeviceSpec &device,
                            const Deployment &deployment, const Workload &workload);

// One sentence for a workload that does not fit: bytes needed and available, and the largest batch
// and context that would; empty when it fits.
std::string doesNotFitSentence(const ModelSpec &model, const DeviceSpec &device,
                               const Deployment &deployment, const Workload &workload);

} // namespace engine
