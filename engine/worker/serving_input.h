// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/predict/serving/serving_fit.h"
#include "engine/spec/result.h"

namespace engine {

// A table of measured points with the shapes and devices that it names.
struct ServingInput
{
    ServingTable table;
    std::vector<ServingCase> cases;
};
Result<ServingInput> readServingInput(const std::string &path, const std::string &resources);

// Rows that are not used, by reason, one line each.
std::string unusedText(const ServingTable &table);

} // namespace engine
