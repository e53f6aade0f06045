// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/kernels/thread_pool.h"

#include <algorithm>
#include <chrono>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace engine::cpu {

namespace {

using Clock = std::chrono::steady_clock;

// Longer than the serial gaps inside a decode step, far shorter than a scheduler's slice.
constexpr std::chrono::microseconds kSpin{50};

void relax()
{
#if defined(__x86_64__)
    _mm_pause();
#endif
}

// Spins until the condition holds or the time is over; returns the condition.
template <class Condition>
bool spinUntil(Condition condition)
{
    const auto end = Clock::now() + kSpin;
    do {
        for (int i = 0; i < 16; ++i) {
            if (condition())
                return true;
            relax();
        }
    } while (Clock::now() < end);
    return condition();
}

constexpr std::uint64_t kFieldBits = 20;
constexpr std::uint64_t kFieldMask = (std::uint64_t{1} << kFieldBits) - 1;
constexpr std::int64_t kMostChunks = std::int64_t{1} << (kFieldBits - 1);

constexpr std::uint64_t packRange(std::uint32_t generation, std::uint64_t begin, std::uint64_t end)
{
    return std::uint64_t{generation} << (2 * kFieldBits) | begin << kFieldBits | end;
}

// A thread takes this part of what is left of its range at once: long streams, short ends.
constexpr std::uint32_t kClaimedPart = 8;

constexpr std::uint32_t beginOf(std::uint64_t range)
{
    return static_cast<std::uint32_t>(range >> kFieldBits & kFieldMask);
}

constexpr std::uint32_t endOf(std::uint64_t range)
{
    return static_cast<std::uint32_t>(range & kFieldMask);
}

} // namespace

ThreadPool::ThreadPool(int threads)
{
    if (threads <= 0)
        threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    m_ranges = std::vector<Range>(static_cast<std::size_t>(threads));
    m_workers.reserve(static_cast<std::size_t>(threads - 1));
    for (int thread = 1; thread < threads; ++thread)
        m_workers.emplace_back([this, thread] { work(thread); });
}

ThreadPool::~ThreadPool()
{
    m_stop.store(true);
    m_wake.fetch_add(1);
    m_wake.notify_all();
}

void ThreadPool::run(std::int64_t count, std::int64_t grain, Task task, void *context)
{
    if (count <= 0)
        return;
    grain = std::max({grain, std::int64_t{1}, count / kMostChunks + 1});
    const auto chunks = static_cast<std::uint32_t>((count + grain - 1) / grain);
    if (m_workers.empty() || chunks == 1) {
        for (std::int64_t begin = 0; begin < count; begin += grain)
            task(context, begin, std::min(begin + grain, count), 0);
        return;
    }
    m_task = task;
    m_context = context;
    m_count = count;
    m_grain = grain;
    m_chunks = chunks;
    m_done.store(0, std::memory_order_relaxed);
    const std::uint32_t generation = m_wake.load(std::memory_order_relaxed) + 1;
    const std::uint64_t all = m_ranges.size();
    for (std::uint64_t thread = 0; thread < all; ++thread)
        m_ranges[thread].packed.store(
            packRange(generation, chunks * thread / all, chunks * (thread + 1) / all),
            std::memory_order_release);
    m_wake.store(generation, std::memory_order_seq_cst);
    if (m_sleepers.load(std::memory_order_seq_cst) > 0)
        m_wake.notify_all();

    while (runOwnChunks(0) || runStolenChunk(0)) {
    }
    const auto finished = [&] { return m_done.load(std::memory_order_acquire) == chunks; };
    if (spinUntil(finished))
        return;
    m_callerSleeps.store(true);
    for (std::uint32_t done = m_done.load(); done != chunks; done = m_done.load())
        m_done.wait(done);
    m_callerSleeps.store(false);
}

// The first chunks of the own range; false when it is empty.
bool ThreadPool::runOwnChunks(int thread)
{
    auto &range = m_ranges[static_cast<std::size_t>(thread)].packed;
    std::uint64_t seen = range.load(std::memory_order_acquire);
    std::uint32_t count = 0;
    do {
        if (beginOf(seen) == endOf(seen))
            return false;
        count = (endOf(seen) - beginOf(seen) + kClaimedPart - 1) / kClaimedPart;
    } while (!range.compare_exchange_weak(seen, seen + (std::uint64_t{count} << kFieldBits),
                                          std::memory_order_acq_rel, std::memory_order_acquire));
    runChunks(beginOf(seen), count, thread);
    return true;
}

// The last chunk of somebody else's range; false when all are empty.
bool ThreadPool::runStolenChunk(int thread)
{
    const int all = static_cast<int>(m_ranges.size());
    for (int step = 1; step < all; ++step) {
        auto &range = m_ranges[static_cast<std::size_t>((thread + step) % all)].packed;
        std::uint64_t seen = range.load(std::memory_order_acquire);
        while (beginOf(seen) != endOf(seen)) {
            if (range.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel,
                                            std::memory_order_acquire)) {
                runChunks(endOf(seen) - 1, 1, thread);
                return true;
            }
        }
    }
    return false;
}

// Of claimed chunks, which keep the job alive: its fields are read only after the claim.
void ThreadPool::runChunks(std::uint32_t first, std::uint32_t count, int thread)
{
    const std::uint32_t chunks = m_chunks;
    const std::int64_t begin = std::int64_t{first} * m_grain;
    m_task(m_context, begin, std::min(begin + count * m_grain, m_count), thread);
    if (m_done.fetch_add(count, std::memory_order_seq_cst) + count == chunks &&
        m_callerSleeps.load())
        m_done.notify_all();
}

void ThreadPool::work(int thread)
{
    std::uint32_t seen = 0;
    while (!m_stop.load(std::memory_order_acquire)) {
        while (runOwnChunks(thread) || runStolenChunk(thread)) {
        }
        const auto changed = [&] { return m_wake.load(std::memory_order_acquire) != seen; };
        if (!spinUntil(changed)) {
            m_sleepers.fetch_add(1, std::memory_order_seq_cst);
            m_wake.wait(seen);
            m_sleepers.fetch_sub(1, std::memory_order_seq_cst);
        }
        seen = m_wake.load(std::memory_order_acquire);
    }
}

} // namespace engine::cpu
