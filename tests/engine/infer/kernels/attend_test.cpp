// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "engine/infer/cpu/kernels/bfloat16.h"
#include "tests/engine/infer/kernels/support.h"

namespace engine::cpu::test {

namespace {

// Attention of one sequence, computed position by position in double.
struct Oracle
{
    HeadShape shape;
    std::int64_t tokens;
    std::vector<double> queries; // (tokens, heads, headDim), normed and turned
    std::vector<double> keys;
    std::vector<double> values;

    Oracle(const HeadShape &headShape, const std::vector<float> &qkv, std::int64_t count)
        : shape(headShape), tokens(count)
    {
        const std::size_t d = static_cast<std::size_t>(shape.headDim);
        const std::size_t width = static_cast<std::size_t>(shape.heads + 2 * shape.kvHeads) * d;
        for (std::size_t t = 0; t < static_cast<std::size_t>(count); ++t) {
            const float *row = qkv.data() + t * width;
            for (int head = 0; head < shape.heads + 2 * shape.kvHeads; ++head) {
                std::vector<double> x(row + static_cast<std::size_t>(head) * d,
                                      row + static_cast<std::size_t>(head + 1) * d);
                const bool query = head < shape.heads;
                const bool key = !query && head < shape.heads + shape.kvHeads;
                if (query || key)
                    prepare(x, query ? shape.queryNorm : shape.keyNorm, t);
                auto &target = query ? queries : key ? keys : values;
                target.insert(target.end(), x.begin(), x.end());
            }
        }
    }

    void prepare(std::vector<double> &x, const float *norm, std::size_t position) const
    {
        if (norm) {
            double square = 0;
            for (const double value : x)
                square += value * value;
            const double factor =
                1 / std::sqrt(square / static_cast<double>(x.size()) + shape.normEpsilon);
            for (std::size_t i = 0; i < x.size(); ++i)
                x[i] *= factor * norm[i];
        }
        const auto pairs = static_cast<std::size_t>(shape.rotaryDim / 2);
        for (std::size_t i = 0; i < pairs; ++i) {
            const float *angles = shape.rope + position * pairs * 2;
            const std::size_t a = shape.interleaved ? 2 * i : i;
            const std::size_t b = shape.interleaved ? 2 * i + 1 : i + pairs;
            const double first = x[a];
            x[a] = first * angles[i] - x[b] * angles[pairs + i];
            x[b] = x[b] * angles[i] + first * angles[pairs + i];
        }
    }

    // (tokens, heads * headDim)
    std::vector<double> attend() const
    {
        const auto d = static_cast<std::size_t>(shape.headDim);
        const auto heads = static_cast<std::size_t>(shape.heads);
        const auto kvHeads = static_cast<std::size_t>(shape.kvHeads);
        std::vector<double> result(static_cast<std::size_t>(tokens) * heads * d);
        for (std::size_t t = 0; t < static_cast<std::size_t>(tokens); ++t) {
            const auto window = static_cast<std::size_t>(shape.window);
            const std::size_t first = window > 0 && t >= window ? t + 1 - window : 0;
            for (std::size_t head = 0; head < heads; ++head) {
                const std::size_t kvHead = head / (heads / kvHeads);
                std::vector<double> scores;
                for (std::size_t p = first; p <= t; ++p) {
                    double score = 0;
                    for (std::size_t i = 0; i < d; ++i)
                        score += queries[(t * heads + head) * d + i] *
                                 keys[(p * kvHeads + kvHead) * d + i];
                    scores.push_back(score * shape.scale);
                }
                const double best = *std::max_element(scores.begin(), scores.end());
                double total = 0;
                for (double &score : scores)
                    total += score = std::exp(score - best);
                for (std::size_t p = first; p <= t; ++p) {
                    for (std::size_t i = 0; i < d; ++i)
                        result[(t * heads + head) * d + i] +=
                            scores[p - first] / total * values[(p * kvHeads + kvHead) * d + i];
                }
            }
        }
        return result;
    }
};

struct Case
{
    std::string name;
    HeadShape shape;
    std::int64_t tokens;
    bool norms = false;
};

const std::vector<Case> kCases{
    {"qwen", {.heads = 4, .kvHeads = 2, .headDim = 128, .rotaryDim = 128}, 200, true},
    {"llama", {.heads = 8, .kvHeads = 2, .headDim = 64, .rotaryDim = 64}, 150},
    {"interleaved",
     {.heads = 2, .kvHeads = 1, .headDim = 32, .rotaryDim = 32, .interleaved = true},
     70},
    {"partial rope", {.heads = 3, .kvHeads = 3, .headDim = 48, .rotaryDim = 20}, 65},
    {"tiny", {.heads = 1, .kvHeads = 1, .headDim = 8, .rotaryDim = 8}, 66},
    {"odd", {.heads = 6, .kvHeads = 2, .headDim = 20, .rotaryDim = 20}, 130},
    {"wide", {.heads = 2, .kvHeads = 1, .headDim = 256, .rotaryDim = 256}, 67},
    {"many heads a group", {.heads = 12, .kvHeads = 1, .headDim = 64}, 100},
    {"more heads than rows", {.heads = 40, .kvHeads = 1, .headDim = 16}, 65},
    {"window", {.heads = 4, .kvHeads = 2, .headDim = 64, .rotaryDim = 64, .window = 50}, 300},
    {"window of one", {.heads = 2, .kvHeads = 2, .headDim = 64, .window = 1}, 80},
    {"one token", {.heads = 4, .kvHeads = 2, .headDim = 64, .rotaryDim = 64}, 1},
    {"long", {.heads = 2, .kvHeads = 1, .headDim = 32, .rotaryDim = 32}, 1100}};

std::vector<float> ropeTable(std::int64_t positions, int rotaryDim)
{
    std::vector<float> table;
    for (std::int64_t p = 0; p < positions; ++p) {
        for (int part = 0; part < 2; ++part) {
            for (int i = 0; i < rotaryDim / 2; ++i) {
                const double angle = static_cast<double>(p) * std::pow(1e4, -2.0 * i / rotaryDim);
                table.push_back(static_cast<float>(part == 0 ? std::cos(angle) : std::sin(angle)));
            }
        }
    }
    return table;
}

} // namespace

class AttendTest : public KernelTest
{
protected:
    // A cache of shuffled pages, poisoned, and everything that a case needs.
    struct Setup
    {
        Case testCase;
        DType type = DType::Bf16;
        std::vector<float> rope;
        std::vector<float> queryNorm;
        std::vector<float> keyNorm;
        std::vector<float> qkv;
        std::vector<std::int32_t> pages;
        std::unique_ptr<Kernels> kernels;
        KvPages cache;
        std::int64_t width = 0;

