// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/serving_input.h"

#include <cstdio>

#include "engine/model/devices/device_file.h"
#include "engine/model/read_text_file.h"
#include "engine/model/resolve_model.h"

namespace engine {
namespace {

constexpr std::size_t kMostBytes = 64 << 20;

} // namespace

Result<ServingInput> readServingInput(const std::string &path, const std::string &resources)
{
    const Result<std::string> text = readTextFile(path, kMostBytes);
    if (!text)
        return tl::make_unexpected(text.error());
    const Result<std::vector<ModelPreset>> presets = modelPresets(resources);
    if (!presets)
        return tl::make_unexpected(presets.error());
    std::vector<ModelSpec> models;
    for (const ModelPreset &preset : *presets)
        models.push_back(preset.spec);
    const Result<std::vector<DeviceSpec>> devices = devicePresets(resources);
    if (!devices)
        return tl::make_unexpected(devices.error());
    ServingInput input;
    Result<ServingTable> table = parseServingTable(*text, path, models, *devices);
    if (!table)
        return tl::make_unexpected(table.error());
    input.table = std::move(*table);
    Result<std::vector<ServingCase>> cases = casesOf(input.table, models, *devices);
    if (!cases)
        return tl::make_unexpected(cases.error());
    input.cases = std::move(*cases);
    if (input.cases.empty())
        return fail(ErrorKind::BadInput,
                    path + " has no row that can be used.\n" + unusedText(input.table));
    return input;
}

std::string unusedText(const ServingTable &table)
{
    std::string text;
    char line[200];
    for (const auto &[reason, lines] : table.unused) {
        std::snprintf(line, sizeof line, "  %5zu not used: %s (first in line %zu)\n", lines.size(),
                      reason.c_str(), lines.front());
        text += line;
    }
    return text;
}

} // namespace engine
