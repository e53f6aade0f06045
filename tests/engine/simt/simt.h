// SPDX-License-Identifier: Apache-2.0
#pragma once

// The CUDA device language for a plain C++ compiler: kernels run on the CPU, one fiber per CUDA
// thread, in an order drawn from a seed. This header is what a kernel sees in place of nvcc's.

#include <cstddef>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

#include "tests/engine/simt/machine.h"
#include "tests/engine/simt/types.h"

// NOLINTBEGIN: these are CUDA's names.
#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
#define threadIdx (simt::builtin.thread)
#define blockIdx (simt::builtin.block)
#define blockDim (simt::builtin.blockSize)
#define gridDim (simt::builtin.gridSize)
// The lambda's type names the place of the declaration.
#define SHARED(type, name, extent) type(&name) extent = simt::sharedVariable<type extent>([] {})

using simt::LaunchShape;

#define SIMT_WHERE simt::Where where = simt::Where::current()
inline void __syncthreads(SIMT_WHERE)
{
    simt::barrier(where);
}
inline void __syncwarp(unsigned mask = ~0u, SIMT_WHERE)
{
    simt::syncLanes(mask, where);
}
inline void __threadfence()
{
    simt::fence();
}
template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, SIMT_WHERE)
{
    const int first = simt::laneIndex() & ~(width - 1);
    return simt::shuffle("__shfl_sync", mask, value, first | (source & (width - 1)), where);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, SIMT_WHERE)
{
    const int lane = simt::laneIndex();
    const int source = lane ^ bits;
    return simt::shuffle("__shfl_xor_sync", mask, value,
                         source / width > lane / width ? lane : source, where);
}
inline unsigned __ballot_sync(unsigned mask, int predicate, SIMT_WHERE)
{
    return simt::ballot(mask, predicate != 0, where);
}
template <class T>
T atomicAdd(T *place, std::type_identity_t<T> value)
{
    return simt::atomic(place, [=](T old) { return T(old + value); });
}
template <class T>
T atomicExch(T *place, std::type_identity_t<T> value)
{
    return simt::atomic(place, [=](T) { return value; });
}
template <class T>
T __ldg(const T *place)
{
    simt::readOnly(place, sizeof(T));
    return *place;
}
inline int __popc(unsigned value)
{
    return std::popcount(value);
}
inline unsigned __byte_perm(unsigned low, unsigned high, unsigned selector)
{
    const std::uint64_t bytes = std::uint64_t(high) << 32 | low;
    unsigned result = 0;
    for (int i = 0; i < 4; ++i)
        result |= unsigned(bytes >> 8 * (selector >> 4 * i & 7) & 0xff) << 8 * i;
    return result;
}
inline unsigned __float_as_uint(float value)
{
    return std::bit_cast<unsigned>(value);
}
inline float __uint_as_float(unsigned value)
{
    return std::bit_cast<float>(value);
}
inline float __expf(float x)
{
    return std::exp(x);
}
inline float rsqrtf(float x)
{
    return 1 / std::sqrt(x);
}
using std::max;
using std::min;
// NOLINTEND

// The project's own wrappers of instructions; device.h has their PTX twins.
unsigned char *dynamicShared();
void cpAsync16(void *shared, const void *global, int validBytes = 16, SIMT_WHERE);
void cpAsyncCommit();
template <int Pending>
void cpAsyncWait()
{
    simt::waitForCopies(Pending);
}
void loadMatrix4(std::uint32_t (&r)[4], const void *row, SIMT_WHERE);
void loadMatrix4Transposed(std::uint32_t (&r)[4], const void *row, SIMT_WHERE);
void mmaBf16(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1,
             SIMT_WHERE);
template <class T>
T loadOnce(const T *place)
{
    return __ldg(place);
}
void waitForPreviousKernel();
inline void letNextKernelStart() {}
#undef SIMT_WHERE

template <class... P, class... A>
void launch(void (*kernel)(P...), const LaunchShape &shape, A &&...arguments)
{
    simt::run(shape, std::make_unique<const simt::KernelCall<P...>>(kernel,
                                                                    std::forward<A>(arguments)...));
}
