// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "engine/spec/result.h"

namespace engine {

// The whole of a regular file of at most `maxBytes`; NotFound, Io or BadInput with the path.
Result<std::string> readTextFile(const std::string &path, std::size_t maxBytes);

} // namespace engine
