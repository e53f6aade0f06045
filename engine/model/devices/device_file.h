// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/spec/device_spec.h"
#include "engine/spec/embedded_file.h"
#include "engine/spec/result.h"

namespace engine {

// A device file: one JSON object, as docs/device-file.md describes it. BadInput with the key when
// it is malformed, a figure is out of any plausible range, or a needed one is missing.
Result<DeviceSpec> parseDeviceFile(std::string_view json, std::string_view fileName);

// The same from disk; files over 1 MiB are refused unread.
Result<DeviceSpec> readDeviceFile(const std::filesystem::path &file);

// resources/devices as compiled in.
std::span<const EmbeddedFile> deviceFiles();

// The shipped devices in order of name, the CPU not among them; parsed once, any thread.
const std::vector<DeviceSpec> &devicePresets();

// A preset by id ("h100-sxm"), "cpu" for this machine, or the path of a device file. NotFound with
// the ids that there are.
Result<DeviceSpec> findDevice(std::string_view idOrFile);

} // namespace engine
