// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "engine/spec/embedded_file.h"

namespace engine {

// The files of resources/devices as compiled in.
std::span<const EmbeddedFile> embeddedDeviceFiles();

} // namespace engine
