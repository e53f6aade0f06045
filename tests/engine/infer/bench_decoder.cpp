// SPDX-License-Identifier: Apache-2.0
// bench_decoder --help
// Times prefill and decode of a whole decoder with synthetic weights and prints shares of the
// ceilings measured in the same run. Prefill without and with cached positions alternates, and the
// dense rate is measured between any two, so that shares do not hang on what the machine does
// meanwhile.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "engine/infer/cpu/ceiling_loops.h"
#include "engine/infer/cpu/ceilings.h"
#include "engine/infer/cpu/kernels/thread_pool.h"
#include "engine/infer/decoder.h"
#include "engine/model/resolve_model.h"
#include "engine/spec/work.h"

namespace {

using namespace engine;

struct Options
{
    std::string model = "qwen3-0.6b";
    std::string isa;
    int layers = 0; // 0 = all of the model's
    int threads = 0;
    int repeats = 7;
    int steps = 16;
    std::int64_t tokens = 512;
    std::int64_t depth = 2048;
    std::int64_t chunk = 512;
    std::vector<std::int64_t> batches{1};
    bool prefillOnly = false;
    bool decodeOnly = false;
};

template <class T>
T take(Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message.c_str());
        std::exit(1);
    }
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

struct Samples
{
    std::vector<double> values;

    double at(double quantile) const
    {
        std::vector<double> sorted = values;
        std::sort(sorted.begin(), sorted.end());
        return sorted[static_cast<std::size_t>(quantile * static_cast<double>(sorted.size() - 1))];
    }
    double median() const { return at(0.5); }
};

// Seconds, and the share of the ceiling measured before and after: the dense rate of a prefill, the
// read bandwidth of a decode step.
struct Timed
{
    Samples times;
    Samples shares;
};

constexpr int kStepsBetweenReads = 4;

class Bench
{
public:
    explicit Bench(const Options &options)
        : m_options(options), m_model(take(resolveModel(options.model)).spec)
    {
        if (options.layers > 0)
            m_model.layers.resize(
                std::min(m_model.layers.size(), static_cast<std::size_t>(options.layers)));
        const std::int64_t positions =
            std::max(options.depth + options.tokens, options.depth + options.steps + 1);
        const std::int64_t batch =
            *std::max_element(options.batches.begin(), options.batches.end());
        DecoderOptions decoder;
        decoder.threads = options.threads;
        decoder.maxSequences = std::max<std::int64_t>(batch, 2);
        decoder.maxPositions = positions;
        decoder.maxStepTokens = std::max(options.chunk, batch);
        decoder.isa = options.isa;
        m_decoder = take(makeDecoder(DeviceKind::Cpu, m_model, WeightSource{}, decoder, {}));
        m_pool = std::make_unique<cpu::ThreadPool>(options.threads);
        m_loop = denseLoop(m_decoder->describe().isa);
        readGbs();
        denseTflops();
        const DecoderInfo info = m_decoder->describe();
        std::printf("%s, %zu layers, %s kernels, %d threads\n", m_model.name.c_str(),
                    m_model.layers.size(), info.isa.c_str(), info.threads);
    }

    void prefill()
    {
        const SequenceId empty = take(m_decoder->open());
        const SequenceId deep = take(m_decoder->open());
        append(deep, m_options.depth);
        append(empty, m_options.tokens); // warms up
        take(m_decoder->truncate(empty, 0));
        double dense = denseTflops();
        for (int i = 0; i < m_options.repeats; ++i) {
            timePrefill(m_shallow, empty, 0, dense);
            if (m_options.depth > 0)
                timePrefill(m_deep, deep, m_options.depth, dense);
        }
        m_decoder->close(empty);
        m_decoder->close(deep);
    }

    void decode()
    {
        for (const std::int64_t batch : m_options.batches) {
            std::vector<SequenceId> sequences;
            for (std::int64_t i = 0; i < batch; ++i) {
                sequences.push_back(take(m_decoder->open()));
                if (i == 0)
                    append(sequences[0], m_options.depth);
                else
                    take(m_decoder->copy(sequences[0], sequences.back(), m_options.depth));
            }
            timeSteps(sequences, m_decode.emplace_back());
            for (const SequenceId sequence : sequences)
                m_decoder->close(sequence);
        }
    }

