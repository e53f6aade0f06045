// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/cuda/support.h"

#include <algorithm>
#include <numeric>

namespace {

using namespace cudatest;

// Keys, values, queries and weights are rounded to bf16 on the way.
constexpr double kAttentionError = 3e-5;

struct Heads
{
    int heads, kvHeads, dim, rotary;
    int window = 0;
    bool norms = false;
    bool interleaved = false;
};

// Sequences with a past in the cache, and the float32 twin of what attention gives.
struct Case
{
    Heads heads;
    std::vector<int> pasts; // tokens in the cache
    std::vector<int> fresh; // tokens of this step
    int dims;               // padded
    int tablePitch;
    std::vector<std::vector<float>> keys, values; // a sequence: (positions, kvHeads, dim)
    std::vector<float> qkv, queryNorm, keyNorm, rope;
    std::vector<int> tables;
    int pages = 0;

    Case(Heads h, std::vector<int> past, std::vector<int> now);
    int width() const { return (heads.heads + 2 * heads.kvHeads) * heads.dim; }
    int rows() const { return std::accumulate(fresh.begin(), fresh.end(), 0); }
    std::vector<bf16> cache() const;
    std::vector<float> turned(int row, int head, int position,
                              const std::vector<float> &norm) const;
    std::vector<float> expected();
};

Case::Case(Heads h, std::vector<int> past, std::vector<int> now)
    : heads(h),
      pasts(std::move(past)),
      fresh(std::move(now)),
      dims(paddedHeadDim(h.dim)),
      tablePitch(0)
{
    int longest = 0;
    for (std::size_t s = 0; s < pasts.size(); ++s) {
        longest = std::max(longest, pasts[s] + fresh[s]);
        const auto count = std::size_t(pasts[s] * h.kvHeads * h.dim);
        keys.push_back(rounded(normal(count, unsigned(10 + s))));
        values.push_back(rounded(normal(count, unsigned(20 + s))));
        pages += int(roundUp(pasts[s] + fresh[s], kPageTokens)) / kPageTokens;
    }
    tablePitch = int(roundUp(longest, kPageTokens)) / kPageTokens;
    qkv = normal(std::size_t(rows() * width()), 3);
    queryNorm = h.norms ? normal(std::size_t(h.dim), 4) : std::vector<float>();
    keyNorm = h.norms ? normal(std::size_t(h.dim), 5) : std::vector<float>();
    for (int position = 0; position < longest; ++position) {
        for (int part = 0; part < 2; ++part) {
            for (int pair = 0; pair < h.rotary / 2; ++pair) {
                const double angle = position * std::pow(100.0, -2.0 * pair / h.rotary);
                rope.push_back(float(part ? std::sin(angle) : std::cos(angle)));
            }
        }
    }
    // Pages lie in no order.
    std::vector<int> order(static_cast<std::size_t>(pages));
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937(1));
    tables.assign(pasts.size() * std::size_t(tablePitch), -1);
    for (std::size_t s = 0, next = 0; s < pasts.size(); ++s) {
        for (int page = 0; page * kPageTokens < pasts[s] + fresh[s]; ++page)
            tables[s * std::size_t(tablePitch) + std::size_t(page)] = order[next++];
    }
}

// The past in its pages; all else NaN, but for what follows the last token in its group of 8.
std::vector<bf16> Case::cache() const
{
    std::vector<bf16> cache(std::size_t(pages * heads.kvHeads * slabElements(dims)), bf16(NAN));
    for (std::size_t s = 0; s < pasts.size(); ++s) {
        for (int position = 0; position < int(roundUp(pasts[s], 8)); ++position) {
            for (int head = 0; head < heads.kvHeads; ++head) {
                const int page =
                    tables[s * std::size_t(tablePitch) + std::size_t(position / kPageTokens)];
                bf16 *slab = cache.data() + (page * heads.kvHeads + head) * slabElements(dims);
                for (int dim = 0; dim < dims; ++dim) {
                    const bool isThere = position < pasts[s] && dim < heads.dim;
                    const auto from =
                        std::size_t((position * heads.kvHeads + head) * heads.dim + dim);
                    slab[valueElement(position % kPageTokens, dim, dims)] =
                        bf16(isThere ? values[s][from] : 0.0f);
                    if (position < pasts[s])
                        slab[keyElement(position % kPageTokens, dim, dims)] =
                            bf16(isThere ? keys[s][from] : 0.0f);
                }
            }
        }
    }
    return cache;
}

