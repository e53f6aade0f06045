// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/operators.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/predict/step_time.h"
#include "engine/spec/work.h"
#include "tests/engine/predict/shapes.h"

namespace {

using namespace engine;

std::vector<OperatorWork> listed(const ModelSpec &model, const StepShape &shape,
                                 DType dtype = DType::Bf16, DType kv = DType::Bf16)
{
    std::vector<OperatorWork> operators;
    listOperators(planOf(model), dtype, kv, shape, operators);
    return operators;
}

OperatorWork find(const std::vector<OperatorWork> &operators, OperatorKind kind)
{
    for (const OperatorWork &work : operators) {
        if (work.kind == kind)
            return work;
    }
    ADD_FAILURE() << "no " << operatorName(kind);
    return {};
}

Work sum(const std::vector<OperatorWork> &operators)
{
    Work total;
    for (const OperatorWork &work : operators) {
        total.flops += work.flops;
        total.weightBytes += work.weightBytes;
        total.kvReadBytes += work.kvReadBytes;
        total.kvWriteBytes += work.kvWriteBytes;
    }
    return total;
}

void expectSame(const Work &listedWork, const Work &counted)
{
    EXPECT_DOUBLE_EQ(listedWork.flops.value, counted.flops.value);
    EXPECT_DOUBLE_EQ(listedWork.weightBytes.value, counted.weightBytes.value);
    EXPECT_DOUBLE_EQ(listedWork.kvReadBytes.value, counted.kvReadBytes.value);
    EXPECT_DOUBLE_EQ(listedWork.kvWriteBytes.value, counted.kvWriteBytes.value);
}

ModelSpec withEveryDenseFeature()
{
    ModelSpec model = shapes::qwenSmall();
    for (std::size_t i = 0; i < model.layers.size(); ++i) {
        LayerSpec &layer = model.layers[i];
        layer.attention.qkvBias = i % 2 == 0;
        layer.attention.outputBias = i % 3 == 0;
        layer.ffn.bias = i % 5 == 0;
        layer.attention.window = i % 4 == 0 ? 100 : 0;
    }
    return model;
}

// 2 x rows x (4096 x 6144) x 32 layers and so on, worked by hand for 8 sequences at 1,000
// positions: qkv 4096 x (4096 + 2 x 1024), attention 4 x 4096 FLOPs a pair, gate and up
// 4096 x 28672, head 4096 x 128256.
TEST(Operators, LlamaEightBillionDecodesByHandWorkedCounts)
{
    const auto operators = listed(shapes::llama8b(), {Phase::Decode, 8, 1000, 0});
    EXPECT_EQ(find(operators, OperatorKind::Qkv).flops.value, 12884901888);
    EXPECT_EQ(find(operators, OperatorKind::Qkv).weightBytes.value, 2.0 * 32 * (25165824 + 4096));
    EXPECT_EQ(find(operators, OperatorKind::Attention).flops.value, 4194304000);
    EXPECT_EQ(find(operators, OperatorKind::Attention).kvReadBytes.value, 1048576000);
    EXPECT_EQ(find(operators, OperatorKind::Attention).kvWriteBytes.value, 1048576);
    EXPECT_EQ(find(operators, OperatorKind::AttentionOutput).flops.value, 8589934592);
    EXPECT_EQ(find(operators, OperatorKind::GateUp).flops.value, 60129542144);
    EXPECT_EQ(find(operators, OperatorKind::Down).flops.value, 30064771072);
    EXPECT_EQ(find(operators, OperatorKind::Head).flops.value, 8405385216);
    EXPECT_EQ(find(operators, OperatorKind::Embedding).weightBytes.value, 8.0 * 4096 * 2);
}

// 512 prompt tokens: 512 x 513 / 2 = 131,328 causal pairs; the head sees the last position alone.
TEST(Operators, LlamaEightBillionPrefillsByHandWorkedCounts)
{
    const auto operators = listed(shapes::llama8b(), {Phase::Prefill, 1, 512, 0});
    EXPECT_EQ(find(operators, OperatorKind::Qkv).flops.value, 824633720832);
    EXPECT_EQ(find(operators, OperatorKind::Attention).flops.value, 68853694464);
    EXPECT_EQ(find(operators, OperatorKind::GateUp).flops.value, 3848290697216);
    EXPECT_EQ(find(operators, OperatorKind::Head).flops.value, 1050673152);
}

TEST(Operators, AddUpToTheCountsOfTheWork)
{
    for (const ModelSpec &model :
         {shapes::llama8b(), shapes::qwenSmall(), withEveryDenseFeature()}) {
        for (DType dtype : {DType::Bf16, DType::Fp8, DType::Int4}) {
            for (std::int64_t context : {1, 99, 100, 101, 4096}) {
                for (std::int64_t batch : {1, 7, 64}) {
                    expectSame(
                        sum(listed(model, {Phase::Decode, batch, context, 0}, dtype, DType::Fp8)),
                        decodeStepWork(model, dtype, DType::Fp8, batch, context));
                }
                expectSame(sum(listed(model, {Phase::Prefill, 1, context, 0}, dtype, DType::Bf16)),
                           prefillWork(model, dtype, DType::Bf16, context, 0));
            }
        }
    }
}

TEST(Operators, ChunksReadTheWeightsAgainAndComputeTheSame)
{
    const ModelSpec model = shapes::llama8b();
    const auto whole = listed(model, {Phase::Prefill, 1, 2048, 0});
    const auto chunked = listed(model, {Phase::Prefill, 1, 2048, 512});
    EXPECT_DOUBLE_EQ(sum(whole).flops.value, sum(chunked).flops.value);
    EXPECT_EQ(find(chunked, OperatorKind::Down).weightBytes.value,
              4 * find(whole, OperatorKind::Down).weightBytes.value);
    // Chunk i reads (i + 1) x 512 positions: 10 x 512 in all.
    EXPECT_EQ(find(chunked, OperatorKind::Attention).kvReadBytes.value, 131072.0 * 5120);
    Work byChunk;
    for (std::int64_t depth = 0; depth < 2048; depth += 512)
        byChunk.kvReadBytes += prefillWork(model, DType::Bf16, DType::Bf16, 512, depth).kvReadBytes;
    EXPECT_EQ(sum(chunked).kvReadBytes.value, byChunk.kvReadBytes.value);
}

TEST(Operators, LayersOfOneShapeAreListedOnce)
{
    ModelSpec model = shapes::llama8b();
    for (std::size_t i = 0; i < model.layers.size(); i += 2)
        model.layers[i].attention.window = 1024;
    const std::vector<LayerGroup> groups = groupLayers(model);
    ASSERT_EQ(groups.size(), 2u);
    EXPECT_EQ(groups[0].count, 16);
    EXPECT_EQ(groups[1].count, 16);
}

EngineHabits habits(double paddingRows)
{
    EngineHabits habits;
    habits.paddingRows = paddingRows;
    return habits;
}

ConstantVector ideal()
{
    ConstantVector constants;
    constants.fill(1);
    constants[std::size_t(Constant::PerLayer)] = 1e-12;
    constants[std::size_t(Constant::PerStep)] = 1e-12;
    constants[std::size_t(Constant::PerSequence)] = 1e-12;
    return constants;
}

TEST(StepTime, AtBatchOneIsTheBytesOverTheBandwidth)
{
    const ModelSpec model = shapes::llama8b();
    const StepShape shape{Phase::Decode, 1, 1024, 0};
    const auto operators = listed(model, shape);
    const StepTime step =
        stepTime(operators, 32, shape, ratesOf(shapes::h100(), DType::Bf16, habits(0), 4), ideal());
    const Work work = decodeStepWork(model, DType::Bf16, DType::Bf16, 1, 1024);
    EXPECT_NEAR(step.total.value, work.bytes().value / 3350e9, 0.001 * step.total.value);
    EXPECT_EQ(step.bound, Bound::Memory);
}

TEST(StepTime, OfALongPromptIsTheFlopsOverTheRate)
{
    const ModelSpec model = shapes::llama8b();
    const StepShape shape{Phase::Prefill, 1, 8192, 0};
    const auto operators = listed(model, shape);
    const StepTime step =
        stepTime(operators, 32, shape, ratesOf(shapes::h100(), DType::Bf16, habits(0), 4), ideal());
    const Work work = prefillWork(model, DType::Bf16, DType::Bf16, 8192, 0);
    EXPECT_GT(step.total.value, work.flops.value / 989e12);
    EXPECT_NEAR(step.total.value, work.flops.value / 989e12, 0.03 * step.total.value);
    EXPECT_EQ(step.bound, Bound::Compute);
}

TEST(StepTime, TinyModelsAreBoundByOverhead)
{
    ConstantVector constants = ideal();
    constants[std::size_t(Constant::PerLayer)] = 50e-6;
    const ModelSpec model = shapes::dense("tiny", {4, 64, 2, 1, 32, 128, 256, true, false});
    const StepShape shape{Phase::Decode, 1, 16, 0};
    const StepTime step = stepTime(listed(model, shape), 4, shape,
                                   ratesOf(shapes::h100(), DType::Bf16, habits(0), 4), constants);
    EXPECT_EQ(step.bound, Bound::Overhead);
    EXPECT_NEAR(step.total.value, 200e-6, 2e-6);
}

TEST(StepTime, SlopesAreThoseOfAFiniteDifference)
{
    const ModelSpec model = withEveryDenseFeature();
    const PhaseFit prior = priorCalibration(shapes::cpu(40, 1.2)).decode;
    const StepShape cells[] = {
        {Phase::Decode, 1, 512, 0}, {Phase::Decode, 24, 4096, 0}, {Phase::Prefill, 1, 700, 512}};
    const double overlaps[] = {4, 1, 2.5};
    for (std::size_t i = 0; i < 3; ++i) {
        const StepShape &shape = cells[i];
        const StepRates rates = ratesOf(shapes::cpu(40, 1.2), DType::Bf16, habits(4), overlaps[i]);
        const auto operators = listed(model, shape);
        const StepTime step = stepTime(operators, 28, shape, rates, valuesOf(prior.logValue));
        for (std::size_t c = 0; c < kConstantCount; ++c) {
            ConstantVector moved = prior.logValue;
            moved[c] += 1e-5;
            const StepTime other = stepTime(operators, 28, shape, rates, valuesOf(moved));
            EXPECT_NEAR(step.gradient[c], std::log(other.total / step.total) / 1e-5, 1e-3)
                << constantName(Constant(c));
        }
    }
}

TEST(StepTime, ATypeThatTheDeviceLacksIsComputedInSixteenBits)
{
    const StepRates native = ratesOf(shapes::h100(), DType::Fp8, habits(0), 4);
    EXPECT_EQ(native.gemm.value, 1979e12);
    const StepRates unpacked = ratesOf(shapes::gpu(80, 2000, 312, 0), DType::Fp8, habits(0), 4);
    EXPECT_EQ(unpacked.gemm.value, 312e12);
    EXPECT_LT(unpacked.gemmFactor, 1);
}

} // namespace