        std::int64_t outputs() const { return testCase.shape.heads * testCase.shape.headDim; }
    };

    Setup makeSetup(const Case &testCase, DType type)
    {
        Setup setup;
        setup.testCase = testCase;
        setup.type = type;
        HeadShape &shape = setup.testCase.shape;
        shape.scale = 1 / std::sqrt(static_cast<float>(shape.headDim));
        setup.rope = ropeTable(testCase.tokens, shape.rotaryDim);
        shape.rope = setup.rope.data();
        if (testCase.norms) {
            setup.queryNorm = randomFloats(static_cast<std::size_t>(shape.headDim), 21);
            setup.keyNorm = randomFloats(static_cast<std::size_t>(shape.headDim), 22);
            shape.queryNorm = setup.queryNorm.data();
            shape.keyNorm = setup.keyNorm.data();
        }
        setup.width = (shape.heads + 2 * shape.kvHeads) * shape.headDim;
        setup.qkv = randomFloats(static_cast<std::size_t>(testCase.tokens * setup.width), 23);
        const auto count = static_cast<std::int32_t>((testCase.tokens + 63) / 64);
        for (std::int32_t page = 0; page < count; ++page)
            setup.pages.push_back(count - page);
        setup.kernels = makeKernels({.rows = testCase.tokens,
                                     .sequences = 4,
                                     .cachePages = count + 1,
                                     .heads = shape.heads,
                                     .kvHeads = shape.kvHeads,
                                     .headDim = shape.headDim});
        auto cache = KvPages::allocate(count + 1, shape.kvHeads, shape.headDim, type);
        EXPECT_TRUE(cache);
        setup.cache = std::move(*cache);
        setup.cache.poison();
        return setup;
    }

    // Of a case, whatever the variant, type and chunks: computed once.
    const std::vector<double> &expectedOf(const Setup &setup)
    {
        static std::map<std::string, std::vector<double>> known;
        const Case &testCase = setup.testCase;
        auto found = known.find(testCase.name);
        if (found == known.end()) {
            const Oracle oracle(testCase.shape, setup.qkv, testCase.tokens);
            found = known.emplace(testCase.name, oracle.attend()).first;
        }
        return found->second;
    }

    // Appends and attends to `tokens` tokens after `depth`; their rows of the output.
    std::vector<float> runChunk(Setup &setup, std::int64_t depth, std::int64_t tokens)
    {
        std::vector<float> qkv(setup.qkv.begin() + depth * setup.width,
                               setup.qkv.begin() + (depth + tokens) * setup.width);
        const SequenceSpan span{.pages = setup.pages.data(), .depth = depth, .tokens = tokens};
        Activations output = makeActivations(*setup.kernels, setup.type, tokens, setup.outputs());
        std::vector<float> rows(static_cast<std::size_t>(tokens * setup.outputs()), kNan);
        output.write(rows.data(), setup.outputs());
        const HeadShape &shape = setup.testCase.shape;
        setup.kernels->appendKv(qkv.data(), setup.width, {&span, 1}, shape, setup.cache);
        setup.kernels->attend(qkv.data(), setup.width, {&span, 1}, shape, setup.cache, output);
        output.read(rows.data(), setup.outputs());
        return rows;
    }

