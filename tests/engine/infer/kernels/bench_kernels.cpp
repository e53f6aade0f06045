// SPDX-License-Identifier: Apache-2.0
// bench_kernels [--isa NAME] [--threads N] [--only skinny|gemm|decode|prefill]
// Times each kernel and prints its share of the ceilings measured in the same run: medians of
// repeats, weights in rings larger than the last-level cache where memory allows.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

#include "engine/infer/cpu/ceilings.h"
#include "engine/infer/cpu/kernels/kernels.h"

namespace {

using namespace engine;
using namespace engine::cpu;

struct Layer
{
    const char *name;
    std::int64_t outputs;
    std::int64_t inputs;
};

const std::vector<Layer> kLayers{
    {"Qwen3-0.6B qkv", 4096, 1024},        {"Qwen3-0.6B o", 1024, 2048},
    {"Qwen3-0.6B gate/up", 6144, 1024},    {"Qwen3-0.6B down", 1024, 3072},
    {"Llama-3.2-1B qkv", 3072, 2048},      {"Llama-3.2-1B o", 2048, 2048},
    {"Llama-3.2-1B gate/up", 16384, 2048}, {"Llama-3.2-1B down", 2048, 8192}};

struct Heads
{
    const char *name;
    HeadShape shape;
};

const std::vector<Heads> kHeads{{"Qwen3-0.6B", {.heads = 16, .kvHeads = 8, .headDim = 128}},
                                {"Llama-3.2-1B", {.heads = 32, .kvHeads = 8, .headDim = 64}}};

template <class T>
T take(Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message.c_str());
        std::exit(1);
    }
    return std::move(*result);
}

// Numbers in (-1, 1) that differ from place to place.
std::vector<float> someFloats(std::int64_t count)
{
    std::vector<float> values(static_cast<std::size_t>(count));
    std::uint32_t random = 12345;
    for (float &value : values) {
        random = random * 1664525u + 1013904223u;
        value = static_cast<float>(static_cast<std::int32_t>(random)) * 0x1p-31f;
    }
    return values;
}

