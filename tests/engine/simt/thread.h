// SPDX-License-Identifier: Apache-2.0
#pragma once

// Inside of the stand-in: what a running CUDA thread, warp and block are.

#include <map>
#include <memory>
#include <vector>

#include "tests/engine/simt/fiber.h"
#include "tests/engine/simt/machine.h"

namespace simt {

// What a thread knows to have happened before now: every access of block b at a clock below
// blocks[b], of thread t below threads[t].
struct Known
{
    std::vector<std::uint32_t> blocks;
    std::map<std::uint32_t, std::uint32_t> threads;
    bool empty() const { return blocks.empty() && threads.empty(); }
    void join(const Known &other);
};

struct AsyncCopy
{
    unsigned char *to = nullptr;
    const unsigned char *from = nullptr;
    int bytes = 0;
    bool done = false;
};

struct Block;

struct Thread
{
    Context context;
    Builtin builtin;
    Block *block = nullptr;
    std::uint32_t id = 0; // within the grid
    int index = 0;        // within the block
    bool exited = false;
    const char *waitsFor = "";
    Where where;
    std::vector<std::vector<AsyncCopy>> copies = std::vector<std::vector<AsyncCopy>>(1);
    std::uint32_t clock = 0;
    std::uint32_t floor = 0;      // earlier kernels' work below this clock is over
    std::uint32_t lanes[32] = {}; // of its warp, known by __syncwarp
    Known extra, acquired, released;
    int lane() const { return index % 32; }
    int warp() const { return index / 32; }
};

struct Warp
{
    std::vector<Meeting> meetings;
    unsigned exited = 0;
};

struct Shared
{
    unsigned char *at = nullptr;
    std::size_t size = 0;
};

struct Block
{
    std::uint32_t id = 0;
    std::uint32_t clock = 0; // of the last barrier
    std::vector<Thread *> threads;
    std::vector<Warp> warps;
    std::map<const void *, Shared> shared;
    std::vector<Thread *> atBarrier;
    int alive = 0;
    Known known;
    bool owns(const void *place, std::size_t bytes) const;
};

extern Thread *current; // null outside of kernels
extern int quiet;       // > 0: the stand-in itself is at work, accesses do not count

// One half of a fair coin, from the seed.
bool coin();

// The detector (race.cpp): each byte remembers its last write and two reads.
namespace race {
enum class Kind { Read, ReadOnly, Write, Atomic, CopyIssued, CopyLanded };
void beginLaunch(unsigned threadsPerBlock, bool dependent, const Call &call);
void previousKernelOver(Thread &thread);
void beginThread(Thread &thread);
void blockBarrier(Block &block);
void lanesMet(Block &block, int warp, unsigned mask);
void fence(Thread &thread);
void forget(const void *place, std::size_t bytes); // fresh shared memory
void atomicRead(Thread &thread, const void *place);
void atomicWrite(Thread &thread, const void *place);
void access(Thread &thread, const void *place, std::size_t bytes, Kind kind, const void *pc);
} // namespace race

} // namespace simt
