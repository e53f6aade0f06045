// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/predict/layout.h"
#include "engine/predict/serving/closed_loop.h"
#include "engine/spec/device_spec.h"
#include "engine/spec/model_spec.h"
#include "engine/spec/result.h"

namespace engine {

// One row of a table of public measurements that the estimate can be held against.
struct ServingPoint
{
    std::size_t line = 0; // of the file
    std::string id;       // what the row calls itself
    std::string date;
    std::string model;  // preset
    std::string family; // dense, grouped experts, latent experts, linear hybrid
    std::string device; // preset
    std::string engine; // "vllm"
    std::string version;
    DType weights = DType::Bf16;
    DType cache = DType::Bf16;
    Layout layout;
    ClosedLoop loop;
    std::optional<double> ttftMs; // mean
    std::optional<double> tpotMs;
    std::optional<double> outputTps; // of all devices, at the most that they do

    std::string curve() const; // rows of one curve differ in users alone
    std::string mode() const;  // "tp", "tp+ep", "dp+ep"
    std::string precision() const;
};

// "dense", "experts", "latent" or "linear": what a shape shares with others.
std::string familyOf(const ModelSpec &model);
// "tp", "tp+ep", "dp", "dp+ep".
std::string modeOf(const Layout &layout);
// A number format and whether experts are in it: "fp8", "fp4-experts".
std::string precisionOf(DType weights, const std::string &family);

struct ServingTable
{
    std::vector<ServingPoint> points;
    std::map<std::string, std::vector<std::size_t>> unused; // reason: lines
    std::size_t rows = 0;
};

// Reads a CSV with the columns source, date, model, hw, n_gpu, engine, precision, parallelism, isl,
// osl, concurrency_or_batch, ttft_ms, tpot_ms, tok_s_total and note, in any order. Rows that cannot
// be held against the estimate are counted by reason. BadInput when the text is no such table.
Result<ServingTable> parseServingTable(std::string_view csv, const std::string &where,
                                       const std::vector<ModelSpec> &models,
                                       const std::vector<DeviceSpec> &devices);

// Sequences of the loop's mean length that the replica's memory holds:
// (92 % of the memory less weights less 4 GB) over the cache of a sequence, each by device.
double mostSequences(const ModelSpec &model, const DeviceSpec &device, const StepTypes &types,
                     const Layout &layout, double positions);

// Bytes of weights on one device of the replica.
Bytes weightBytesPerDevice(const ModelSpec &model, const StepTypes &types, const Layout &layout);
// Cache bytes of one sequence on one of the devices that hold it. Latent rows are kept whole by
// every device of tensor parallelism.
Bytes cacheBytesPerDevice(const ModelSpec &model, const StepTypes &types, const Layout &layout,
                          double positions);

} // namespace engine
