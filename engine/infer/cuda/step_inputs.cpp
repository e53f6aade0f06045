// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cuda/step_inputs.h"

#include <cstring>

namespace engine::cuda {

Result<StepInputs> StepInputs::create(std::int64_t maxSequences, std::int64_t maxRows,
                                      std::int64_t pagesEach)
{
    StepInputs inputs;
    std::int64_t bytes = 0;
    const auto lay = [&bytes]<class T>(Slot<T> &slot, std::int64_t count) {
        bytes = roundUp(bytes, 16);
        slot = {bytes, count};
        bytes += count * std::int64_t(sizeof(T));
    };
    lay(inputs.entries, maxSequences);
    lay(inputs.keys, maxSequences);
    lay(inputs.rows, maxRows);
    lay(inputs.tokens, maxRows);
    lay(inputs.tiles, maxRows); // a tile has a row at least
    lay(inputs.tables, maxSequences * pagesEach);
    Result<PinnedBuffer> host = PinnedBuffer::allocate(bytes);
    if (!host)
        return tl::make_unexpected(host.error());
    std::memset(host->data(), 0, std::size_t(bytes));
    Result<DeviceBuffer> device = DeviceBuffer::allocate(bytes);
    if (!device)
        return tl::make_unexpected(device.error());
    inputs.m_host = std::move(*host);
    inputs.m_device = std::move(*device);
    return inputs;
}

} // namespace engine::cuda
