// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <numeric>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/infer/cpu/kernels/thread_pool.h"

namespace engine::cpu::test {

TEST(ThreadPoolTest, RunsEveryIndexOnce)
{
    for (const int threads : {1, 2, 3, 8}) {
        ThreadPool pool(threads);
        EXPECT_EQ(pool.threads(), threads);
        for (const std::int64_t count : {0, 1, 2, 7, 100, 1001}) {
            for (const std::int64_t grain : {1, 3, 64, 5000}) {
                std::vector<int> visits(static_cast<std::size_t>(count));
                pool.forEach(count, grain, [&](std::int64_t begin, std::int64_t end, int thread) {
                    EXPECT_LT(begin, end);
                    EXPECT_EQ(begin % grain, 0);
                    EXPECT_TRUE(thread >= 0 && thread < threads);
                    for (std::int64_t i = begin; i < end; ++i)
                        ++visits[static_cast<std::size_t>(i)];
                });
                EXPECT_EQ(std::accumulate(visits.begin(), visits.end(), std::int64_t{0}), count);
                for (const int visit : visits)
                    EXPECT_EQ(visit, 1);
            }
        }
    }
}

TEST(ThreadPoolTest, WritesOfOneRunAreSeenByTheNext)
{
    ThreadPool pool(4);
    std::vector<std::int64_t> values(64, 0);
    for (int round = 0; round < 3000; ++round) {
        pool.forEach(64, 1, [&](std::int64_t begin, std::int64_t end, int) {
            for (std::int64_t i = begin; i < end; ++i)
                ++values[static_cast<std::size_t>(i)];
        });
        pool.forEach(64, 5, [&](std::int64_t begin, std::int64_t end, int) {
            for (std::int64_t i = begin; i < end; ++i)
                EXPECT_EQ(values[static_cast<std::size_t>(i)], round + 1);
        });
    }
}

TEST(ThreadPoolTest, OtherThreadsHelpWhenOneIsHeldUp)
{
    ThreadPool pool(2);
    std::atomic<std::int64_t> others{0};
    // Whoever gets the first index ends only when all others are done: somebody else must do them.
    pool.forEach(50, 1, [&](std::int64_t begin, std::int64_t end, int) {
        if (begin > 0) {
            others.fetch_add(end - begin);
            others.notify_all();
            return;
        }
        for (std::int64_t seen = others.load(); seen < 50 - end; seen = others.load())
            others.wait(seen);
        others.fetch_add(end);
    });
    EXPECT_EQ(others.load(), 50);
}

TEST(ThreadPoolTest, SleepersWakeForWork)
{
    ThreadPool pool(2);
    for (int round = 0; round < 5; ++round) {
        std::atomic<int> arrived{0};
        // Both chunks wait for each other, so both threads must run, asleep before or not.
        pool.forEach(2, 1, [&](std::int64_t, std::int64_t, int) {
            arrived.fetch_add(1);
            arrived.notify_all();
            for (int seen = arrived.load(); seen < 2; seen = arrived.load())
                arrived.wait(seen);
        });
        EXPECT_EQ(arrived.load(), 2);
        std::this_thread::yield();
    }
}

} // namespace engine::cpu::test
