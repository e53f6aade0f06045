// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/infer/cuda/kernels.h"
#include "engine/infer/cuda/runtime.h"

namespace engine::cuda {

// What the host tells the device about a step, side by side in pinned memory and its image on the
// device. What a decode step needs comes first, so that one short copy brings it.
class StepInputs
{
public:
    static Result<StepInputs> create(std::int64_t maxSequences, std::int64_t maxRows,
                                     std::int64_t pagesEach);

    template <class T>
    struct Slot
    {
        std::int64_t offset = 0;
        std::int64_t count = 0;
    };
    Slot<DecodeEntry> entries; // a decoded sequence
    Slot<SampleRow> keys;      // a sampled row
    Slot<int> rows;            // of the step: those that are sampled, then those with logits
    Slot<int> tokens;          // a row
    Slot<PromptTile> tiles;
    Slot<int> tables; // (sequences, pagesEach)

    template <class T>
    T *host(Slot<T> slot) const
    {
        return reinterpret_cast<T *>(m_host.as<char>() + slot.offset);
    }
    template <class T>
    T *device(Slot<T> slot) const
    {
        return reinterpret_cast<T *>(m_device.as<char>() + slot.offset);
    }
    // Brings all slots up to and with the first `count` of this one.
    template <class T>
    void sendThrough(Slot<T> slot, std::int64_t count, const Stream &stream) const
    {
        stream.toDevice(m_device.data(), m_host.data(),
                        slot.offset + count * std::int64_t(sizeof(T)));
    }
    template <class T>
    void send(Slot<T> slot, std::int64_t first, std::int64_t count, const Stream &stream) const
    {
        stream.toDevice(device(slot) + first, host(slot) + first, count * std::int64_t(sizeof(T)));
    }

private:
    PinnedBuffer m_host;
    DeviceBuffer m_device;
};

} // namespace engine::cuda