template <class Function>
double medianSeconds(int repeats, Function run)
{
    std::vector<double> seconds;
    for (int i = 0; i < repeats; ++i) {
        const auto start = std::chrono::steady_clock::now();
        run(i);
        seconds.push_back(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    std::nth_element(seconds.begin(), seconds.begin() + repeats / 2, seconds.end());
    return seconds[static_cast<std::size_t>(repeats) / 2];
}

class Bench
{
public:
    Bench(int threads, Isa isa) : m_pool(threads)
    {
        m_ceilings = take(measureCeilings(threads, CeilingEffort::Full, {}));
        m_kernels = take(Kernels::create(m_pool, isa,
                                         {.rows = 512,
                                          .sequences = 16,
                                          .cachePages = 16 * 40,
                                          .heads = 32,
                                          .kvHeads = 8,
                                          .headDim = 128}));
        std::printf("kernels %s, %d threads, read %.1f GB/s over %.0f MiB (last-level cache %.0f "
                    "MiB), dense bf16 %.2f TFLOP/s, fp32 %.2f\n",
                    std::string(isaName(isa)).c_str(), m_pool.threads(), m_ceilings.readGbs,
                    m_ceilings.readBufferBytes / 1048576, m_ceilings.lastLevelCacheBytes / 1048576,
                    m_ceilings.denseBf16Tflops, m_ceilings.denseFp32Tflops);
    }

    void skinny()
    {
        std::printf("\nskinny products, GB/s of weights (share of read bandwidth)\n");
        for (const Layer &layer : kLayers) {
            makeRing(layer, 1600);
            std::printf("%-22s", layer.name);
            for (const std::int64_t rows : {1, 2, 4, 8, 16}) {
                const double seconds = timeProduct(layer, rows, 5, m_ring.size());
                const double rate =
                    static_cast<double>(m_ring[0].bytes() * m_ring.size()) / seconds;
                std::printf("  %2ld: %5.1f (%3.0f%%)", static_cast<long>(rows), rate / 1e9,
                            rate / 1e7 / m_ceilings.readGbs);
            }
            std::printf("\n");
        }
    }

    void gemm()
    {
        std::printf("\nproducts, TFLOP/s (share of dense bf16)\n");
        for (const Layer &layer : kLayers) {
            makeRing(layer, 800);
            std::printf("%-22s", layer.name);
            for (const std::int64_t rows : {32, 64, 128, 512}) {
                const std::size_t steps =
                    std::min(m_ring.size(), static_cast<std::size_t>(4096 / rows + 2));
                const double seconds = timeProduct(layer, rows, 5, steps);
                const double flops = 2.0 *
                                     static_cast<double>(rows * layer.outputs * layer.inputs) *
                                     static_cast<double>(steps);
                std::printf("  %3ld: %5.2f (%3.0f%%)", static_cast<long>(rows),
                            flops / seconds / 1e12,
                            flops / seconds / 1e10 / m_ceilings.denseBf16Tflops);
            }
            std::printf("\n");
        }
    }

    // Sixteen sequences in a cache of several layers: KV bytes come from memory.
    void decode()
    {
        std::printf("\ndecode attention at context 2048, GB/s of KV (share of read bandwidth)\n");
        for (const Heads &heads : kHeads) {
            const std::int64_t layers = heads.shape.headDim == 128 ? 12 : 24;
            makeCaches(heads.shape, layers, 16 * 32);
            for (const std::int64_t batch : {1, 4, 16}) {
                const double seconds = timeAttention(heads.shape, batch, 1, 2047, 3);
                const double bytes = static_cast<double>(batch * layers) * 2048 * 2 * 2 *
                                     heads.shape.kvHeads * heads.shape.headDim;
                std::printf("%-14s batch %2ld: %5.1f (%3.0f%%)\n", heads.name,
                            static_cast<long>(batch), bytes / seconds / 1e9,
                            bytes / seconds / 1e7 / m_ceilings.readGbs);
            }
        }
    }

    void prefill()
    {
        std::printf("\nattention of 512 new tokens, TFLOP/s (share of dense bf16)\n");
        for (const Heads &heads : kHeads) {
            makeCaches(heads.shape, 4, 48);
            for (const std::int64_t depth : {0, 2048}) {
                const double seconds = timeAttention(heads.shape, 1, 512, depth, 7);
                const double pairs = 512.0 * static_cast<double>(depth) + 512.0 * 513 / 2;
                const double flops = 4 * pairs * heads.shape.heads * heads.shape.headDim * 4;
                std::printf("%-14s depth %4ld: %5.2f (%3.0f%%)\n", heads.name,
                            static_cast<long>(depth), flops / seconds / 1e12,
                            flops / seconds / 1e10 / m_ceilings.denseBf16Tflops);
            }
        }
    }

private:
    void makeRing(const Layer &layer, std::int64_t mebibytes)
    {
        const std::int64_t bytes = PackedMatrix::bytesFor(layer.outputs, layer.inputs, DType::Bf16);
        const auto count = static_cast<std::size_t>(mebibytes * 1048576 / bytes + 1);
        m_ring.clear();
        const std::vector<float> row = someFloats(layer.inputs + layer.outputs);
        while (m_ring.size() < count) {
            m_ring.push_back(
                take(PackedMatrix::allocate(layer.outputs, layer.inputs, DType::Bf16)));
            PackedMatrix &matrix = m_ring.back();
            m_pool.forEach(layer.outputs, 64, [&](std::int64_t begin, std::int64_t end, int) {
                matrix.packRows(row.data() + begin, DType::Fp32, 1, begin, end - begin);
            });
        }
    }

    // Seconds of `steps` products over the ring, one after the other.
    double timeProduct(const Layer &layer, std::int64_t rows, int repeats, std::size_t steps)
    {
        Activations input = take(
            Activations::allocate(m_kernels->activationFormat(DType::Bf16), rows, layer.inputs));
        input.setRows(rows);
        input.write(someFloats(rows * layer.inputs).data(), layer.inputs);
        std::vector<float> output(static_cast<std::size_t>(rows * layer.outputs));
        Activations gated = take(Activations::allocate(m_kernels->activationFormat(DType::Bf16),
                                                       rows, layer.outputs / 2));
        const bool gates = std::string(layer.name).ends_with("gate/up");
        const MatmulOutput target =
            gates ? MatmulOutput{.kind = MatmulOutput::Kind::SwiGlu, .activations = &gated}
                  : MatmulOutput{.rows = output.data(), .stride = layer.outputs};
        std::size_t at = 0;
        return medianSeconds(repeats, [&](int) {
            for (std::size_t i = 0; i < steps; ++i, ++at)
                m_kernels->matmul(input, m_ring[at % m_ring.size()], target);
        });
    }

    void makeCaches(const HeadShape &shape, std::int64_t layers, std::int64_t pages)
    {
        m_caches.clear();
        const std::int64_t width = (shape.heads + 2 * shape.kvHeads) * shape.headDim;
        std::vector<float> qkv = someFloats(64 * width);
        std::vector<std::int32_t> table(static_cast<std::size_t>(pages));
        for (std::size_t i = 0; i < table.size(); ++i)
            table[i] = static_cast<std::int32_t>(i);
        for (std::int64_t layer = 0; layer < layers; ++layer) {
            m_caches.push_back(
                take(KvPages::allocate(pages, shape.kvHeads, shape.headDim, DType::Bf16)));
            for (std::int64_t page = 0; page < pages; ++page) {
                const SequenceSpan span{.pages = table.data(), .depth = page * 64, .tokens = 64};
                m_kernels->appendKv(qkv.data(), width, {&span, 1}, shape, m_caches.back());
            }
        }
    }

    // Seconds of one attention a cache: `batch` sequences of `tokens` new tokens after `depth`.
    double timeAttention(HeadShape shape, std::int64_t batch, std::int64_t tokens,
                         std::int64_t depth, int repeats)
    {
        shape.scale = 0.1f;
        const std::int64_t width = (shape.heads + 2 * shape.kvHeads) * shape.headDim;
        const std::vector<float> qkv = someFloats(batch * tokens * width);
        std::vector<std::int32_t> table(static_cast<std::size_t>(m_caches[0].view().pages));
        for (std::size_t i = 0; i < table.size(); ++i)
            table[i] = static_cast<std::int32_t>(i);
        std::vector<SequenceSpan> spans;
        for (std::int64_t i = 0; i < batch; ++i)
            spans.push_back({.pages = table.data() + i * ((depth + tokens + 63) / 64),
                             .depth = depth,
                             .tokens = tokens,
                             .firstRow = i * tokens});
        Activations output = take(Activations::allocate(
            m_kernels->activationFormat(DType::Bf16), batch * tokens, shape.heads * shape.headDim));
        output.setRows(batch * tokens);
        return medianSeconds(repeats, [&](int) {
            for (const KvPages &cache : m_caches)
                m_kernels->attend(qkv.data(), width, spans, shape, cache, output);
        });
    }

    ThreadPool m_pool;
    Ceilings m_ceilings;
    std::unique_ptr<Kernels> m_kernels;
    std::vector<PackedMatrix> m_ring;
    std::vector<KvPages> m_caches;
};

} // namespace

int main(int argc, char **argv)
{
    int threads = 0;
    Isa isa = availableIsas().front();
    std::string only;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string option = argv[i];
        if (option == "--threads")
            threads = std::atoi(argv[i + 1]);
        else if (option == "--isa")
            isa = isaFromName(argv[i + 1]).value_or(isa);
        else if (option == "--only")
            only = argv[i + 1];
    }
    Bench bench(threads, isa);
    if (only.empty() || only == "skinny")
        bench.skinny();
    if (only.empty() || only == "gemm")
        bench.gemm();
    if (only.empty() || only == "decode")
        bench.decode();
    if (only.empty() || only == "prefill")
        bench.prefill();
}
