// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>

namespace engine {

// What makes a run reproducible: key of the environment block -> value; monostate is "unknown"
// and becomes JSON null, never zero.
using EnvironmentValue = std::variant<std::monostate, bool, std::int64_t, double, std::string>;
using Environment = std::map<std::string, EnvironmentValue>;

} // namespace engine