std::vector<float> Case::turned(int row, int head, int position,
                                const std::vector<float> &norm) const
{
    const float *x = qkv.data() + row * width() + head * heads.dim;
    std::vector<float> y(x, x + heads.dim);
    if (!norm.empty())
        y = rmsNormed(y, norm, 1e-6f);
    const int pairs = heads.rotary / 2;
    for (int pair = 0; pair < pairs; ++pair) {
        const auto a = std::size_t(heads.interleaved ? 2 * pair : pair);
        const auto b = std::size_t(heads.interleaved ? 2 * pair + 1 : pair + pairs);
        const float c = rope[std::size_t(position * heads.rotary + pair)];
        const float s = rope[std::size_t(position * heads.rotary + pairs + pair)];
        const float first = y[a];
        const float second = y[b];
        y[a] = first * c - second * s;
        y[b] = second * c + first * s;
    }
    return y;
}

// Adds the new tokens to keys and values, then attends row by row.
std::vector<float> Case::expected()
{
    std::vector<float> out;
    int row = 0;
    for (std::size_t s = 0; s < pasts.size(); ++s) {
        for (int t = 0; t < fresh[s]; ++t) {
            const int position = pasts[s] + t;
            for (int head = 0; head < heads.kvHeads; ++head) {
                const auto key = rounded(turned(row + t, heads.heads + head, position, keyNorm));
                keys[s].insert(keys[s].end(), key.begin(), key.end());
                const float *value = qkv.data() + (row + t) * width() +
                                     (heads.heads + heads.kvHeads + head) * heads.dim;
                for (int i = 0; i < heads.dim; ++i)
                    values[s].push_back(float(bf16(value[i])));
            }
        }
        for (int t = 0; t < fresh[s]; ++t, ++row) {
            const int position = pasts[s] + t;
            const int first = heads.window ? std::max(0, position - heads.window + 1) : 0;
            for (int head = 0; head < heads.heads; ++head) {
                const auto query = rounded(turned(row, head, position, queryNorm));
                const int kvHead = head / (heads.heads / heads.kvHeads);
                const auto at = [&](int p) {
                    return std::size_t((p * heads.kvHeads + kvHead) * heads.dim);
                };
                std::vector<float> weights;
                float sum = 0;
                for (int p = first; p <= position; ++p) {
                    float score = 0;
                    for (int i = 0; i < heads.dim; ++i)
                        score += query[std::size_t(i)] * keys[s][at(p) + std::size_t(i)];
                    weights.push_back(std::exp(score / std::sqrt(float(heads.dim))));
                    sum += weights.back();
                }
                for (int i = 0; i < heads.dim; ++i) {
                    float value = 0;
                    for (int p = first; p <= position; ++p)
                        value +=
                            weights[std::size_t(p - first)] * values[s][at(p) + std::size_t(i)];
                    out.push_back(value / sum);
                }
            }
        }
    }
    return out;
}

// The case on the device.
struct Placed
{
    DeviceArray<float> qkv, queryNorm, keyNorm, rope;
    DeviceArray<bf16> cache;
    DeviceArray<int> tables;
    DeviceArray<bf16> out;

    explicit Placed(const Case &c)
        : qkv(c.qkv),
          queryNorm(c.queryNorm),
          keyNorm(c.keyNorm),
          rope(c.rope),
          cache(c.cache(), true),
          tables(c.tables),
          out(std::size_t(c.rows() * c.heads.heads * c.heads.dim))
    {
    }
    AttentionView view(const Case &c) const
    {
        return {.heads = c.heads.heads,
                .kvHeads = c.heads.kvHeads,
                .headDim = c.heads.dim,
                .rotaryDim = c.heads.rotary,
                .interleaved = c.heads.interleaved,
                .window = c.heads.window,
                .scale = 1 / std::sqrt(float(c.heads.dim)),
                .epsilon = 1e-6f,
                .queryNorm = c.heads.norms ? queryNorm.data() : nullptr,
                .keyNorm = c.heads.norms ? keyNorm.data() : nullptr,
                .rope = rope.data(),
                .qkv = qkv.data(),
                .qkvPitch = c.width(),
                .cache = cache.data(),
                .tables = tables.data(),
                .tablePitch = c.tablePitch,
                .out = out.data(),
                .outPitch = c.heads.heads * c.heads.dim};
    }
};

