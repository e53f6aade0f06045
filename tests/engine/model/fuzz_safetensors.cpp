// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "engine/model/safetensors.h"

// Whatever the bytes, what comes out lies inside the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const auto entries =
        engine::readSafetensorsHeader(std::as_bytes(std::span(data, size)), "model.safetensors");
    if (!entries) {
        if (entries.error().message.empty())
            std::abort();
        return 0;
    }
    for (const engine::TensorEntry &entry : *entries) {
        if (entry.begin > entry.end || entry.end > size)
            std::abort();
    }
    return 0;
}
