// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/spec/model_spec.h"
#include "engine/spec/result.h"

namespace engine {

// The architectures that readModelConfig() knows, as config.json writes them.
std::vector<std::string> knownArchitectures();

// Reads a Hugging Face config.json; what the file leaves out has the default that transformers
// gives it for that architecture. `where` names the text in messages. BadInput says which field is
// wrong, Unsupported names an architecture or a feature that nothing here computes.
Result<ModelSpec> readModelConfig(std::string_view json, const std::string &where);

} // namespace engine
