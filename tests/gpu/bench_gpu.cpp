// SPDX-License-Identifier: GPL-3.0-or-later
// What the engine reaches on a card, beside the ceilings measured in the same run: one table.
//   bench_gpu [model] (default llama-3.1-8b; weights are synthetic)
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "engine/infer/gpu_backend.h"
#include "engine/infer/memory.h"
#include "engine/model/resolve_model.h"
#include "engine/spec/work.h"

namespace {

using namespace engine;
using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Row
{
    DType type;
    int batch;
    int context;
    double goal; // share of the read bandwidth
};

constexpr Row kRows[] = {{DType::Bf16, 1, 1024, 0.90},
                         {DType::Fp8, 1, 1024, 0.85},
                         {DType::Int4, 1, 1024, 0.78},
                         {DType::Bf16, 64, 4096, 0.85}};
constexpr int kSteps = 60;
constexpr int kPrompt = 8192;

struct Bench
{
    GpuBackend &backend;
    const ResolvedModel &model;
    GpuCeilings ceilings;

    Result<std::unique_ptr<Decoder>> make(DType type, int batch, int context, int chunk) const
    {
        DecoderOptions options;
        options.weightType = type;
        options.maxSequences = batch;
        options.maxPositions = context + 2;
        options.maxStepTokens = chunk;
        return backend.makeDecoder(0, model.spec, {}, options, {}, {});
    }

    // Fills one sequence, copies it to the others; then steps that are rewound.
    Result<double> decode(Decoder &decoder, int batch, int context) const
    {
        std::vector<TokenId> prompt(static_cast<std::size_t>(context - 1));
        for (std::size_t i = 0; i < prompt.size(); ++i)
            prompt[i] = TokenId(i * 7919 % std::size_t(model.spec.vocabulary));
        std::vector<SequenceId> sequences;
        StepOutput output;
        for (int i = 0; i < batch; ++i) {
            const Result<SequenceId> opened = decoder.open();
            if (!opened)
                return tl::make_unexpected(opened.error());
            sequences.push_back(*opened);
        }
        for (std::size_t at = 0; at < prompt.size(); at += 1024) {
            const TokenSpan span{
                sequences[0],
                std::span(prompt).subspan(at, std::min<std::size_t>(1024, prompt.size() - at)),
                SpanOutput::None};
            if (auto r = decoder.step({&span, 1}, output, {}); !r)
                return tl::make_unexpected(r.error());
        }
        for (int i = 1; i < batch; ++i) {
            if (auto r = decoder.copy(sequences[0], sequences[std::size_t(i)], context - 1); !r)
                return tl::make_unexpected(r.error());
        }
        std::vector<TokenId> tokens(std::size_t(batch), 11);
        std::vector<double> times;
        for (int step = 0; step < kSteps; ++step) {
            std::vector<TokenSpan> spans;
            for (std::size_t i = 0; i < sequences.size(); ++i)
                spans.push_back({sequences[i], {&tokens[i], 1}, SpanOutput::Sample});
            const auto begin = Clock::now();
            if (auto r = decoder.step(spans, output, {}); !r)
                return tl::make_unexpected(r.error());
            times.push_back(secondsSince(begin));
            tokens = output.sampled;
            for (const SequenceId sequence : sequences) {
                if (auto r = decoder.truncate(sequence, context - 1); !r)
                    return tl::make_unexpected(r.error());
            }
        }
        std::sort(times.begin(), times.end());
        return times[times.size() / 2];
    }

    void row(const Row &row) const
    {
        const auto begin = Clock::now();
        const auto decoder = make(row.type, row.batch, row.context, 1024);
        if (!decoder) {
            std::printf("%-34s %s\n", "not run:", decoder.error().message.c_str());
            return;
        }
        const double load = secondsSince(begin);
        const Result<double> step = decode(**decoder, row.batch, row.context);
        if (!step) {
            std::printf("%-34s %s\n", "failed:", step.error().message.c_str());
            return;
        }
        const DecoderInfo info = (*decoder)->describe();
        // The embedding is looked up, not read, unless it is the output matrix too.
        const double skipped =
            model.spec.tiedOutput ? 0 : 2.0 * model.spec.vocabulary * model.spec.hidden;
        const double bytes = double(info.weightBytes) - skipped +
                             double(row.batch) * row.context * double(info.kvBytesPerPosition);
        std::printf("decode %-5s batch %-3d context %-6d %8.3f ms  %7.1f GB/s  %5.1f %% of read "
                    "(goal %.0f %%)  load %.1f s\n",
                    std::string(dtypeName(row.type)).c_str(), row.batch, row.context, *step * 1e3,
                    bytes / *step / 1e9, bytes / *step / 1e7 / ceilings.readGbs, row.goal * 100,
                    load);
    }

    void prefill() const
    {
        const auto decoder = make(DType::Bf16, 1, kPrompt, kPrompt);
        if (!decoder) {
            std::printf("%-34s %s\n", "not run:", decoder.error().message.c_str());
            return;
        }
        std::vector<TokenId> prompt(kPrompt, 5);
        double best = 1e30;
        for (int run = 0; run < 4; ++run) {
            const Result<SequenceId> sequence = (*decoder)->open();
            const TokenSpan span{*sequence, prompt, SpanOutput::Sample};
            StepOutput output;
            const auto begin = Clock::now();
            if (auto r = (*decoder)->step({&span, 1}, output, {}); !r) {
                std::printf("%-34s %s\n", "failed:", r.error().message.c_str());
                return;
            }
            if (run > 0)
                best = std::min(best, secondsSince(begin));
            (*decoder)->close(*sequence);
        }
        const double flops = 2.0 * double(parameterCount(model.spec)) * kPrompt;
        std::printf("prefill bf16 %d tokens %25.1f ms  %7.1f TFLOP/s (products alone)  %5.1f %% of "
                    "dense (goal 75 %%)\n",
                    kPrompt, best * 1e3, flops / best / 1e12,
                    flops / best / 1e10 / ceilings.denseBf16Tflops);
    }
};

} // namespace

int main(int argc, char **argv)
{
    const auto fails = [](const Error &error) {
        std::fprintf(stderr, "%s\n", error.message.c_str());
        return 1;
    };
    const Result<GpuBackend *> backend = gpuBackend();
    if (!backend)
        return fails(backend.error());
    const Result<std::vector<GpuDevice>> devices = (*backend)->devices();
    if (!devices)
        return fails(devices.error());
    const Result<ResolvedModel> model = resolveModel(argc > 1 ? argv[1] : "llama-3.1-8b");
    if (!model)
        return fails(model.error());
    const Result<GpuCeilings> ceilings = (*backend)->measureCeilings(0);
    if (!ceilings)
        return fails(ceilings.error());
    const GpuDevice &gpu = devices->front();
    std::printf("%s, %s, %s free, large products: %s\n", gpu.name.c_str(), gpu.architecture.c_str(),
                byteText(gpu.freeBytes).c_str(), gpu.library.c_str());
    std::printf("ceilings: read %.0f GB/s, copy %.0f GB/s, dense bf16 %.0f TFLOP/s, a launch in a "
                "graph %.2f us\n",
                ceilings->readGbs, ceilings->copyGbs, ceilings->denseBf16Tflops,
                ceilings->launchMicroseconds);
    const Bench bench{**backend, *model, *ceilings};
    for (const Row &row : kRows)
        bench.row(row);
    bench.prefill();
    return 0;
}
