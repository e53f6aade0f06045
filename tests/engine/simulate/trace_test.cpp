// SPDX-License-Identifier: Apache-2.0
// Three recorded vLLM runs, request by request: constants are fitted to one and foretell the
// others. The files are those of LLMServingSim's examples (casys-kaist/LLMServingSim, commit
// 5daddb2, MIT), vLLM 0.19.0, in the folder "traces" of the one that PARETOSCOPE_VALIDATION names.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "engine/simulate/predicted_steps.h"
#include "engine/simulate/summary.h"
#include "engine/simulate/trace_fit.h"
#include "tests/engine/predict/shapes.h"
#include "tests/engine/simulate/trace_rows.h"

namespace {

using namespace engine;

// NVIDIA's data sheets: RTX PRO 6000 Blackwell, GeForce RTX 4090; fp32 accumulation.
DeviceSpec rtxPro6000()
{
    return shapes::gpu(96, 1792, 500, 1000);
}
DeviceSpec rtx4090()
{
    return shapes::gpu(24, 1008, 165.2, 330.3);
}

Serving vllm(std::int64_t slots, std::int64_t kvTokens)
{
    Serving serving;
    serving.maxSequences = slots;
    serving.stepTokens = 2048;
    serving.kvTokens = kvTokens;
    return serving;
}

Result<StepTables> stepsOf(const ModelSpec &model, const DeviceSpec &device, const Serving &serving,
                           const TraceConstants &constants)
{
    const Result<Predictor> predictor =
        Predictor::create(model, device, {}, constants.applied(priorCalibration(device)));
    if (!predictor)
        return tl::make_unexpected(predictor.error());
    return predictedSteps(*predictor, serving);
}

struct Means
{
    double ttft = 0; // s
    double tpot = 0; // s
};

Means meansOf(const ServingSummary &summary)
{
    return {*summary.ttft.mean / 1e3, *summary.tpot.mean / 1e3};
}

Means recordedMeans(const Trace &trace)
{
    Means means;
    for (std::size_t i = 0; i < trace.requests.size(); ++i) {
        const UserRequest &request = trace.requests[i];
        const Trace::Times &times = trace.times[i];
        means.ttft += (times.firstToken - request.arrival).value;
        means.tpot += (times.lastToken - times.firstToken).value / double(request.outputTokens - 1);
    }
    const double n = double(trace.requests.size());
    return {means.ttft / n, means.tpot / n};
}

Means simulatedMeans(const Trace &trace, const ModelSpec &model, const DeviceSpec &device,
                     const Serving &serving, const TraceConstants &constants)
{
    const StepTables steps = constants.applied(stepsOf(model, device, serving, constants).value());
    const Simulation simulation = simulate(steps, serving, trace.requests).value();
    SummaryOptions whole;
    whole.whole = true;
    return meansOf(summarise(simulation, whole));
}

TraceConstants fitted(const Trace &trace, const ModelSpec &model, const DeviceSpec &device,
                      const Serving &serving)
{
    return fitTrace(trace, serving,
                    [&](const TraceConstants &constants) {
                        return stepsOf(model, device, serving, constants);
                    })
        .value();
}

class RecordedTraces : public ::testing::Test
{
protected:
    void SetUp() override
    {
        const char *folder = std::getenv("PARETOSCOPE_VALIDATION");
        if (!folder || !*folder)
            GTEST_SKIP() << "PARETOSCOPE_VALIDATION names no folder with the recorded traces.";
        m_folder = std::string(folder) + "/traces/";
    }

    Trace read(const std::string &name) const
    {
        std::ifstream stream(m_folder + name);
        std::stringstream text;
        text << stream.rdbuf();
        const Result<Trace> trace = parseTrace(text.str());
        EXPECT_TRUE(trace) << m_folder + name << ": " << trace.error().message;
        return trace.value_or(Trace{});
    }