    std::vector<float> runInChunks(Setup &setup, std::int64_t chunk)
    {
        std::vector<float> all;
        for (std::int64_t depth = 0; depth < setup.testCase.tokens; depth += chunk) {
            const auto rows =
                runChunk(setup, depth, std::min(chunk, setup.testCase.tokens - depth));
            all.insert(all.end(), rows.begin(), rows.end());
        }
        return all;
    }
};

// Weights and values are rounded to bf16 besides queries and keys.
constexpr double kAttendBf16Limit = 1e-4;
constexpr double kAttendFp32Limit = 1e-10;

double limitOf(DType type)
{
    return type == DType::Fp32 ? kAttendFp32Limit : kAttendBf16Limit;
}

TEST_P(AttendTest, WholePromptMatchesDoubleArithmetic)
{
    for (const Case &testCase : kCases) {
        for (const DType type : {DType::Fp32, DType::Bf16}) {
            SCOPED_TRACE(testCase.name + " " + std::string(dtypeName(type)));
            Setup setup = makeSetup(testCase, type);
            EXPECT_LT(normalisedError(runInChunks(setup, testCase.tokens), expectedOf(setup)),
                      limitOf(type));
        }
    }
}

TEST_P(AttendTest, ChunksAndSingleTokensMatchDoubleArithmetic)
{
    for (const Case &testCase : kCases) {
        for (const DType type : {DType::Fp32, DType::Bf16}) {
            for (const std::int64_t chunk : {1, 7, 16, 64, 100}) {
                if (chunk == 1 && testCase.tokens > 400 && type == DType::Fp32)
                    continue; // the same path as in shorter cases, and slow under sanitizers
                SCOPED_TRACE(testCase.name + " " + std::string(dtypeName(type)) + " by " +
                             std::to_string(chunk));
                Setup setup = makeSetup(testCase, type);
                EXPECT_LT(normalisedError(runInChunks(setup, chunk), expectedOf(setup)),
                          limitOf(type));
            }
        }
    }
}

TEST_P(AttendTest, PagesInOrderGiveTheSameBitsAsShuffledOnes)
{
    Setup shuffled = makeSetup(kCases[0], DType::Bf16);
    Setup ordered = makeSetup(kCases[0], DType::Bf16);
    for (std::size_t i = 0; i < ordered.pages.size(); ++i)
        ordered.pages[i] = static_cast<std::int32_t>(i);
    EXPECT_EQ(runInChunks(shuffled, 200), runInChunks(ordered, 200));
}

TEST_P(AttendTest, MixedSpansMatchEachAlone)
{
    const Case mixed{"mixed", {.heads = 4, .kvHeads = 2, .headDim = 64, .rotaryDim = 64}, 300};
    Setup alone = makeSetup(mixed, DType::Bf16);
    Setup together = makeSetup(mixed, DType::Bf16);
    // Two sequences: pages 0..2 and 3..4 of the same cache; one at depth 130, one empty.
    const std::vector<std::int32_t> first{2, 0, 1};
    const std::vector<std::int32_t> second{4, 3};
    const auto run = [&](Setup &setup, std::vector<SequenceSpan> spans, std::int64_t rows) {
        std::vector<float> qkv(setup.qkv.begin(), setup.qkv.begin() + rows * setup.width);
        Activations output = makeActivations(*setup.kernels, setup.type, rows, setup.outputs());
        std::vector<float> result(static_cast<std::size_t>(rows * setup.outputs()), kNan);
        const HeadShape &shape = setup.testCase.shape;
        setup.kernels->appendKv(qkv.data(), setup.width, spans, shape, setup.cache);
        setup.kernels->attend(qkv.data(), setup.width, spans, shape, setup.cache, output);
        output.read(result.data(), setup.outputs());
        return result;
    };
    const SequenceSpan prompt{.pages = first.data(), .depth = 0, .tokens = 130, .firstRow = 0};
    run(alone, {prompt}, 130);
    run(together, {prompt}, 130);
    const SequenceSpan decode{.pages = first.data(), .depth = 130, .tokens = 1, .firstRow = 0};
    const SequenceSpan chunk{.pages = second.data(), .depth = 0, .tokens = 99, .firstRow = 1};
    const auto both = run(together, {decode, chunk}, 100);
    const auto one = run(alone, {decode}, 1);
    const auto other = run(alone, {chunk}, 100);
    const auto width = static_cast<std::size_t>(alone.outputs());
    for (std::size_t i = 0; i < both.size(); ++i) {
        const float expected = i < width ? one[i] : other[i];
        EXPECT_EQ(both[i], expected) << i;
    }
}

INSTANTIATE_TEST_SUITE_P(Variants, AttendTest, testing::ValuesIn(availableIsas()), isaTestName);

TEST(KvPagesTest, CopiesOnePageAlone)
{
    auto pages = KvPages::allocate(3, 2, 16, DType::Bf16);
    ASSERT_TRUE(pages);
    pages->poison();
    const KvView &view = pages->view();
    *static_cast<std::uint16_t *>(view.slab(1, 0)) = 42;
    pages->copyPage(1, 2);
    EXPECT_EQ(*static_cast<std::uint16_t *>(view.slab(2, 0)), 42);
    EXPECT_EQ(*static_cast<std::uint16_t *>(view.slab(0, 0)), 0xffff);
}

} // namespace engine::cpu::test
