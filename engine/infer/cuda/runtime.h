// SPDX-License-Identifier: Apache-2.0
#pragma once

// Memory, streams and graphs of one device, for the decoder's host code. runtime.cu is the CUDA
// side; the stand-in that runs kernels on the CPU has its own.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "engine/infer/cuda/device.h"
#include "engine/spec/result.h"

namespace engine::cuda {

struct DeviceFacts
{
    int index = 0;
    std::string name;
    int capability = 0; // 90 for sm_90
    int multiprocessors = 1;
    std::int64_t memoryBytes = 0;
    std::int64_t freeBytes = 0;
};

// What the device is and has free now. DeviceFailed, with the reason, when there is none to use.
Result<DeviceFacts> deviceFacts(int index);

// Makes the device the calling thread's own.
Result<void> useDevice(int index);

// Memory of the current device, aligned to 256 bytes.
class DeviceBuffer
{
public:
    DeviceBuffer() = default;
    DeviceBuffer(DeviceBuffer &&other) noexcept { swap(other); }
    DeviceBuffer &operator=(DeviceBuffer &&other) noexcept
    {
        swap(other);
        return *this;
    }
    ~DeviceBuffer();

    // DoesNotFit when the device has not so much. `streams` marks what is read once a step (weights
    // and caches), for the stand-in's count of bytes. Contents are not defined.
    static Result<DeviceBuffer> allocate(std::int64_t bytes, bool streams = false);

    void *data() const { return m_data; }
    template <class T>
    T *as() const
    {
        return static_cast<T *>(m_data);
    }
    std::int64_t bytes() const { return m_bytes; }

private:
    void swap(DeviceBuffer &other)
    {
        std::swap(m_data, other.m_data);
        std::swap(m_bytes, other.m_bytes);
    }
    void *m_data = nullptr;
    std::int64_t m_bytes = 0;
};

// Memory of the host that the device copies from and to without a detour.
class PinnedBuffer
{
public:
    PinnedBuffer() = default;
    PinnedBuffer(PinnedBuffer &&other) noexcept { swap(other); }
    PinnedBuffer &operator=(PinnedBuffer &&other) noexcept
    {
        swap(other);
        return *this;
    }
    ~PinnedBuffer();

    static Result<PinnedBuffer> allocate(std::int64_t bytes);
    void *data() const { return m_data; }
    template <class T>
    T *as() const
    {
        return static_cast<T *>(m_data);
    }
    std::int64_t bytes() const { return m_bytes; }

private:
    void swap(PinnedBuffer &other)
    {
        std::swap(m_data, other.m_data);
        std::swap(m_bytes, other.m_bytes);
    }
    void *m_data = nullptr;
    std::int64_t m_bytes = 0;
};

// Work in order. Errors of anything queued come out of wait().
class Stream
{
public:
    Stream() = default;
    Stream(Stream &&other) noexcept { std::swap(m_stream, other.m_stream); }
    Stream &operator=(Stream &&other) noexcept
    {
        std::swap(m_stream, other.m_stream);
        return *this;
    }
    ~Stream();

    static Result<Stream> create();
    cudaStream_t get() const { return m_stream; }

    void toDevice(void *to, const void *from, std::int64_t bytes) const;
    // `count` pieces of `width` bytes that lie `fromStride` and `toStride` bytes apart.
    void toDevice(void *to, std::int64_t toStride, const void *from, std::int64_t fromStride,
                  std::int64_t width, std::int64_t count) const;
    void toHost(void *to, const void *from, std::int64_t bytes) const;
    void onDevice(void *to, const void *from, std::int64_t bytes) const;
    void fill(void *to, int byte, std::int64_t bytes) const;
    Result<void> wait() const;

private:
    cudaStream_t m_stream = nullptr;
};

// A recorded list of launches and copies, started as one.
class Graph
{
public:
    Graph() = default;
    Graph(Graph &&other) noexcept { std::swap(m_graph, other.m_graph); }
    Graph &operator=(Graph &&other) noexcept
    {
        std::swap(m_graph, other.m_graph);
        return *this;
    }
    ~Graph();

    // Records what `work` puts on the stream; nothing of it runs.
    static Result<Graph> record(const Stream &stream, const std::function<void()> &work);
    explicit operator bool() const { return m_graph != nullptr; }
    void launch(const Stream &stream) const;

private:
    void *m_graph = nullptr;
};

// Two points in a stream's time, and the milliseconds between them (after wait()).
class Stopwatch
{
public:
    Stopwatch() = default;
    Stopwatch(Stopwatch &&other) noexcept { swap(other); }
    Stopwatch &operator=(Stopwatch &&other) noexcept
    {
        swap(other);
        return *this;
    }
    ~Stopwatch();

    static Result<Stopwatch> create();
    void start(const Stream &stream) const;
    void stop(const Stream &stream) const;
    double milliseconds() const;

private:
    void swap(Stopwatch &other)
    {
        std::swap(m_start, other.m_start);
        std::swap(m_stop, other.m_stop);
    }
    void *m_start = nullptr;
    void *m_stop = nullptr;
};

} // namespace engine::cuda
