// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/plan/economics.h"
#include "engine/predict/constants.h"
#include "engine/predict/predictor.h"
#include "engine/simulate/summary.h"

namespace engine {

// What a fleet has to do, and what may be rented for it.
struct PlanRequest
{
    ModelSpec model;
    double promptTokens = 1024; // mean
    double outputTokens = 256;  // mean
    LatencyLimits limits;       // on the means
    double tokensPerDay = 0;    // prompts and answers; 0 = what one replica makes
    double load = 0.7;          // of a replica's full throughput that the fleet is sized for
    std::vector<DType> dtypes{DType::Fp8, DType::Bf16};
    std::optional<DType> kvDType; // absent: bf16
    std::int64_t mostBatch = 1024;
    std::optional<TokenPrices> listPrices; // for the margin

    friend bool operator==(const PlanRequest &, const PlanRequest &) = default;
};

// One way to do it: the largest batch of a replica that meets the limits.
struct PlanOption
{
    DeviceSpec device;
    Deployment deployment;
    int devicesPerReplica = 1;
    std::int64_t batch = 1;
    Seconds ttft;                 // mean at the planned load
    Seconds tpot;                 // mean, at most
    double requestsPerSecond = 0; // of a replica at the planned load
    ServedRates rates;            // of a replica at the planned load
    std::int64_t replicas = 1;
    std::int64_t devices = 1;
    MicroUsd usdPerHour = 0; // of the fleet
    MicroUsd usdPerDay = 0;
    ServedCost cost; // at the planned load
    std::optional<ServedEnergy> energy;
    std::optional<double> margin; // at the list prices

    friend bool operator==(const PlanOption &, const PlanOption &) = default;
};

// Why a device gave no option.
struct PlanRefusal
{
    std::string deviceId;
    std::string reason; // one sentence

    friend bool operator==(const PlanRefusal &, const PlanRefusal &) = default;
};

struct Plan
{
    std::vector<PlanOption> options; // the cheapest first: by the fleet's day, else by total cost
    std::vector<PlanRefusal> refusals;
    std::int64_t considered = 0; // combinations of device and type
};

// Searches devices, types and batches; a replica is one device, which is all that the performance
// model knows. The best batch of each combination is kept.
// BadInput for figures that make no sense; a plan without options says in its refusals why.
Result<Plan> makePlan(const PlanRequest &request, std::span<const DeviceSpec> devices,
                      const EstimateConstants &constants);

// An option under simulated load: Poisson arrivals at the planned rate, log-normal lengths of
// variation 0.5, `requests` requests to one replica.
Result<ServingSummary> simulateOption(const PlanRequest &request, const PlanOption &option,
                                      const EstimateConstants &constants, std::int64_t requests,
                                      std::uint64_t seed);

} // namespace engine