    void expectForetold(const char *name, const Means &simulated, const Means &recorded) const
    {
        const double tpot = simulated.tpot / recorded.tpot - 1;
        const double ttft = simulated.ttft / recorded.ttft - 1;
        std::printf("%s: TPOT %+.1f %%, TTFT %+.1f %%\n", name, 100 * tpot, 100 * ttft);
        EXPECT_NEAR(tpot, 0, 0.12) << name;
        EXPECT_NEAR(ttft, 0, 0.25) << name;
    }

    std::string m_folder;
};

TEST_F(RecordedTraces, ConstantsOfOneCardForetellAnother)
{
    const Trace pro = read("rtxpro6000_llama-3.1-8b.csv");
    const Trace small = read("rtx4090_llama-3.1-8b.csv");
    ASSERT_EQ(pro.requests.size(), 300u);
    ASSERT_EQ(small.requests.size(), 300u);
    const TraceConstants constants = fitted(pro, shapes::llama8b(), rtxPro6000(), vllm(128, 0));
    std::printf("shifts:");
    for (double shift : constants.shift)
        std::printf(" %.3f", shift);
    std::printf("\n");
    expectForetold("fitted",
                   simulatedMeans(pro, shapes::llama8b(), rtxPro6000(), vllm(128, 0), constants),
                   recordedMeans(pro));
    // vLLM's own count of its cache: 41,408 tokens.
    expectForetold("another card",
                   simulatedMeans(small, shapes::llama8b(), rtx4090(), vllm(256, 41408), constants),
                   recordedMeans(small));
}

// The first requests of a run wait for nothing that comes later, so the beginning of a record is a
// record of its own for waits for the first token.
TEST(TraceRows, TheBeginningOfARunIsForetoldWithoutAFit)
{
    const Trace trace = parseTrace(kRtxPro6000Llama8b).value();
    ASSERT_EQ(trace.requests.size(), 40u);
    const Means simulated =
        simulatedMeans(trace, shapes::llama8b(), rtxPro6000(), vllm(128, 0), {});
    const double ratio = simulated.ttft / recordedMeans(trace).ttft;
    EXPECT_GT(ratio, 1 / 1.5);
    EXPECT_LT(ratio, 1.5);
}

TEST(TraceRows, AFitNeedsRecordedTimes)
{
    const Trace trace = parseTrace("arrival_s,input_tokens,output_tokens\n0,5,5\n").value();
    const auto none = fitTrace(trace, {}, [](const TraceConstants &) -> Result<StepTables> {
        return linearStepTables({.base = 1});
    });
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, ErrorKind::BadInput);
}

TEST(TraceRows, AFitFindsTheConstantsThatMadeARecord)
{
    // A record made by the simulator itself with constants moved: its means come back.
    TraceConstants truth;
    truth.shift[TraceConstants::KvBandwidth] = -0.15;
    truth.shift[TraceConstants::DecodePerSequence] = 0.3;
    truth.shift[TraceConstants::Overlap] = -0.2;
    Traffic traffic;
    traffic.arrivals.perSecond = 6;
    traffic.prompt = {LengthDistribution::Kind::LogNormal, 600, 0.7};
    traffic.output = {LengthDistribution::Kind::LogNormal, 200, 0.5};
    Trace trace;
    trace.requests = makeRequests(traffic, 120, 3).value();
    const Serving serving = vllm(64, 0);
    const StepTables steps =
        truth.applied(stepsOf(shapes::llama8b(), rtxPro6000(), serving, truth).value());
    const Simulation made = simulate(steps, serving, trace.requests).value();
    for (const Outcome &outcome : made.outcomes)
        trace.times.push_back({Seconds(outcome.firstToken), Seconds(outcome.lastToken)});
    const TraceConstants found = fitted(trace, shapes::llama8b(), rtxPro6000(), serving);
    const Means simulated = simulatedMeans(trace, shapes::llama8b(), rtxPro6000(), serving, found);
    EXPECT_NEAR(simulated.tpot / recordedMeans(trace).tpot, 1, 0.02);
    EXPECT_NEAR(simulated.ttft / recordedMeans(trace).ttft, 1, 0.1);
}

} // namespace
