// SPDX-License-Identifier: Apache-2.0
#pragma once

// The stand-in's own face: what the language in simt.h is made of, and what tests ask of a run.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <source_location>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>

#include "tests/engine/simt/types.h"

using cudaStream_t = struct CUstream_st *; // NOLINT: CUDA's name

namespace simt {

using Where = std::source_location;

struct LaunchShape
{
    dim3 grid, block;
    std::size_t sharedBytes = 0; // dynamic
    cudaStream_t stream = nullptr;
    bool dependent = false; // may start before the previous kernel of the stream has ended
};

struct Builtin
{
    uint3 thread, block;
    dim3 blockSize, gridSize;
};
extern Builtin builtin; // of the running thread; refreshed at every switch

// What a kernel did that the hardware would not forgive: thrown out of launch().
struct Violation : std::runtime_error
{
    using runtime_error::runtime_error;
};

struct Statistics
{
    long launches = 0;
    long switches = 0;
    long ldmatrixConflicts = 0; // extra passes over the banks
    long sharedBytes = 0;       // the most that a block had
};
extern Statistics statistics;
extern std::uint64_t seed; // of the order in which threads and blocks run

// Global memory of one launch, race flavour only. Memory that streams (weights, cache) counts at
// every access, everything else by its 32-byte sectors once: it stays in the L2 cache.
struct Traffic
{
    long streamedBytes = 0;
    long otherBytes = 0;
    long totalBytes() const { return streamedBytes + otherBytes; }
};
extern Traffic traffic; // of the launches since it was last cleared

// Memory of the device. Once a range is known, a kernel that touches any other memory is stopped.
void addDeviceMemory(const void *begin, std::size_t bytes);
void markStreaming(const void *begin); // of a known range
void removeDeviceMemory(const void *begin);

// Turns the detector off and on: a long run need not watch every access.
void watchAccesses(bool on);
bool watchesAccesses(); // false in builds without instrumented kernels

// A meeting of lanes. The last lane to come calls `complete` for all.
struct Meeting
{
    const char *name = "";
    unsigned mask = 0, arrived = 0;
    void (*complete)(Meeting &) = nullptr;
    const void *in[32] = {};
    void *out[32] = {};
    Where where;
};
void meet(const char *name, unsigned mask, const void *in, void *out, void (*complete)(Meeting &),
          Where where);
[[noreturn]] void violate(const std::string &what, Where where = Where::current());
void *sharedMemory(const void *site, std::size_t size, std::size_t align);
void barrier(Where where);
void syncLanes(unsigned mask, Where where);
void fence();
void readOnly(const void *place, std::size_t size);
void atomicBegin(void *place, std::size_t size); // may switch; takes what earlier ones released
void atomicEnd(void *place);
void waitForCopies(int pending);
int laneIndex();
unsigned ballot(unsigned mask, bool predicate, Where where);

// A kernel with its arguments, as every thread of a launch calls it.
struct Call
{
    explicit Call(std::size_t size) : bytes(size) {}
    virtual ~Call() = default;
    virtual void run() const = 0;
    std::size_t bytes; // of this object: arguments are not the device's memory, and may be read
};
void run(const LaunchShape &shape, std::unique_ptr<const Call> call);

template <class... P>
struct KernelCall final : Call
{
    template <class... A>
    explicit KernelCall(void (*k)(P...), A &&...arguments)
        : Call(sizeof(KernelCall)), kernel(k), values(static_cast<P>(arguments)...)
    {
    }
    void run() const override { std::apply(kernel, values); }
    void (*kernel)(P...);
    std::tuple<std::decay_t<P>...> values;
};

template <class T, class Site>
T &sharedVariable(Site)
{
    static const char site = 0;
    return *static_cast<T *>(sharedMemory(&site, sizeof(T), alignof(T) > 16 ? alignof(T) : 16));
}

template <class T>
struct Gathered
{
    T values[32];
    unsigned arrived;
};

template <class T>
Gathered<T> gather(const char *name, unsigned mask, T value, Where where)
{
    Gathered<T> all;
    meet(
        name, mask, &value, &all,
        [](Meeting &m) {
            for (int lane = 0; lane < 32; ++lane) {
                if (!(m.arrived >> lane & 1))
                    continue;
                auto *out = static_cast<Gathered<T> *>(m.out[lane]);
                out->arrived = m.arrived;
                for (int from = 0; from < 32; ++from) {
                    if (m.arrived >> from & 1)
                        out->values[from] = *static_cast<const T *>(m.in[from]);
                }
            }
        },
        where);
    return all;
}

template <class T>
T shuffle(const char *name, unsigned mask, T value, int source, Where where)
{
    const Gathered<T> all = gather(name, mask, value, where);
    if (!(all.arrived >> source & 1))
        violate(std::string(name) + " reads lane " + std::to_string(source) +
                    ", which is not there",
                where);
    return all.values[source];
}

template <class T, class F>
T atomic(T *place, F f)
{
    atomicBegin(place, sizeof(T));
    const T old = *place;
    *place = f(old);
    atomicEnd(place);
    return old;
}

} // namespace simt
