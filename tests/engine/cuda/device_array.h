// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "engine/infer/cuda/runtime.h"

namespace cudatest {

using namespace engine;
using namespace engine::cuda;

// The stream of all tests.
inline const Stream &stream()
{
    static const Stream one = [] {
        EXPECT_TRUE(useDevice(0));
        Result<Stream> made = Stream::create();
        EXPECT_TRUE(made) << made.error().message;
        return made ? std::move(*made) : Stream();
    }();
    return one;
}

// An array on the device of exactly the size asked for.
template <class T>
class DeviceArray
{
public:
    explicit DeviceArray(const std::vector<T> &values, bool streams = false)
        : DeviceArray(values.size(), streams)
    {
        stream().toDevice(m_buffer.data(), values.data(), std::int64_t(values.size() * sizeof(T)));
        EXPECT_TRUE(stream().wait());
    }
    // Filled with bytes 0xff: NaN in every float format.
    explicit DeviceArray(std::size_t count, bool streams = false) : m_count(count)
    {
        Result<DeviceBuffer> made =
            DeviceBuffer::allocate(std::int64_t(count * sizeof(T)), streams);
        EXPECT_TRUE(made) << made.error().message;
        if (made)
            m_buffer = std::move(*made);
        fill(0xff);
    }
    void fill(int byte) { stream().fill(m_buffer.data(), byte, std::int64_t(m_count * sizeof(T))); }
    T *data() const { return m_buffer.as<T>(); }
    std::vector<T> read() const
    {
        std::vector<T> values(m_count);
        EXPECT_TRUE(stream().wait());
        stream().toHost(values.data(), m_buffer.data(), std::int64_t(m_count * sizeof(T)));
        EXPECT_TRUE(stream().wait());
        return values;
    }

private:
    std::size_t m_count = 0;
    DeviceBuffer m_buffer;
};

} // namespace cudatest