    void print()
    {
        readGbs();
        std::printf("ceilings: read %.1f GB/s (%.1f to %.1f), dense bf16 %.2f TFLOP/s (%.2f to "
                    "%.2f)\n",
                    m_read.median(), m_read.at(0), m_read.at(1), m_dense.median(), m_dense.at(0),
                    m_dense.at(1));
        if (!m_shallow.times.values.empty())
            printPrefill(m_shallow, 0);
        if (!m_deep.times.values.empty()) {
            printPrefill(m_deep, m_options.depth);
            Samples ratios;
            for (std::size_t i = 0; i < m_deep.times.values.size(); ++i)
                ratios.values.push_back(m_deep.shares.values[i] / m_shallow.shares.values[i]);
            std::printf("prefill rate at depth %ld / at depth 0: %.0f%% (%.0f to %.0f%%)\n",
                        static_cast<long>(m_options.depth), 100 * ratios.median(),
                        100 * ratios.at(0), 100 * ratios.at(1));
        }
        for (std::size_t i = 0; i < m_decode.size(); ++i)
            printDecode(m_decode[i], m_options.batches[i]);
    }

private:
    static double secondsSince(std::chrono::steady_clock::time_point start)
    {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }

    double readGbs()
    {
        m_read.values.push_back(
            take(cpu::measureCeilings(m_options.threads, cpu::CeilingEffort::Quick, {})).readGbs);
        return m_read.values.back();
    }

    // The multiply-add units that a kernel variant uses, at their best.
    static cpu::ArithmeticLoop denseLoop(const std::string &isa)
    {
#if defined(__x86_64__)
        if (isa == "amx")
            return cpu::amxCeilingLoops().bf16;
        if (isa == "avx512bf16")
            return cpu::avx512CeilingLoops().bf16;
        if (isa == "avx2")
            return cpu::avx2CeilingLoops().fp32;
#endif
        return cpu::portableCeilingLoops().fp32;
    }

    // Rate of all threads, the best of three runs of some milliseconds.
    double denseTflops()
    {
        const std::int64_t chunks = std::int64_t{16} * m_pool->threads();
        double best = 0;
        for (int round = 0; round < 3; ++round) {
            const auto start = std::chrono::steady_clock::now();
            m_pool->forEach(chunks, 1, [&](std::int64_t begin, std::int64_t end, int) {
                for (; begin < end; ++begin)
                    m_sink.store(m_loop.run(8192), std::memory_order_relaxed);
            });
            best = std::max(best, static_cast<double>(chunks * 8192) * m_loop.flopsPerRound /
                                      secondsSince(start) / 1e12);
        }
        m_dense.values.push_back(best);
        return best;
    }

    void append(SequenceId sequence, std::int64_t tokens)
    {
        std::vector<TokenId> prompt(static_cast<std::size_t>(tokens));
        for (TokenId &token : prompt) {
            m_random = m_random * 1664525u + 1013904223u;
            token = static_cast<TokenId>((m_random >> 8) %
                                         static_cast<std::uint32_t>(m_model.vocabulary));
        }
        for (std::int64_t first = 0; first < tokens; first += m_options.chunk) {
            const std::int64_t count = std::min(m_options.chunk, tokens - first);
            const TokenSpan span{sequence,
                                 {prompt.data() + first, static_cast<std::size_t>(count)},
                                 first + count == tokens ? SpanOutput::Sample : SpanOutput::None};
            take(m_decoder->step({&span, 1}, m_output, {}));
        }
    }

    // Steps in small groups, each between two looks at the read bandwidth.
    void timeSteps(const std::vector<SequenceId> &sequences, Timed &timed)
    {
        const TokenId token = 1;
        std::vector<TokenSpan> spans;
        for (const SequenceId sequence : sequences)
            spans.push_back({sequence, {&token, 1}, SpanOutput::Sample});
        const double bytes = decodeBytes(static_cast<std::int64_t>(sequences.size()));
        double before = readGbs();
        for (int first = 0; first < m_options.steps; first += kStepsBetweenReads) {
            const std::size_t done = timed.times.values.size();
            // The first of a group brings back what the look at the bandwidth has displaced.
            for (int step = -1; step < std::min(kStepsBetweenReads, m_options.steps - first);
                 ++step) {
                const auto start = std::chrono::steady_clock::now();
                take(m_decoder->step(spans, m_output, {}));
                if (step >= 0)
                    timed.times.values.push_back(secondsSince(start));
                for (const SequenceId sequence : sequences)
                    take(m_decoder->truncate(sequence, m_options.depth));
            }
            const double after = readGbs();
            for (std::size_t i = done; i < timed.times.values.size(); ++i)
                timed.shares.values.push_back(bytes / timed.times.values[i] / 1e9 /
                                              std::max(before, after));
            before = after;
        }
    }

