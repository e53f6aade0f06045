// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/ceilings.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <iterator>
#include <vector>

#include <unistd.h>

#include "engine/infer/cpu/ceiling_loops.h"
#include "engine/infer/cpu/kernels/huge_buffer.h"
#include "engine/infer/cpu/kernels/isa.h"
#include "engine/infer/cpu/kernels/thread_pool.h"

namespace engine::cpu {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::int64_t kMiB = std::int64_t{1} << 20;
constexpr std::int64_t kReadChunk = 4 * kMiB; // between two looks at the stop token

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::int64_t lastLevelCacheBytes()
{
    std::int64_t bytes = 0;
#ifdef _SC_LEVEL3_CACHE_SIZE
    for (const int level : {_SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE, _SC_LEVEL4_CACHE_SIZE})
        bytes = std::max<std::int64_t>(bytes, sysconf(level));
#endif
    return bytes;
}

std::int64_t freeMemoryBytes()
{
#ifdef _SC_AVPHYS_PAGES
    return std::int64_t{sysconf(_SC_AVPHYS_PAGES)} * sysconf(_SC_PAGESIZE);
#else
    return 1024 * kMiB;
#endif
}

// Some multiple of the last-level cache, but never more than a quarter of the free memory.
std::int64_t bufferBytes(CeilingEffort effort)
{
    const std::int64_t cache = std::max(lastLevelCacheBytes(), 32 * kMiB);
    const std::int64_t wanted = cache * (effort == CeilingEffort::Quick ? 2 : 4);
    const std::int64_t affordable = std::max(freeMemoryBytes() / 4, 64 * kMiB);
    return std::min({std::max(wanted, 256 * kMiB), affordable, 4096 * kMiB}) / kReadChunk *
           kReadChunk;
}

// The loops of the best vector unit; bf16 products from AMX tiles where there are any.
CeilingLoops pickLoops()
{
    CeilingLoops loops = portableCeilingLoops();
#if defined(__x86_64__)
    const std::vector<Isa> isas = availableIsas();
    const auto has = [&](Isa isa) {
        return std::find(isas.begin(), isas.end(), isa) != isas.end();
    };
    if (has(Isa::Avx512Bf16))
        loops = avx512CeilingLoops();
    else if (has(Isa::Avx2))
        loops = avx2CeilingLoops();
    if (has(Isa::Amx))
        loops.bf16 = amxCeilingLoops().bf16;
#endif
    return loops;
}

class Bench
{
public:
    Bench(int threads, CeilingEffort effort, std::stop_token stop)
        : m_pool(threads),
          m_rounds(effort == CeilingEffort::Quick ? 2 : 5),
          m_scoutPasses(effort == CeilingEffort::Quick ? 1 : 2),
          m_streamSeconds(effort == CeilingEffort::Quick ? 0.5 : 1.0),
          m_stop(std::move(stop))
    {
    }

    int threads() const { return m_pool.threads(); }
    bool stopped() const { return m_stop.stop_requested(); }

    // Touches every page, so that no read meets the system's page of zeros.
    void fill(HugeBuffer &buffer)
    {
        forEachChunk(buffer.bytes(), [&](std::int64_t offset) {
            std::memset(static_cast<char *>(buffer.data()) + offset, 1, kReadChunk);
        });
    }

    // The loop that one or two passes show to be the fastest, by the median of its passes over at
    // least half a second: a burst that nothing holds is no ceiling.
    double readGbs(const CeilingLoops &loops, const HugeBuffer &buffer)
    {
        std::vector<double> fastest(std::size(loops.reads), 0.0);
        for (int pass = 0; pass < m_scoutPasses; ++pass) {
            for (std::size_t i = 0; i < fastest.size() && loops.reads[i]; ++i)
                fastest[i] = std::max(fastest[i], passGbs(loops.reads[i], buffer));
        }
        const auto best = std::max_element(fastest.begin(), fastest.end()) - fastest.begin();
        std::vector<double> rates;
        const auto start = Clock::now();
        while (!stopped() && (rates.size() < 5 || secondsSince(start) < m_streamSeconds))
            rates.push_back(passGbs(loops.reads[best], buffer));
        if (rates.empty())
            return 0;
        const auto middle = rates.begin() + std::ssize(rates) / 2;
        std::nth_element(rates.begin(), middle, rates.end());
        return *middle;
    }

    double tflops(const ArithmeticLoop &loop)
    {
        if (!loop.run || stopped())
            return 0;
        // Rounds that take one thread about half a millisecond.
        std::int64_t rounds = 1024;
        for (double seconds = 0; seconds < 5e-4; rounds *= 2) {
            const auto start = Clock::now();
            keep(loop.run(rounds));
            seconds = secondsSince(start);
        }
        const std::int64_t chunks = std::int64_t{64} * threads();
        double best = 0;
        for (int round = 0; round < m_rounds; ++round) {
            const auto start = Clock::now();
            m_pool.forEach(chunks, 1, [&](std::int64_t begin, std::int64_t end, int) {
                for (; begin < end && !stopped(); ++begin)
                    keep(loop.run(rounds));
            });
            best = std::max(best, static_cast<double>(chunks * rounds) * loop.flopsPerRound /
                                      secondsSince(start));
        }
        return best / 1e12;
    }

private:
    double passGbs(ReadLoop loop, const HugeBuffer &buffer)
    {
        const auto start = Clock::now();
        forEachChunk(buffer.bytes(), [&](std::int64_t offset) {
            keep(loop(static_cast<const char *>(buffer.data()) + offset, kReadChunk));
        });
        return static_cast<double>(buffer.bytes()) / secondsSince(start) / 1e9;
    }

    template <class Function>
    void forEachChunk(std::int64_t bytes, Function function)
    {
        m_pool.forEach(bytes / kReadChunk, 1, [&](std::int64_t begin, std::int64_t end, int) {
            for (; begin < end && !stopped(); ++begin)
                function(begin * kReadChunk);
        });
    }

    // Makes a result count, so that no loop is optimised away.
    void keep(float value) { m_sink.store(value, std::memory_order_relaxed); }

    ThreadPool m_pool;
    int m_rounds;
    int m_scoutPasses;
    double m_streamSeconds;
    std::stop_token m_stop;
    std::atomic<float> m_sink{0};
};

} // namespace

Result<Ceilings> measureCeilings(int threads, CeilingEffort effort, std::stop_token stop)
{
    Bench bench(threads, effort, stop);
    auto buffer = HugeBuffer::allocate(bufferBytes(effort));
    if (!buffer)
        return tl::unexpected<Error>(buffer.error());
    const CeilingLoops loops = pickLoops();
    Ceilings ceilings{.threads = bench.threads(),
                      .readBufferBytes = static_cast<double>(buffer->bytes()),
                      .lastLevelCacheBytes = static_cast<double>(lastLevelCacheBytes())};
    bench.fill(*buffer);
    ceilings.readGbs = bench.readGbs(loops, *buffer);
    ceilings.denseFp32Tflops = bench.tflops(loops.fp32);
    ceilings.denseBf16Tflops = std::max(ceilings.denseFp32Tflops, bench.tflops(loops.bf16));
    if (bench.stopped())
        return fail(ErrorKind::Cancelled, "Measuring the ceilings was stopped.");
    return ceilings;
}

} // namespace engine::cpu
