// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/infer/cuda/device.h"

// Faults that can be planted in the small kernels of planted.cu. Each is one that a real kernel is
// apt to have; the stand-in must notice every one of them.
namespace planted {

enum class Bug {
    None,
    MissingBarrier,     // shared sums are read before all are there
    DroppedTailMask,    // the last warp reads beyond the end
    DivergentShuffle,   // lanes leave a loop that holds a shuffle at different times
    MissingWarpSync,    // a lane reads what another has just stored
    EarlyReadOfCopy,    // one group of asynchronous copies too few is waited for
    WrongLaneMap,       // accumulators are stored as if lanes held other rows
    MissingSwizzle,     // right numbers, but rows of a matrix share their banks
    LostTicket,         // the merge counts its blocks without an atomic
    MissingFence,       // the last block may not see what the others wrote
    TicketNotReset,     // the next launch finds no last block
    ReadOnlyOfOwnWrite, // partial sums come through the read-only cache
    EarlyActivation,    // a dependent kernel reads before the previous one has ended
};

// *sum of n numbers by one block of 64 threads.
void launchSum(const float *x, int n, float *sum, Bug bug);
// c (16, 8) = a (16, 64) b (8, 64) transposed, by one warp.
void launchTile(const __nv_bfloat16 *a, const __nv_bfloat16 *b, float *c, Bug bug);
// *sum of blocks * 32 numbers; the block that ends last merges.
void launchMerge(const float *x, int blocks, float *partial, unsigned *ticket, float *sum, Bug bug);
// y = 2 x, then z = y + 1, the second launch dependent on the first.
void launchChain(const float *x, int n, float *y, float *z, Bug bug);

} // namespace planted
