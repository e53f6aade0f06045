// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/predictor.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/predict/cost.h"
#include "tests/engine/predict/shapes.h"

namespace {

using namespace engine;

Deployment rented(MicroUsd perHour = 2'000'000, double utilisation = 0.8)
{
    Deployment deployment;
    deployment.pricePerHour = perHour;
    deployment.utilisation = utilisation;
    return deployment;
}

Predictor predictorOf(const ModelSpec &model, const DeviceSpec &device,
                      const Deployment &deployment = rented())
{
    return Predictor::create(model, device, deployment, priorCalibration(device)).value();
}

Estimate estimateOf(const Predictor &predictor, std::int64_t batch, std::int64_t context,
                    std::int64_t output = 128)
{
    return predictor.at({batch, context, output}).value();
}

TEST(Predictor, WaitsAreThoseOfPromptsPrefilledInOrder)
{
    const Predictor predictor = predictorOf(shapes::llama8b(), shapes::h100());
    const Estimate one = estimateOf(predictor, 1, 1024);
    EXPECT_EQ(one.ttft, one.ttftIdle);
    // The median of 1, 2, 3, 4, 5 prefills is 3; of 1, 2, 3, 4 it is 2.5.
    const Estimate five = estimateOf(predictor, 5, 1024);
    EXPECT_DOUBLE_EQ(five.ttftIdle.mid.value, one.ttftIdle.mid.value);
    EXPECT_DOUBLE_EQ(five.ttft.mid.value, 3 * one.ttftIdle.mid.value);
    EXPECT_DOUBLE_EQ(estimateOf(predictor, 4, 1024).ttft.mid.value, 2.5 * one.ttftIdle.mid.value);
}

TEST(Predictor, FiguresOfOneEstimateAgreeWithEachOther)
{
    const Predictor predictor = predictorOf(shapes::llama8b(), shapes::h100());
    const Estimate e = estimateOf(predictor, 8, 2000, 101);
    EXPECT_DOUBLE_EQ(e.e2e.mid.value, e.ttft.mid.value + 100 * e.tpot.mid.value);
    EXPECT_DOUBLE_EQ(e.outputTps.mid, 8 / e.tpot.mid.value);
    EXPECT_DOUBLE_EQ(e.userTps.mid, 1 / e.tpot.mid.value);
    EXPECT_DOUBLE_EQ(e.prefillTps.mid, 2000 / e.ttftIdle.mid.value);
    const double life = 8 * e.ttftIdle.mid.value + 100 * e.tpot.mid.value;
    EXPECT_DOUBLE_EQ(e.totalTps.mid, 8 * 2101 / life);
    // 2 dollars an hour, four fifths used.
    EXPECT_EQ(e.cost.total->mid, std::llround(2e12 * life / (8 * 2101) / 3600 / 0.8));
    EXPECT_EQ(e.cost.outputAlone->mid, std::llround(2e12 * life / (8 * 101) / 3600 / 0.8));
    EXPECT_EQ(e.cost.input->mid, std::llround(2e12 * e.ttftIdle.mid.value / 2000 / 3600 / 0.8));
    EXPECT_EQ(e.cost.output->mid, std::llround(2e12 * e.tpot.mid.value / 8 / 3600 / 0.8));
}

// The output length counts in the whole time, the cost and the memory, in nothing else.
TEST(Predictor, OutputLengthMovesNeitherWaitNorSpeed)
{
    const Predictor predictor = predictorOf(shapes::llama8b(), shapes::h100());
    const Estimate brief = estimateOf(predictor, 4, 1000, 10);
    const Estimate wordy = estimateOf(predictor, 4, 1000, 1000);
    EXPECT_EQ(brief.ttft, wordy.ttft);
    EXPECT_EQ(brief.tpot, wordy.tpot);
    EXPECT_LT(brief.e2e.mid, wordy.e2e.mid);
    EXPECT_LT(brief.memory.kv, wordy.memory.kv);
    EXPECT_NE(brief.cost.total, wordy.cost.total);
}

TEST(Predictor, BandsHoldTheMiddleAndRatesTurnThemRound)
{
    const Estimate e = estimateOf(predictorOf(shapes::llama8b(), shapes::h100()), 8, 2000);
    for (const Banded<Seconds> &time : {e.ttft, e.ttftIdle, e.tpot, e.e2e}) {
        EXPECT_LT(time.low, time.mid);
        EXPECT_LT(time.mid, time.high);
    }
    for (const Banded<double> &rate : {e.outputTps, e.userTps, e.prefillTps, e.totalTps}) {
        EXPECT_LT(rate.low, rate.mid);
        EXPECT_LT(rate.mid, rate.high);
    }
    EXPECT_DOUBLE_EQ(e.userTps.low, 1 / e.tpot.high.value);
    EXPECT_LT(e.cost.total->low, e.cost.total->high);
}

TEST(Predictor, LargerBatchIsNeverFasterAStepAndLongerContextNeither)
{
    for (const DeviceSpec &device : {shapes::h100(), shapes::cpu(40, 1.1), shapes::cpu(30, 7)}) {
        const Predictor predictor = predictorOf(shapes::qwenSmall(), device);
        for (std::int64_t context = 1; context <= 65536; context *= 4) {
            Estimate last = estimateOf(predictor, 1, context);
            for (std::int64_t batch = 2; batch <= 512; ++batch) {
                const Estimate next = estimateOf(predictor, batch, context);
                EXPECT_GE(next.tpot.mid, last.tpot.mid);
                EXPECT_GE(next.ttft.mid, last.ttft.mid);
                EXPECT_GE(next.outputTps.mid * (1 + 1e-9), last.outputTps.mid);
                last = next;
            }
        }
        Estimate last = estimateOf(predictor, 4, 1);
        for (std::int64_t context = 2; context <= 65536; context *= 2) {
            const Estimate next = estimateOf(predictor, 4, context);
            EXPECT_GE(next.tpot.mid, last.tpot.mid);
            EXPECT_GE(next.ttftIdle.mid, last.ttftIdle.mid);
            last = next;
        }
    }
}

TEST(Predictor, EndlessBandwidthLeavesComputeAndOverhead)
{
    DeviceSpec device = shapes::h100();
    device.bandwidth = BytesPerSecond(1e30);
    const Predictor predictor = predictorOf(shapes::llama8b(), device);
    const Estimate e = estimateOf(predictor, 256, 512);
    const Breakdown why = predictor.explain({256, 512, 128}, Phase::Decode).value();
    double compute = 0;
    for (const OperatorTime &entry : why.operators) {
        if (entry.work.flops.value > 0) {
            EXPECT_EQ(entry.bound, Bound::Compute) << operatorName(entry.work.kind);
        }
        compute += entry.time.value;
    }
    EXPECT_NEAR(e.tpot.mid.value, compute + why.overhead.value, 1e-9);
    EXPECT_GE(e.tpot.mid.value, 2.0 * 7504658432 * 256 / 989e12); // its products at the whole peak
}

TEST(Predictor, AShortContextLeavesTheWeights)
{
    const DeviceSpec device = shapes::h100();
    const Predictor predictor = predictorOf(shapes::llama8b(), device);
    const double weights = 2.0 * 7504658432 / 3350e9;
    const double share = priorCalibration(device).decode.value(Constant::WeightBandwidth);
    const Breakdown why = predictor.explain({1, 1, 1}, Phase::Decode).value();
    EXPECT_NEAR((why.total() - why.overhead).value, weights / share, 0.01 * weights);
}

TEST(Predictor, BreakdownAddsUpToTheEstimate)
{
    const Predictor predictor = predictorOf(shapes::llama8b(), shapes::h100());
    const Workload workload{16, 3000, 100};
    const Estimate e = predictor.at(workload).value();
    EXPECT_NEAR(predictor.explain(workload, Phase::Decode).value().total() / e.tpot.mid, 1, 1e-9);
    EXPECT_NEAR(predictor.explain(workload, Phase::Prefill).value().total() / e.ttftIdle.mid, 1,
                1e-9);
}

TEST(Predictor, NamesTheLimitThatBinds)
{
    const Predictor predictor = predictorOf(shapes::llama8b(), shapes::h100());
    EXPECT_EQ(estimateOf(predictor, 1, 512).decodeBound, Bound::Memory);
    const Predictor large = predictorOf(shapes::llama70b(), shapes::h100());
    EXPECT_EQ(estimateOf(large, 512, 1).decodeBound, Bound::Compute);
    EXPECT_EQ(estimateOf(predictor, 1, 8192).prefillBound, Bound::Compute);
}

TEST(Predictor, ASmallerTypeIsFasterWhereMemoryBinds)
{
    Deployment eight = rented();
    eight.dtype = DType::Fp8;
    Deployment four = rented();
    four.dtype = DType::Int4;
    const ModelSpec model = shapes::llama8b();
    const Seconds bf16 = estimateOf(predictorOf(model, shapes::h100()), 1, 512).tpot.mid;
    const Seconds fp8 = estimateOf(predictorOf(model, shapes::h100(), eight), 1, 512).tpot.mid;
    const Seconds int4 = estimateOf(predictorOf(model, shapes::h100(), four), 1, 512).tpot.mid;
    EXPECT_LT(fp8, bf16);
    EXPECT_LT(int4, fp8);
}

TEST(Predictor, ManyWorkloadsAtOnceGiveWhatEachAloneGives)
{
    const Predictor predictor = predictorOf(shapes::llama8b(), shapes::h100());
    const std::vector<Workload> workloads{{1, 128, 32}, {64, 4096, 32}, {3, 777, 1}};
    std::vector<Estimate> together;
    ASSERT_TRUE(predictor.at(workloads, together));
    ASSERT_EQ(together.size(), 3u);
    for (std::size_t i = 0; i < workloads.size(); ++i)
        EXPECT_EQ(together[i], predictor.at(workloads[i]).value());
}

TEST(Predictor, WithoutAPriceThereIsNoCost)
{
    const Estimate e =
        estimateOf(predictorOf(shapes::llama8b(), shapes::h100(), Deployment{}), 1, 128);
    EXPECT_FALSE(e.cost.total);
    EXPECT_FALSE(e.cost.output);
    Deployment free = rented(0);
    EXPECT_EQ(
        estimateOf(predictorOf(shapes::llama8b(), shapes::h100(), free), 1, 128).cost.total->mid,
        0);
}

ErrorKind refusal(const ModelSpec &model, const DeviceSpec &device, const Deployment &deployment)
{
    const auto made = Predictor::create(model, device, deployment, priorCalibration(device));
    EXPECT_FALSE(made);
    EXPECT_FALSE(made || made.error().message.empty());
    return made ? ErrorKind::Internal : made.error().kind;
}

TEST(Predictor, RefusesWhatItCannotEstimate)
{
    ModelSpec mixture = shapes::llama8b();
    mixture.layers[3].ffn.kind = FfnKind::MixtureOfExperts;
    EXPECT_EQ(refusal(mixture, shapes::h100(), rented()), ErrorKind::BadInput);
    ModelSpec latent = shapes::llama8b();
    latent.layers[0].attention.kind = AttentionKind::Latent;
    EXPECT_EQ(refusal(latent, shapes::h100(), rented()), ErrorKind::BadInput);
    EXPECT_EQ(refusal(ModelSpec{}, shapes::h100(), rented()), ErrorKind::BadInput);
    EXPECT_EQ(refusal(shapes::llama8b(), DeviceSpec{}, rented()), ErrorKind::BadInput);
    EXPECT_EQ(refusal(shapes::llama8b(), shapes::h100(), rented(1, 0)), ErrorKind::BadInput);
    EXPECT_EQ(refusal(shapes::llama8b(), shapes::h100(), rented(1, NAN)), ErrorKind::BadInput);
    EXPECT_EQ(refusal(shapes::llama8b(), shapes::h100(), rented(-1)), ErrorKind::BadInput);
}

TEST(Predictor, RefusesCountsThatAreNoWorkload)
{
    const Predictor predictor = predictorOf(shapes::llama8b(), shapes::h100());
    EXPECT_FALSE(predictor.at({0, 128, 1}));
    EXPECT_FALSE(predictor.at({1, -5, 1}));
    EXPECT_FALSE(predictor.at({1, 128, 0}));
    EXPECT_FALSE(predictor.at({1, std::int64_t(1) << 60, 1}));
    EXPECT_TRUE(predictor.at({1'000'000'000, 1'000'000'000, 1'000'000'000}));
}

TEST(Memory, IsWeightsPlusKeyValuesPlusWorkspace)
{
    const MemoryNeed need =
        memoryNeed(shapes::llama8b(), shapes::h100(), rented(), {16, 8000, 192});
    EXPECT_EQ(need.weights.value, 2.0 * 8030261248);
    EXPECT_EQ(need.kv.value, 16.0 * 8192 * 131072);
    EXPECT_GT(need.workspace.value, 2e9);
    EXPECT_LT(need.workspace.value, 6e9);
    EXPECT_EQ(need.fit, Fit::Fits);
}

TEST(Memory, SaysWhatWouldFit)
{
    const ModelSpec model = shapes::llama8b();
    const DeviceSpec device = shapes::h100();
    const Workload workload{512, 8000, 192};
    ASSERT_EQ(memoryNeed(model, device, rented(), workload).fit, Fit::OverMemory);
    const std::int64_t batch = largestBatch(model, device, rented(), workload);
    const std::int64_t context = longestContext(model, device, rented(), workload);
    EXPECT_GT(batch, 1);
    EXPECT_GT(context, 1);
    EXPECT_EQ(memoryNeed(model, device, rented(), {batch, 8000, 192}).fit, Fit::Fits);
    EXPECT_EQ(memoryNeed(model, device, rented(), {batch + 1, 8000, 192}).fit, Fit::OverMemory);
    EXPECT_EQ(memoryNeed(model, device, rented(), {512, context, 192}).fit, Fit::Fits);
    EXPECT_EQ(memoryNeed(model, device, rented(), {512, context + 1, 192}).fit, Fit::OverMemory);
    const std::string sentence = doesNotFitSentence(model, device, rented(), workload);
    EXPECT_NE(sentence.find("largest batch is " + std::to_string(batch)), std::string::npos);
    EXPECT_NE(sentence.find("longest context is " + std::to_string(context)), std::string::npos);
}

TEST(Memory, AModelThatIsTooLargeFitsNowhere)
{
    const ModelSpec model = shapes::llama70b();
    const DeviceSpec device = shapes::gpu(24, 1008, 165, 330);
    EXPECT_EQ(memoryNeed(model, device, rented(), {1, 1, 1}).fit, Fit::OverMemory);
    EXPECT_EQ(largestBatch(model, device, rented(), {1, 128, 1}), 0);
    EXPECT_EQ(longestContext(model, device, rented(), {1, 128, 1}), 0);
    EXPECT_NE(doesNotFitSentence(model, device, rented(), {1, 128, 1}).find("no batch"),
              std::string::npos);
}

TEST(Memory, TheModelsOwnLimitIsALimit)
{
    const ModelSpec model = shapes::llama8b();
    EXPECT_EQ(memoryNeed(model, shapes::h100(), rented(), {1, 131072, 1}).fit,
              Fit::OverContextLimit);
    EXPECT_EQ(memoryNeed(model, shapes::h100(), rented(), {1, 131071, 1}).fit, Fit::Fits);
    EXPECT_EQ(longestContext(model, shapes::h100(), rented(), {1, 512, 72}), 131000);
    EXPECT_NE(
        doesNotFitSentence(model, shapes::h100(), rented(), {1, 131072, 1}).find("takes 131072"),
        std::string::npos);
}

TEST(Cost, OfASelfHostedNodeByHand)
{
    // 8 GPUs at 2 dollars, 10,000 tokens/s in all, 2,500 of them output, four fifths used.
    EXPECT_EQ(costPerMillion(8, 2'000'000, 10000.0, 0.8), 555556);
    EXPECT_EQ(costPerMillion(8, 2'000'000, 2500.0, 0.8), 2222222);
}

TEST(Cost, SplitByTheTimeOfEachPhaseByHand)
{
    // One GPU at 3.60 dollars: 1,000 prompt tokens in 0.1 s, a step of 32 sequences in 16 ms.
    EXPECT_EQ(costPerMillion(1, 3'600'000, Seconds(0.1 / 1000), 1), 100000);
    EXPECT_EQ(costPerMillion(1, 3'600'000, Seconds(0.016 / 32), 1), 500000);
}

TEST(Cost, OfNothingIsAbsentNotZero)
{
    EXPECT_FALSE(costPerMillion(1, 2'000'000, 0.0, 0.8));
    EXPECT_FALSE(costPerMillion(1, 2'000'000, 100.0, 0.0));
    EXPECT_FALSE(costPerMillion(1, 2'000'000, NAN, 1.0));
    EXPECT_FALSE(costPerMillion(1, 9'000'000'000'000, 1e-12, 0.1));
}

TEST(Basis, SaysWhatAnEstimateRestsOn)
{
    EXPECT_EQ(basisSentence({}), "Estimated from the device's data, nothing measured.");
    EXPECT_EQ(basisSentence({1, true, false}), "Estimated and calibrated by 1 measured point.");
    EXPECT_EQ(basisSentence({6, true, true}),
              "Estimated and calibrated by 6 measured points, outside the measured range.");
    EXPECT_EQ(basisSentence({6, false, false}),
              "Estimated and calibrated by 6 measured points of another model or type.");
}

} // namespace