void checkDecode(Heads heads, const std::vector<int> &pasts, int mostSplits, int leastShare)
{
    Case c(heads, pasts, std::vector<int>(pasts.size(), 1));
    Case whole = c;
    const std::vector<float> want = whole.expected();
    std::vector<DecodeEntry> entries;
    for (std::size_t s = 0; s < pasts.size(); ++s)
        entries.push_back({int(s), int(s), pasts[s]});
    const DeviceArray<DecodeEntry> placedEntries(entries);
    const std::size_t shares = pasts.size() * std::size_t(heads.heads * mostSplits);
    DeviceArray<float> partial(shares * std::size_t(c.dims));
    DeviceArray<float2> state(shares);
    DeviceArray<unsigned> tickets(
        std::vector<unsigned>(pasts.size() * std::size_t(heads.kvHeads), 0));
    const SplitScratch scratch{partial.data(), state.data(), tickets.data(), mostSplits,
                               leastShare};
    forEachSeed([&] {
        const Placed placed(c);
        for (int time = 0; time < 2; ++time) { // twice: the tickets must be ready again
            launchDecodeAttention(placed.view(c), placedEntries.data(), int(entries.size()),
                                  scratch, stream().get());
            EXPECT_LE(errorOf(toFloats(placed.out.read()), want), kAttentionError);
        }
    });
}

TEST(DecodeAttention, EqualsItsTwinForEveryHeadWidth)
{
    checkDecode({1, 1, 8, 8}, {0}, 1, 32);
    checkDecode({4, 2, 16, 16}, {1, 31, 32}, 2, 32);
    checkDecode({2, 2, 64, 32}, {63, 64}, 3, 32);
    checkDecode({3, 1, 80, 80}, {65}, 2, 64);
    checkDecode({8, 1, 128, 128}, {150}, 2, 64);
    checkDecode({2, 1, 256, 64}, {40}, 2, 32);
}

TEST(DecodeAttention, SplitsASequenceAmongBlocks)
{
    checkDecode({6, 2, 32, 32}, {0, 95, 200}, 4, 32);
}

TEST(DecodeAttention, PacksWideGroups)
{
    checkDecode({9, 1, 32, 0}, {70}, 2, 32);
    checkDecode({16, 1, 32, 16}, {33}, 1, 32);
}

TEST(DecodeAttention, NormsHeadsAndTurnsInterleavedPairs)
{
    Heads heads{4, 2, 32, 32};
    heads.norms = true;
    checkDecode(heads, {37}, 2, 32);
    heads.interleaved = true;
    checkDecode(heads, {37}, 2, 32);
}

TEST(DecodeAttention, SeesNoFurtherThanTheWindow)
{
    Heads heads{4, 2, 32, 32};
    for (const int window : {1, 8, 33, 500}) {
        heads.window = window;
        checkDecode(heads, {5, 130}, 3, 32);
    }
}

// One order of summation whatever block comes last.
#ifndef __CUDACC__
TEST(DecodeAttention, GivesTheSameBitsInEveryOrder)
{
    const Case c({4, 1, 32, 32}, {190}, {1});
    const DeviceArray<DecodeEntry> entries(std::vector<DecodeEntry>{{0, 0, 190}});
    DeviceArray<float> partial(4 * 6 * 32);
    DeviceArray<float2> state(4 * 6);
    DeviceArray<unsigned> tickets(std::vector<unsigned>(1, 0));
    std::vector<float> first;
    forEachSeed(
        [&] {
            const Placed placed(c);
            launchDecodeAttention(placed.view(c), entries.data(), 1,
                                  {partial.data(), state.data(), tickets.data(), 6, 32},
                                  stream().get());
            const std::vector<float> got = toFloats(placed.out.read());
            if (first.empty())
                first = got;
            EXPECT_EQ(got, first);
        },
        8);
}

