// SPDX-License-Identifier: Apache-2.0
// The stand-in's side of engine/infer/cuda/runtime.h and library_products.h: the device's memory is
// the host's, streams run at once, a graph is the list of what was recorded.
#include "engine/infer/cuda/runtime.h"
#include "engine/infer/cuda/library_products.h"

#include <chrono>
#include <cstring>
#include <new>
#include <vector>

#include "tests/engine/simt/machine.h"
#include "tests/engine/simt/recording.h"

namespace engine::cuda {
namespace {

constexpr std::align_val_t kAlign{256};
constexpr std::int64_t kMemoryBytes = std::int64_t{1} << 33;
std::int64_t takenBytes = 0;

using Work = std::vector<std::function<void()>>;
using Clock = std::chrono::steady_clock;

} // namespace

std::unique_ptr<LibraryProducts> openLibrary()
{
    return nullptr; // everything runs on the own kernels
}

Result<DeviceFacts> deviceFacts(int index)
{
    if (index != 0)
        return fail(ErrorKind::NotFound, "There is no such device.");
    return DeviceFacts{.name = "stand-in",
                       .capability = 90,
                       .multiprocessors = 2,
                       .memoryBytes = kMemoryBytes,
                       .freeBytes = kMemoryBytes - takenBytes};
}

Result<void> useDevice(int)
{
    return {};
}

DeviceBuffer::~DeviceBuffer()
{
    if (!m_data)
        return;
    simt::removeDeviceMemory(m_data);
    takenBytes -= m_bytes;
    ::operator delete(m_data, kAlign);
}

Result<DeviceBuffer> DeviceBuffer::allocate(std::int64_t bytes, bool streams)
{
    DeviceBuffer buffer;
    if (bytes == 0)
        return buffer;
    if (bytes > kMemoryBytes - takenBytes)
        return fail(ErrorKind::DoesNotFit, "The stand-in has no memory for this.");
    buffer.m_data = ::operator new(std::size_t(bytes), kAlign);
    std::memset(buffer.m_data, 0xff, std::size_t(bytes)); // NaN in every float format
    buffer.m_bytes = bytes;
    takenBytes += bytes;
    simt::addDeviceMemory(buffer.m_data, std::size_t(bytes));
    if (streams)
        simt::markStreaming(buffer.m_data);
    return buffer;
}

PinnedBuffer::~PinnedBuffer()
{
    ::operator delete(m_data);
}

Result<PinnedBuffer> PinnedBuffer::allocate(std::int64_t bytes)
{
    PinnedBuffer buffer;
    if (bytes > 0)
        buffer.m_data = ::operator new(std::size_t(bytes));
    buffer.m_bytes = bytes;
    return buffer;
}

Stream::~Stream() = default;

Result<Stream> Stream::create()
{
    return Stream();
}

void Stream::toDevice(void *to, const void *from, std::int64_t bytes) const
{
    onDevice(to, from, bytes);
}

void Stream::toDevice(void *to, std::int64_t toStride, const void *from, std::int64_t fromStride,
                      std::int64_t width, std::int64_t count) const
{
    for (std::int64_t i = 0; i < count; ++i)
        onDevice(static_cast<char *>(to) + i * toStride,
                 static_cast<const char *>(from) + i * fromStride, width);
}

void Stream::toHost(void *to, const void *from, std::int64_t bytes) const
{
    onDevice(to, from, bytes);
}

void Stream::onDevice(void *to, const void *from, std::int64_t bytes) const
{
    if (bytes > 0)
        simt::runOrRecord([=] { std::memcpy(to, from, std::size_t(bytes)); });
}

void Stream::fill(void *to, int byte, std::int64_t bytes) const
{
    if (bytes > 0)
        simt::runOrRecord([=] { std::memset(to, byte, std::size_t(bytes)); });
}

Result<void> Stream::wait() const
{
    return {};
}

Graph::~Graph()
{
    delete static_cast<Work *>(m_graph);
}

Result<Graph> Graph::record(const Stream &, const std::function<void()> &work)
{
    simt::beginRecording();
    work();
    Graph graph;
    graph.m_graph = new Work(simt::endRecording());
    return graph;
}

void Graph::launch(const Stream &) const
{
    for (const std::function<void()> &one : *static_cast<Work *>(m_graph))
        one();
}

Stopwatch::~Stopwatch()
{
    delete static_cast<Clock::time_point *>(m_start);
    delete static_cast<Clock::time_point *>(m_stop);
}

Result<Stopwatch> Stopwatch::create()
{
    Stopwatch watch;
    watch.m_start = new Clock::time_point;
    watch.m_stop = new Clock::time_point;
    return watch;
}

void Stopwatch::start(const Stream &) const
{
    *static_cast<Clock::time_point *>(m_start) = Clock::now();
}

void Stopwatch::stop(const Stream &) const
{
    *static_cast<Clock::time_point *>(m_stop) = Clock::now();
}

double Stopwatch::milliseconds() const
{
    const auto time =
        *static_cast<Clock::time_point *>(m_stop) - *static_cast<Clock::time_point *>(m_start);
    return std::chrono::duration<double, std::milli>(time).count();
}

} // namespace engine::cuda
