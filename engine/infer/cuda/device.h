// SPDX-License-Identifier: Apache-2.0
#pragma once

// The only header of the device language that a kernel includes: CUDA plus the few instructions
// that the project wraps. A plain C++ compiler gets the same names from a stand-in that runs
// kernels on the CPU; the build puts its <simt.h> on the include path.
//
// Rules for kernels. No asm, <<<>>>, cooperative_groups or cuda:: outside of this file. Shared
// memory by SHARED or dynamicShared(). Every kernel calls waitForPreviousKernel() in all threads
// before it touches what an earlier kernel writes or reads; weights may be loaded before. All lanes
// that a mask names reach the same shuffle: loops around one have a warp-uniform trip count, tails
// are masked by a flag. __syncwarp() between a lane's store and another lane's load. Tickets:
// barrier; then one thread does fence, atomicAdd, fence; then barrier. No __ldg or loadOnce of
// memory that the same kernel writes.

#ifndef __CUDACC__
#include <simt.h>
#else
#include <cstdint>
#include <utility>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <cuda_runtime.h>

#define SHARED(type, name, extent) __shared__ type name extent

struct LaunchShape
{
    dim3 grid, block;
    std::size_t sharedBytes = 0; // dynamic
    cudaStream_t stream = nullptr;
    bool dependent = false; // may start before the previous kernel of the stream has ended
};

namespace engine::cuda {
// The first launch that failed since the last call, or cudaSuccess; then starts afresh.
cudaError_t takeLaunchError();
void noteLaunchError(cudaError_t error);
// Whether the current device has programmatic dependent launch (sm_90 and later).
bool hasDependentLaunch();
} // namespace engine::cuda

// The only way to start a kernel.
template <class... P, class... A>
void launch(void (*kernel)(P...), const LaunchShape &shape, A &&...arguments)
{
    cudaLaunchAttribute attribute = {};
    cudaLaunchConfig_t config = {shape.grid,   shape.block, shape.sharedBytes,
                                 shape.stream, &attribute,  0};
    if (shape.dependent && engine::cuda::hasDependentLaunch()) {
        attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
        attribute.val.programmaticStreamSerializationAllowed = 1;
        config.numAttrs = 1;
    }
    if (shape.sharedBytes > 48 * 1024) {
        engine::cuda::noteLaunchError(cudaFuncSetAttribute(
            kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(shape.sharedBytes)));
    }
    engine::cuda::noteLaunchError(
        cudaLaunchKernelEx(&config, kernel, std::forward<A>(arguments)...));
}

__device__ __forceinline__ unsigned char *dynamicShared()
{
    extern __shared__ __align__(128) unsigned char dynamicSharedBytes[];
    return dynamicSharedBytes;
}

__device__ __forceinline__ unsigned sharedAddress(const void *place)
{
    return unsigned(__cvta_generic_to_shared(place));
}

// Copies 16 bytes to shared memory; those beyond validBytes become zero.
__device__ __forceinline__ void cpAsync16(void *shared, const void *global, int validBytes = 16)
{
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(sharedAddress(shared)),
                 "l"(global), "r"(validBytes)
                 : "memory");
}

__device__ __forceinline__ void cpAsyncCommit()
{
    asm volatile("cp.async.commit_group;\n" ::: "memory");
}

// Waits until at most Pending of the thread's groups are under way.
template <int Pending>
__device__ __forceinline__ void cpAsyncWait()
{
    asm volatile("cp.async.wait_group %0;\n" ::"n"(Pending) : "memory");
}

// Four 8 x 8 matrices of 16-bit elements; lane 8 i + j gives row j of matrix i.
__device__ __forceinline__ void loadMatrix4(std::uint32_t (&r)[4], const void *row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(sharedAddress(row))
                 : "memory");
}

__device__ __forceinline__ void loadMatrix4Transposed(std::uint32_t (&r)[4], const void *row)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];\n"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(sharedAddress(row))
                 : "memory");
}

// d (16 x 8) += a (16 x 16) b (16 x 8). With g = lane / 4 and c = lane % 4: a[0], a[1] are columns
// 2c, 2c+1 of rows g and g+8, a[2], a[3] columns 2c+8, 2c+9; b0 is rows 2c, 2c+1 of column g, b1
// rows 2c+8, 2c+9; d[0], d[1] are columns 2c, 2c+1 of row g, d[2], d[3] of row g+8.
__device__ __forceinline__ void mmaBf16(float (&d)[4], const std::uint32_t (&a)[4],
                                        std::uint32_t b0, std::uint32_t b1)
{
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
                 "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// Reads what is used once and written by no running kernel: through the read-only path, not kept
// in the L1 cache.
template <class T>
__device__ __forceinline__ T loadOnce(const T *place);

template <>
__device__ __forceinline__ uint4 loadOnce(const uint4 *place)
{
    uint4 v;
    asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];\n"
                 : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
                 : "l"(place));
    return v;
}

__device__ __forceinline__ void waitForPreviousKernel()
{
#if __CUDA_ARCH__ >= 900
    cudaGridDependencySynchronize();
#endif
}

__device__ __forceinline__ void letNextKernelStart()
{
#if __CUDA_ARCH__ >= 900
    cudaTriggerProgrammaticLaunchCompletion();
#endif
}
#endif
