// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <type_traits>
#include <vector>

namespace engine::cpu {

// A fixed set of threads that share out the chunks of one loop after another. The caller works too.
// Each thread walks through a range of its own, so that it reads memory in one stream, and then
// takes chunks off the ends of the others' ranges: a thread that a busy neighbour delays does less.
// Idle workers spin for some tens of microseconds, then sleep. run() allocates nothing and is
// called by one thread at a time; tasks must not throw, and must not call run().
class ThreadPool
{
public:
    // Of a task: indices [begin, end) and the number of the thread, 0 for the caller.
    using Task = void (*)(void *context, std::int64_t begin, std::int64_t end, int thread);

    // `threads` counts the caller; 0 means every core.
    explicit ThreadPool(int threads = 0);
    ~ThreadPool();
    ThreadPool(const ThreadPool &) = delete;
    ThreadPool &operator=(const ThreadPool &) = delete;

    int threads() const { return static_cast<int>(m_workers.size()) + 1; }

    // Splits [0, count) into runs of chunks of `grain`, long ones first, and returns when all are
    // done.
    void run(std::int64_t count, std::int64_t grain, Task task, void *context);

    // The same for a callable (begin, end, thread).
    template <class Function>
    void forEach(std::int64_t count, std::int64_t grain, Function &&function)
    {
        using Plain = std::remove_reference_t<Function>;
        run(
            count, grain,
            [](void *context, std::int64_t begin, std::int64_t end, int thread) {
                (*static_cast<Plain *>(context))(begin, end, thread);
            },
            const_cast<void *>(static_cast<const void *>(&function)));
    }

private:
    // generation << 40 | first chunk not yet claimed << 20 | end of the range
    struct alignas(64) Range
    {
        std::atomic<std::uint64_t> packed{0};
    };

    void work(int thread);
    bool runOwnChunks(int thread);
    bool runStolenChunk(int thread);
    void runChunks(std::uint32_t first, std::uint32_t count, int thread);

    // The job; written before the ranges publish it, read only by holders of a claimed chunk.
    Task m_task = nullptr;
    void *m_context = nullptr;
    std::int64_t m_count = 0;
    std::int64_t m_grain = 1;
    std::uint32_t m_chunks = 0;

    std::vector<Range> m_ranges;                      // one a thread
    alignas(64) std::atomic<std::uint32_t> m_done{0}; // chunks finished
    alignas(64) std::atomic<std::uint32_t> m_wake{0}; // generation; sleepers wait on it
    std::atomic<int> m_sleepers{0};
    std::atomic<bool> m_callerSleeps{false};
    std::atomic<bool> m_stop{false};
    std::vector<std::jthread> m_workers; // last: they use the members above
};

} // namespace engine::cpu
