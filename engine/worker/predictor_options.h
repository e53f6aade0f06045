// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/predict/predictor.h"
#include "engine/spec/result.h"

namespace CLI {
class App;
}

namespace engine {

// What a command needs to know to make a Predictor: --model, --device, --dtype, --kv-dtype,
// --gpus, --tp, --ep, --dp, --pp, --cp, --engine, --engine-version, --usd-per-hour, --utilisation,
// --points.
struct PredictorOptions
{
    std::string model = "qwen3-0.6b";
    std::string device = "cpu";
    std::string dtype = "bf16";
    std::string kvDType; // empty = bf16, or fp32 with fp32 weights
    int gpus = 0;        // of a replica; 0 = as many as the parallelism says
    Layout layout;
    std::string engine = "any"; // what serving engines have in common
    std::string engineVersion;
    std::string usdPerHour; // empty = the device's newest price
    double utilisation = 1;
    std::string pointsFile;
};

// `options` outlives the parsing.
void addPredictorOptions(CLI::App &command, PredictorOptions &options);

// BadInput with one sentence for a model, device, type, price or file that is none.
Result<Predictor> makePredictor(const PredictorOptions &options, const std::string &resources);

// A type by its name; `option` is named in the error.
Result<DType> readType(const std::string &name, const std::string &option);

// "2", "0.49", "12.345678": dollars to whole micro-dollars, without a detour over binary fractions.
Result<MicroUsd> readDollars(const std::string &text, const std::string &option);

} // namespace engine