TEST(DecodeAttention, MovesTheCacheOnce)
{
    if (!simt::watchesAccesses())
        GTEST_SKIP() << "bytes are counted by the race flavour alone";
    const Heads heads{8, 2, 128, 128};
    const int past = 1000;
    const Case c(heads, {past}, {1});
    const Placed placed(c);
    const DeviceArray<DecodeEntry> entries(std::vector<DecodeEntry>{{0, 0, past}});
    DeviceArray<float> partial(8 * 4 * 128);
    DeviceArray<float2> state(8 * 4);
    DeviceArray<unsigned> tickets(std::vector<unsigned>(2, 0));
    simt::traffic = {};
    launchDecodeAttention(placed.view(c), entries.data(), 1,
                          {partial.data(), state.data(), tickets.data(), 4, 256}, stream().get());
    const double least = 2.0 * 2 * (past + 1) * 128 * 2 + 4.0 * (8 + 4) * 128 + 2.0 * 8 * 128;
    EXPECT_LE(double(simt::traffic.totalBytes()), 1.15 * least);
    EXPECT_GE(double(simt::traffic.totalBytes()), least);
    RecordProperty("bytes_over_least", std::to_string(double(simt::traffic.totalBytes()) / least));
}
#endif

void checkPrompt(Heads heads, const std::vector<int> &pasts, const std::vector<int> &fresh)
{
    Case c(heads, pasts, fresh);
    Case whole = c;
    const std::vector<float> want = whole.expected();
    std::vector<PromptTile> tiles;
    for (std::size_t s = 0, row = 0; s < pasts.size(); ++s) {
        for (int done = 0; done < fresh[s];) {
            const int position = pasts[s] + done;
            const int count = std::min(64 - position % 8, fresh[s] - done);
            tiles.push_back({int(row) + done, int(s), position, count});
            done += count;
        }
        row += std::size_t(fresh[s]);
    }
    const DeviceArray<PromptTile> placedTiles(tiles);
    forEachSeed(
        [&] {
            const Placed placed(c);
            DeviceArray<bf16> queries(std::size_t(c.rows() * heads.heads * c.dims));
            launchPrepareHeads(placed.view(c), placedTiles.data(), int(tiles.size()),
                               queries.data(), stream().get());
            launchPromptAttention(placed.view(c), placedTiles.data(), int(tiles.size()),
                                  queries.data(), stream().get());
            EXPECT_LE(errorOf(toFloats(placed.out.read()), want), kAttentionError);
        },
        2);
}

TEST(PromptAttention, EqualsItsTwinForEveryHeadWidth)
{
    checkPrompt({1, 1, 8, 8}, {0}, {1});
    checkPrompt({2, 1, 16, 16}, {0, 0}, {63, 3});
    checkPrompt({2, 1, 64, 64}, {0}, {65});
    checkPrompt({1, 1, 80, 80}, {0}, {33});
    checkPrompt({2, 1, 128, 64}, {0}, {70});
    checkPrompt({1, 1, 256, 64}, {0}, {9});
}

TEST(PromptAttention, ContinuesAPromptInTheMiddleOfAGroup)
{
    checkPrompt({2, 1, 32, 32}, {3, 64, 61}, {10, 5, 70});
}

TEST(PromptAttention, SeesNoFurtherThanTheWindow)
{
    Heads heads{2, 1, 32, 32};
    heads.norms = true;
    for (const int window : {1, 20, 80}) {
        heads.window = window;
        checkPrompt(heads, {50}, {90});
    }
}

#ifndef __CUDACC__
TEST(PromptAttention, ReadsSharedMemoryWithoutBankConflicts)
{
    simt::statistics = {};
    checkPrompt({2, 1, 128, 128}, {0}, {65});
    checkPrompt({2, 1, 64, 64}, {0}, {65});
    EXPECT_EQ(simt::statistics.ldmatrixConflicts, 0);
}
#endif

} // namespace
