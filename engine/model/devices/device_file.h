// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/spec/device_spec.h"
#include "engine/spec/result.h"

namespace engine {

// A device file: one JSON object, as docs/device-file.md describes it; `where` names the text in
// messages. BadInput with the key when it is malformed, a figure is out of any plausible range, or
// a needed one is missing.
Result<DeviceSpec> parseDeviceFile(std::string_view json, const std::string &where);

// The same from disk; a file over 1 MiB is refused unread.
Result<DeviceSpec> readDeviceFile(const std::string &path);

// The known devices in order of name, the CPU not among them. `resources` is the folder of
// --resources, whose devices/*.json stand in for those compiled in; "" or a folder without devices/
// takes the latter.
Result<std::vector<DeviceSpec>> devicePresets(const std::string &resources = {});

// What --device means to an estimate: a preset's id ("h100-sxm"), "cpu" for this machine, or the
// path of a device file. NotFound with the ids that there are.
Result<DeviceSpec> findDevice(const std::string &idOrPath, const std::string &resources = {});

} // namespace engine
