// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cuda/runtime.h"

namespace engine::cuda {
namespace {

cudaError_t launchError = cudaSuccess; // the first since the last look; one thread drives a device
bool dependentLaunch = false;

tl::unexpected<Error> failed(cudaError_t error, const std::string &what)
{
    cudaGetLastError(); // clears it
    return fail(ErrorKind::DeviceFailed, "The GPU failed while " + what + ".",
                cudaGetErrorString(error));
}

std::string noDeviceReason(cudaError_t error)
{
    int driver = 0;
    switch (error) {
    case cudaErrorInsufficientDriver:
        if (cudaDriverGetVersion(&driver) == cudaSuccess && driver > 0)
            return "the NVIDIA driver knows CUDA " + std::to_string(driver / 1000) + "." +
                   std::to_string(driver % 1000 / 10) + " only and the engine needs " +
                   std::to_string(CUDART_VERSION / 1000) + ".0; update the driver";
        return "there is no NVIDIA driver (libcuda.so.1); install one, or run without a GPU";
    case cudaErrorNoDevice:
        return "the NVIDIA driver sees no GPU";
    case cudaErrorMemoryAllocation:
        return "the GPU has no memory left for a program; end what else runs on it";
    case cudaErrorDevicesUnavailable:
        return "the GPU is taken by another program or its compute mode forbids this one";
    case cudaErrorInvalidDevice:
        return "there is no GPU of that number";
    default:
        return std::string("the driver says: ") + cudaGetErrorString(error);
    }
}

} // namespace

cudaError_t takeLaunchError()
{
    return std::exchange(launchError, cudaSuccess);
}

void noteLaunchError(cudaError_t error)
{
    if (launchError == cudaSuccess)
        launchError = error;
}

bool hasDependentLaunch()
{
    return dependentLaunch;
}

Result<DeviceFacts> deviceFacts(int index)
{
    const auto refused = [](cudaError_t error) {
        cudaGetLastError();
        return fail(ErrorKind::DeviceFailed, "No GPU can be used: " + noDeviceReason(error) + ".",
                    cudaGetErrorString(error));
    };
    int count = 0;
    if (const cudaError_t error = cudaGetDeviceCount(&count); error != cudaSuccess)
        return refused(error);
    if (index < 0 || index >= count)
        return fail(ErrorKind::NotFound, "There is no GPU cuda:" + std::to_string(index) +
                                             "; this machine has " + std::to_string(count) +
                                             ", numbered from 0.");
    cudaDeviceProp properties{};
    if (const cudaError_t error = cudaGetDeviceProperties(&properties, index); error != cudaSuccess)
        return refused(error);
    int mode = 0; // not a field of the properties from CUDA 13 on
    cudaDeviceGetAttribute(&mode, cudaDevAttrComputeMode, index);
    if (mode == cudaComputeModeProhibited)
        return refused(cudaErrorDevicesUnavailable);
    DeviceFacts facts;
    facts.index = index;
    facts.name = properties.name;
    facts.capability = properties.major * 10 + properties.minor;
    facts.multiprocessors = properties.multiProcessorCount;
    facts.memoryBytes = std::int64_t(properties.totalGlobalMem);
    if (facts.capability < 80)
        return fail(ErrorKind::Unsupported, facts.name + " is of compute capability " +
                                                std::to_string(properties.major) + "." +
                                                std::to_string(properties.minor) +
                                                "; the engine runs on 8.0 and later.");
    std::size_t free = 0;
    std::size_t total = 0;
    if (const cudaError_t error = cudaSetDevice(index); error != cudaSuccess)
        return refused(error);
    if (const cudaError_t error = cudaMemGetInfo(&free, &total); error != cudaSuccess)
        return refused(error);
    facts.freeBytes = std::int64_t(free);
    return facts;
}

Result<void> useDevice(int index)
{
    if (const cudaError_t error = cudaSetDevice(index); error != cudaSuccess)
        return failed(error, "being opened");
    int major = 0;
    cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, index);
    dependentLaunch = major >= 9;
    return {};
}

DeviceBuffer::~DeviceBuffer()
{
    if (m_data)
        cudaFree(m_data);
}

Result<DeviceBuffer> DeviceBuffer::allocate(std::int64_t bytes, bool)
{
    DeviceBuffer buffer;
    if (bytes == 0)
        return buffer;
    if (const cudaError_t error = cudaMalloc(&buffer.m_data, std::size_t(bytes));
        error != cudaSuccess) {
        buffer.m_data = nullptr;
        cudaGetLastError();
        std::size_t free = 0;
        std::size_t total = 0;
        cudaMemGetInfo(&free, &total);
        return fail(ErrorKind::DoesNotFit,
                    "The GPU has " + std::to_string(free >> 20) + " MiB free, too little for " +
                        std::to_string(bytes >> 20) +
                        " MiB more; take a smaller type, batch or context.",
                    cudaGetErrorString(error));
    }
    buffer.m_bytes = bytes;
    return buffer;
}

PinnedBuffer::~PinnedBuffer()
{
    if (m_data)
        cudaFreeHost(m_data);
}

