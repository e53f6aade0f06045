// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/model/model_config.h"
#include "engine/spec/work.h"

// Whatever the text, reading it ends in a model that can be counted or in one sentence.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    const engine::Result<engine::ModelSpec> model = engine::readModelConfig(text, "config.json");
    if (model ? engine::parameterCount(*model) <= 0 : model.error().message.empty())
        std::abort();
    return 0;
}
