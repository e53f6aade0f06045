// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include "engine/spec/result.h"

namespace engine::cpu {

// Zeroed memory aligned to 2 MiB, in huge pages where the system gives them. Pages are taken from
// the system when first written.
class HugeBuffer
{
public:
    HugeBuffer() = default;
    // DoesNotFit when the system refuses; zero bytes give an empty buffer.
    static Result<HugeBuffer> allocate(std::int64_t bytes);

    HugeBuffer(HugeBuffer &&other) noexcept { swap(other); }
    HugeBuffer &operator=(HugeBuffer &&other) noexcept
    {
        swap(other);
        return *this;
    }
    HugeBuffer(const HugeBuffer &) = delete;
    HugeBuffer &operator=(const HugeBuffer &) = delete;
    ~HugeBuffer();

    void *data() { return m_data; }
    const void *data() const { return m_data; }
    std::int64_t bytes() const { return m_bytes; }

private:
    void swap(HugeBuffer &other)
    {
        std::swap(m_data, other.m_data);
        std::swap(m_bytes, other.m_bytes);
        std::swap(m_mapped, other.m_mapped);
        std::swap(m_mappedBytes, other.m_mappedBytes);
    }

    void *m_data = nullptr;
    std::int64_t m_bytes = 0;
    void *m_mapped = nullptr;
    std::int64_t m_mappedBytes = 0;
};

} // namespace engine::cpu