Result<PinnedBuffer> PinnedBuffer::allocate(std::int64_t bytes)
{
    PinnedBuffer buffer;
    if (bytes == 0)
        return buffer;
    if (const cudaError_t error = cudaMallocHost(&buffer.m_data, std::size_t(bytes));
        error != cudaSuccess) {
        buffer.m_data = nullptr;
        cudaGetLastError();
        return fail(ErrorKind::DoesNotFit,
                    "The system could not pin " + std::to_string(bytes) + " bytes of memory.",
                    cudaGetErrorString(error));
    }
    buffer.m_bytes = bytes;
    return buffer;
}

Stream::~Stream()
{
    if (m_stream)
        cudaStreamDestroy(m_stream);
}

Result<Stream> Stream::create()
{
    Stream stream;
    if (const cudaError_t error =
            cudaStreamCreateWithFlags(&stream.m_stream, cudaStreamNonBlocking);
        error != cudaSuccess)
        return failed(error, "making a stream");
    return stream;
}

void Stream::toDevice(void *to, const void *from, std::int64_t bytes) const
{
    noteLaunchError(
        cudaMemcpyAsync(to, from, std::size_t(bytes), cudaMemcpyHostToDevice, m_stream));
}

void Stream::toDevice(void *to, std::int64_t toStride, const void *from, std::int64_t fromStride,
                      std::int64_t width, std::int64_t count) const
{
    noteLaunchError(cudaMemcpy2DAsync(to, std::size_t(toStride), from, std::size_t(fromStride),
                                      std::size_t(width), std::size_t(count),
                                      cudaMemcpyHostToDevice, m_stream));
}

void Stream::toHost(void *to, const void *from, std::int64_t bytes) const
{
    noteLaunchError(
        cudaMemcpyAsync(to, from, std::size_t(bytes), cudaMemcpyDeviceToHost, m_stream));
}

void Stream::onDevice(void *to, const void *from, std::int64_t bytes) const
{
    noteLaunchError(
        cudaMemcpyAsync(to, from, std::size_t(bytes), cudaMemcpyDeviceToDevice, m_stream));
}

void Stream::fill(void *to, int byte, std::int64_t bytes) const
{
    if (bytes > 0)
        noteLaunchError(cudaMemsetAsync(to, byte, std::size_t(bytes), m_stream));
}

Result<void> Stream::wait() const
{
    if (const cudaError_t error = takeLaunchError(); error != cudaSuccess)
        return failed(error, "being given work");
    if (const cudaError_t error = cudaStreamSynchronize(m_stream); error != cudaSuccess)
        return failed(error, "working");
    return {};
}

Graph::~Graph()
{
    if (m_graph)
        cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(m_graph));
}

Result<Graph> Graph::record(const Stream &stream, const std::function<void()> &work)
{
    if (const cudaError_t error =
            cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal);
        error != cudaSuccess)
        return failed(error, "recording a step");
    work();
    cudaGraph_t recorded = nullptr;
    cudaError_t error = cudaStreamEndCapture(stream.get(), &recorded);
    if (const cudaError_t launched = takeLaunchError(); launched != cudaSuccess)
        error = launched;
    cudaGraphExec_t executable = nullptr;
    if (error == cudaSuccess)
        error = cudaGraphInstantiate(&executable, recorded, 0);
    if (recorded)
        cudaGraphDestroy(recorded);
    if (error != cudaSuccess)
        return failed(error, "recording a step");
    Graph graph;
    graph.m_graph = executable;
    return graph;
}

void Graph::launch(const Stream &stream) const
{
    noteLaunchError(cudaGraphLaunch(static_cast<cudaGraphExec_t>(m_graph), stream.get()));
}

Stopwatch::~Stopwatch()
{
    if (m_start)
        cudaEventDestroy(static_cast<cudaEvent_t>(m_start));
    if (m_stop)
        cudaEventDestroy(static_cast<cudaEvent_t>(m_stop));
}

Result<Stopwatch> Stopwatch::create()
{
    Stopwatch watch;
    cudaEvent_t start = nullptr;
    cudaEvent_t stop = nullptr;
    cudaError_t error = cudaEventCreate(&start);
    watch.m_start = start;
    if (error == cudaSuccess)
        error = cudaEventCreate(&stop);
    watch.m_stop = stop;
    if (error != cudaSuccess)
        return failed(error, "making an event");
    return watch;
}

void Stopwatch::start(const Stream &stream) const
{
    noteLaunchError(cudaEventRecord(static_cast<cudaEvent_t>(m_start), stream.get()));
}

void Stopwatch::stop(const Stream &stream) const
{
    noteLaunchError(cudaEventRecord(static_cast<cudaEvent_t>(m_stop), stream.get()));
}

double Stopwatch::milliseconds() const
{
    float time = 0;
    noteLaunchError(cudaEventElapsedTime(&time, static_cast<cudaEvent_t>(m_start),
                                         static_cast<cudaEvent_t>(m_stop)));
    return double(time);
}

} // namespace engine::cuda
