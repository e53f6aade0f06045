// SPDX-License-Identifier: Apache-2.0
// Operators, bytes and limits of serving steps against counts made by hand from the papers.
#include "engine/predict/serving/step_model.h"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "engine/model/devices/device_file.h"
#include "engine/model/resolve_model.h"
#include "engine/predict/predictor.h"
#include "engine/predict/serving/serving_point.h"
#include "engine/spec/work.h"
#include "tests/engine/predict/shapes.h"

namespace {

using namespace engine;

ModelSpec preset(const std::string &name)
{
    return resolveModel(name).value().spec;
}

PhysicalVector starts()
{
    PhysicalVector values{};
    for (std::size_t c = 0; c < kPhysicalCount; ++c)
        values[c] = physicalBeliefs()[c].median;
    return values;
}

// Every share 1, no overhead, no padding.
PhysicalVector ideal()
{
    PhysicalVector values;
    values.fill(1e-15);
    for (Physical share :
         {Physical::GemmBf16, Physical::GemmFp8, Physical::GemmFp4, Physical::WeightBandwidth,
          Physical::ExpertBandwidth, Physical::ExpertCompute, Physical::AttentionCompute,
          Physical::KvBandwidth, Physical::Network})
        values[at(share)] = 1;
    return values;
}

StepModel stepOf(const ModelSpec &model, const Layout &layout, const PhysicalVector &constants,
                 DType weights = DType::Bf16)
{
    DeviceSpec device = shapes::h100();
    device.linkBandwidth = BytesPerSecond(450e9);
    return StepModel::create(model, device, stepTypesOf(model, weights, DType::Bf16), layout,
                             constants)
        .value();
}

std::map<OperatorKind, StepOperator> operatorsOf(const StepModel &step, const StepLoad &load)
{
    std::map<OperatorKind, StepOperator> sums;
    for (const OperatorSeconds &entry : step.explain(load).operators) {
        StepOperator &sum = sums[entry.work.kind];
        sum.flops += entry.work.flops;
        sum.weightBytes += entry.work.weightBytes;
        sum.cacheBytes += entry.work.cacheBytes;
        sum.sentBytes += entry.work.sentBytes;
        sum.messages += entry.work.messages;
        sum.blocks = entry.work.blocks;
    }
    return sums;
}

StepLoad decodeOf(double sequences, double positions)
{
    StepLoad load;
    load.decodeSequences = sequences;
    load.decodePositions = positions;
    return load;
}

StepLoad promptOf(double tokens, double depth)
{
    StepLoad load;
    load.prefillTokens = tokens;
    load.prefillDepth = depth;
    return load;
}

// Llama-3.1-8B: hidden 4096, 32 heads and 8 key heads of 128, feed-forward 14336, 32 layers.
TEST(StepOperators, OfLlamaEightBillionAreThoseCountedByHand)
{
    const auto ops = operatorsOf(stepOf(preset("llama-3.1-8b"), {}, ideal()), decodeOf(4, 1000));
    EXPECT_EQ(ops.at(OperatorKind::Qkv).flops.value, 2.0 * 4 * 4096 * 6144 * 32);
    EXPECT_EQ(ops.at(OperatorKind::Qkv).weightBytes.value, 2.0 * 4096 * 6144 * 32);
    EXPECT_EQ(ops.at(OperatorKind::AttentionOutput).flops.value, 2.0 * 4 * 4096 * 4096 * 32);
    EXPECT_EQ(ops.at(OperatorKind::GateUp).flops.value, 2.0 * 4 * 2 * 4096 * 14336 * 32);
    EXPECT_EQ(ops.at(OperatorKind::Down).flops.value, 2.0 * 4 * 4096 * 14336 * 32);
    EXPECT_EQ(ops.at(OperatorKind::Attention).flops.value, 4.0 * 4096 * 1000 * 4 * 32);
    // 4,096 bytes a position and layer read, and one position a sequence written.
    EXPECT_EQ(ops.at(OperatorKind::Attention).cacheBytes.value, 4096.0 * 1001 * 4 * 32);
    EXPECT_EQ(ops.at(OperatorKind::Head).flops.value, 2.0 * 4 * 4096 * 128256);
    EXPECT_EQ(ops.count(OperatorKind::AllReduce), 0u);
}

// DeepSeek-V3 report, section 4.2: 128 heads, latent rows 1536 and 512 + 64, heads 128 + 64 / 128,
// 58 layers of 256 experts of 2048, 8 a token, one shared; three dense layers of 18432.
TEST(StepOperators, OfDeepSeekAreThoseCountedByHand)
{
    const auto ops =
        operatorsOf(stepOf(preset("deepseek-v3"), {}, ideal(), DType::Fp8), decodeOf(2, 1000));
    EXPECT_EQ(ops.at(OperatorKind::LatentDown).flops.value, 2.0 * 2 * 7168 * (1536 + 576) * 61);
    EXPECT_EQ(ops.at(OperatorKind::LatentUp).flops.value,
              2.0 * 2 * (1536.0 * 128 * 192 + 512.0 * 128 * 256) * 61);
    EXPECT_EQ(ops.at(OperatorKind::Attention).flops.value, 278528.0 * 1000 * 2 * 61);
    EXPECT_EQ(ops.at(OperatorKind::Attention).cacheBytes.value, 1152.0 * 1001 * 2 * 61);
    EXPECT_EQ(ops.at(OperatorKind::AttentionOutput).flops.value, 2.0 * 2 * 128 * 128 * 7168 * 61);
    EXPECT_EQ(ops.at(OperatorKind::GateUp).flops.value, 2.0 * 2 * 2 * 7168 * 18432 * 3);
    EXPECT_EQ(ops.at(OperatorKind::Experts).flops.value, 2.0 * 3 * 7168 * 2048 * 8 * 2 * 58);
    EXPECT_EQ(ops.at(OperatorKind::SharedExperts).flops.value, 2.0 * 3 * 7168 * 2048 * 2 * 58);
    EXPECT_EQ(ops.at(OperatorKind::Router).flops.value, 2.0 * 2 * 7168 * 256 * 58);
    EXPECT_NEAR(ops.at(OperatorKind::Experts).blocks, 256 * (1 - std::pow(1 - 8.0 / 256, 2)), 0.1);
    // A prompt from nothing: 81,920 FLOPs a pair and layer.
    const auto prompt =
        operatorsOf(stepOf(preset("deepseek-v3"), {}, ideal(), DType::Fp8), promptOf(1000, 0));
    EXPECT_EQ(prompt.at(OperatorKind::Attention).flops.value, 81920.0 * 1000 * 1001 / 2 * 61);
}

// Below 171 tokens after cached ones it is cheaper to attend in the latent space.
TEST(StepOperators, ShortChunksOfLatentAttentionStayInTheLatentSpace)
{
    const StepModel step = stepOf(preset("deepseek-v3"), {}, ideal());
    const double depth = 100000;
    const auto flops = [&](double tokens) {
        return operatorsOf(step, promptOf(tokens, depth)).at(OperatorKind::Attention).flops.value;
    };
    const auto pairs = [&](double tokens) { return depth * tokens + tokens * (tokens + 1) / 2; };
    EXPECT_NEAR(flops(170), 278528.0 * pairs(170) * 61, 1);
    EXPECT_NEAR(flops(172), (81920.0 * pairs(172) + 2.0 * 512 * 128 * 256 * depth) * 61, 1e6);
}

// Expected experts touched, computed apart by summing 1 - (1 - p)^T over all experts.
TEST(Routing, TouchesTheExpectedNumberOfExperts)
{
    struct Case
    {
        int experts, perToken;
        double skew, tokens, touched;
    };
    for (const Case &c :
         {Case{256, 8, 0, 1, 8}, Case{256, 8, 0, 64, 222}, Case{128, 4, 0, 16, 51},
          Case{512, 10, 0, 128, 471}, Case{384, 8, 0, 32, 188}, Case{256, 8, 0.5, 8, 55},
          Case{256, 8, 0.5, 64, 205}, Case{256, 8, 1.01, 8, 42}, Case{256, 8, 1.01, 64, 152},
          Case{256, 8, 1.01, 512, 253}, Case{256, 8, 1.01, 1, 8}}) {
        const Routing routing(c.experts, c.perToken, c.skew);
        EXPECT_NEAR(routing.expertsTouched(c.tokens), c.touched, 0.02 * c.touched + 0.6)
            << c.experts << " " << c.skew << " " << c.tokens;
    }
}

TEST(StepOperators, ParallelismSharesTheWorkAndSendsTheHiddenState)
{
    const ModelSpec model = preset("llama-3.1-70b");
    const auto one = operatorsOf(stepOf(model, {}, ideal()), decodeOf(8, 500));
    const auto four = operatorsOf(stepOf(model, {.tensor = 4}, ideal()), decodeOf(8, 500));
    for (OperatorKind kind : {OperatorKind::Qkv, OperatorKind::GateUp, OperatorKind::Down,
                              OperatorKind::Attention, OperatorKind::Head})
        EXPECT_NEAR(four.at(kind).flops.value * 4, one.at(kind).flops.value, 1) << int(kind);
    EXPECT_EQ(four.at(OperatorKind::AllReduce).messages, 160);
    EXPECT_EQ(four.at(OperatorKind::AllReduce).sentBytes.value,
              2.0 * 80 * 2 * 3 / 4 * 8 * 8192 * 2);
    // Latent rows are kept whole by every device of tensor parallelism, and split by data.
    const ModelSpec latent = preset("deepseek-v3");
    const StepTypes types = stepTypesOf(latent, DType::Fp8, DType::Bf16);
    EXPECT_EQ(cacheBytesPerDevice(latent, types, {.tensor = 8}, 1000).value, 70272.0 * 1000);
    const double tp =
        mostSequences(latent, shapes::gpu(141, 4800, 989, 1979), types, {.tensor = 8}, 4096);
    const double dp = mostSequences(latent, shapes::gpu(141, 4800, 989, 1979), types,
                                    {.tensor = 1, .dataAttention = 8, .expert = 8}, 4096);
    EXPECT_GT(dp, 4 * tp);
}

TEST(StepOperators, SlidingWindowsAndStatesDoNotGrowWithTheContext)
{
    const StepModel mixed = stepOf(preset("qwen3.5-397b-a17b"), {.tensor = 8}, ideal());
    const auto near = operatorsOf(mixed, decodeOf(1, 1000));
    const auto far = operatorsOf(mixed, decodeOf(1, 100000));
    EXPECT_EQ(near.at(OperatorKind::LinearState).cacheBytes.value,
              far.at(OperatorKind::LinearState).cacheBytes.value);
    const auto gpt = operatorsOf(stepOf(preset("gpt-oss-120b"), {}, ideal()), decodeOf(1, 10000));
    EXPECT_EQ(gpt.at(OperatorKind::Attention).flops.value, 4.0 * 64 * 64 * 18 * (10000 + 128));
}

TEST(StepTimes, ReachTheirLimits)
{
    const ModelSpec model = preset("qwen3-30b-a3b");
    const StepModel step = stepOf(model, {}, ideal());
    // Batch 1: every touched weight and the cache once over the bandwidth.
    const double bytes = decodeStepWork(model, DType::Bf16, DType::Bf16, 1, 512).bytes().value;
    EXPECT_NEAR(step.time(decodeOf(1, 512)).value, bytes / 3350e9, 0.02 * bytes / 3350e9);
    // A great batch: FLOPs over the rate.
    const double flops = decodeStepWork(model, DType::Bf16, DType::Bf16, 1 << 20, 1).flops.value;
    EXPECT_NEAR(step.time(decodeOf(1 << 20, 1)).value, flops / 989e12, 0.02 * flops / 989e12);
    // Bandwidth without end leaves computing alone.
    DeviceSpec endless = shapes::h100();
    endless.bandwidth = BytesPerSecond(1e30);
    const StepModel fast = StepModel::create(model, endless, {}, {}, ideal()).value();
    const double one = decodeStepWork(model, DType::Bf16, DType::Bf16, 1, 512).flops.value;
    EXPECT_NEAR(fast.time(decodeOf(1, 512)).value, one / 989e12, 0.01 * one / 989e12);
}

TEST(StepTimes, GrowWithEveryLoad)
{
    for (const char *name : {"llama-3.1-8b", "deepseek-v3", "qwen3.5-397b-a17b", "glm-5"}) {
        const StepModel step = stepOf(preset(name), {.tensor = 8}, starts());
        double before = 0;
        for (double batch : {1, 2, 5, 16, 60, 200, 1000}) {
            const double time = step.time(decodeOf(batch, 2000)).value;
            EXPECT_GT(time, before) << name << batch;
            before = time;
        }
        before = 0;
        for (double context : {1, 100, 1000, 10000, 100000}) {
            const double time = step.time(decodeOf(16, context)).value;
            EXPECT_GE(time, before) << name << context;
            before = time;
        }
        before = 0;
        for (double tokens : {1, 10, 200, 1000, 9000, 50000}) {
            const double time = step.prefillTime(tokens, 0, 8192).value;
            EXPECT_GT(time, before) << name << tokens;
            before = time;
        }
        // What is cached need not be computed, though it is attended to.
        EXPECT_LT(step.prefillTime(1000, 7000, 8192).value, step.prefillTime(8000, 0, 8192).value);
        EXPECT_GT(step.prefillTime(1000, 7000, 8192).value, step.prefillTime(1000, 0, 8192).value);
    }
}

TEST(StepTimes, AMixedStepCostsLessThanItsPartsOneAfterTheOther)
{
    const StepModel step = stepOf(preset("llama-3.1-70b"), {.tensor = 4}, starts());
    StepLoad mixed = decodeOf(32, 2000);
    mixed.prefillTokens = 256;
    EXPECT_LT(step.time(mixed).value,
              step.time(decodeOf(32, 2000)).value + step.time(promptOf(256, 0)).value);
    EXPECT_GT(step.time(mixed).value, step.time(decodeOf(32, 2000)).value);
}

TEST(StepTimes, ImpossibleLayoutsAreRefused)
{
    const ModelSpec model = preset("deepseek-v3");
    EXPECT_FALSE(StepModel::create(model, shapes::h100(), {}, {.tensor = 0}, starts()));
    EXPECT_FALSE(
        StepModel::create(model, shapes::h100(), {}, {.tensor = 8, .expert = 3}, starts()));
}

// Weights within 3 % of the parameter bytes.
TEST(ServingMemory, WeightsOfAllDevicesAreTheParameters)
{
    for (const char *name : {"llama-3.1-70b", "deepseek-v3", "minimax-m2.5"}) {
        const ModelSpec model = preset(name);
        const StepTypes types = stepTypesOf(model, DType::Bf16, DType::Bf16);
        const double whole = weightBytes(model, DType::Bf16).value;
        EXPECT_NEAR(weightBytesPerDevice(model, types, {}).value, whole, 0.03 * whole) << name;
        EXPECT_NEAR(8 * weightBytesPerDevice(model, types, {.tensor = 8}).value, whole,
                    0.03 * whole)
            << name;
    }
}

TEST(ServingPredictor, EstimatesExpertsOnManyDevices)
{
    Deployment deployment;
    deployment.dtype = DType::Fp8;
    deployment.layout = {.tensor = 8};
    deployment.pricePerHour = 2'000'000;
    const DeviceSpec device = findDevice("h200-sxm").value();
    const Predictor predictor =
        Predictor::create(preset("deepseek-v3"), device, deployment, priorCalibration(device))
            .value();
    const Estimate e = predictor.at({16, 2048, 256}).value();
    EXPECT_EQ(e.memory.fit, Fit::Fits);
    EXPECT_GT(e.tpot.mid.value, 0.005);
    EXPECT_LT(e.tpot.mid.value, 0.1);
    EXPECT_LT(e.tpot.low.value, e.tpot.mid.value);
    EXPECT_GT(e.tpot.high.value, e.tpot.mid.value);
    const Breakdown why = predictor.explain({16, 2048, 256}, Phase::Decode).value();
    EXPECT_NEAR(why.total().value, e.tpot.mid.value, 1e-9);
    // One H200 does not hold it.
    Deployment alone = deployment;
    alone.layout = {};
    const Predictor single =
        Predictor::create(preset("deepseek-v3"), device, alone, priorCalibration(device)).value();
    EXPECT_EQ(single.at({1, 128, 1}).value().memory.fit, Fit::OverMemory);
}

} // namespace