    double decodeBytes(std::int64_t batch) const
    {
        return decodeStepWork(m_model, DType::Bf16, DType::Bf16, batch, m_options.depth + 1)
            .bytes()
            .value;
    }

    double prefillFlops(std::int64_t depth) const
    {
        return prefillWork(m_model, DType::Bf16, DType::Bf16, m_options.tokens, depth).flops.value;
    }

    // One prefill between two looks at the ceiling, `dense` being the one before.
    void timePrefill(Timed &prefills, SequenceId sequence, std::int64_t depth, double &dense)
    {
        const auto start = std::chrono::steady_clock::now();
        append(sequence, m_options.tokens);
        const double seconds = secondsSince(start);
        take(m_decoder->truncate(sequence, depth));
        const double before = std::exchange(dense, denseTflops());
        prefills.times.values.push_back(seconds);
        prefills.shares.values.push_back(prefillFlops(depth) / seconds / 1e12 /
                                         std::max(before, dense));
    }

    void printPrefill(const Timed &prefills, std::int64_t depth) const
    {
        const double flops = prefillFlops(depth);
        const Samples &times = prefills.times;
        std::printf("prefill %ld tokens at depth %ld: %.1f ms (%.1f to %.1f), %.0f tok/s, "
                    "%.3f TFLOP, %.2f TFLOP/s = %.1f%% of dense bf16 (%.1f to %.1f%%)\n",
                    static_cast<long>(m_options.tokens), static_cast<long>(depth),
                    times.median() * 1e3, times.at(0) * 1e3, times.at(1) * 1e3,
                    static_cast<double>(m_options.tokens) / times.median(), flops / 1e12,
                    flops / times.median() / 1e12, 100 * prefills.shares.median(),
                    100 * prefills.shares.at(0), 100 * prefills.shares.at(1));
    }

    void printDecode(const Timed &timed, std::int64_t batch) const
    {
        const Samples &times = timed.times;
        std::printf("decode batch %ld at context %ld: %.2f ms (%.2f to %.2f), %.1f tok/s, "
                    "%.1f GB/s = %.0f%% of read (%.0f to %.0f%%)\n",
                    static_cast<long>(batch), static_cast<long>(m_options.depth + 1),
                    times.median() * 1e3, times.at(0) * 1e3, times.at(1) * 1e3,
                    static_cast<double>(batch) / times.median(),
                    decodeBytes(batch) / times.median() / 1e9, 100 * timed.shares.median(),
                    100 * timed.shares.at(0), 100 * timed.shares.at(1));
    }

    Options m_options;
    ModelSpec m_model;
    std::unique_ptr<cpu::ThreadPool> m_pool;
    cpu::ArithmeticLoop m_loop;
    std::atomic<float> m_sink{0};
    Samples m_read;  // GB/s
    Samples m_dense; // TFLOP/s
    std::unique_ptr<Decoder> m_decoder;
    StepOutput m_output;
    Timed m_shallow;
    Timed m_deep;
    std::vector<Timed> m_decode;
    std::uint32_t m_random = 1;
};

} // namespace

int main(int argc, char **argv)
{
    Options options;
    CLI::App app("Times prefill and decode of a whole decoder on the CPU.");
    app.add_option("--model", options.model, "Preset, folder or config.json");
    app.add_option("--layers", options.layers, "Use only so many layers (0: all)");
    app.add_option("--tokens", options.tokens, "New tokens of a prefill")
        ->check(CLI::Range(1, 65536));
    app.add_option("--depth", options.depth, "Cached positions of the second prefill and of decode")
        ->check(CLI::Range(0, 131072));
    app.add_option("--chunk", options.chunk, "Tokens of a step at most")
        ->check(CLI::Range(1, 8192));
    app.add_option("--batch", options.batches, "Sequences of a decode step")->delimiter(',');
    app.add_option("--threads", options.threads, "Threads (0: every core)");
    app.add_option("--isa", options.isa, "Kernel variant: amx, avx512bf16, avx2, portable");
    app.add_option("--repeats", options.repeats, "Prefills of each kind")
        ->check(CLI::Range(1, 1000));
    app.add_option("--steps", options.steps, "Decode steps of each batch")
        ->check(CLI::Range(1, 1000));
    auto *prefillOnly = app.add_flag("--prefill-only", options.prefillOnly, "Leave decode out");
    app.add_flag("--decode-only", options.decodeOnly, "Leave prefill out")->excludes(prefillOnly);
    CLI11_PARSE(app, argc, argv);
    Bench bench(options);
    if (!options.decodeOnly)
        bench.prefill();
    if (!options.prefillOnly)
        bench.decode();
    bench.print();
}
