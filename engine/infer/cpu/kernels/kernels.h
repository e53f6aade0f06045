// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "engine/infer/cpu/kernels/activations.h"
#include "engine/infer/cpu/kernels/isa.h"
#include "engine/infer/cpu/kernels/kv_pages.h"
#include "engine/infer/cpu/kernels/packed_matrix.h"
#include "engine/infer/cpu/kernels/thread_pool.h"
#include "engine/spec/result.h"

namespace engine::cpu {

// Where a product goes, with what is done to it on the way.
struct MatmulOutput
{
    enum class Kind {
        Store,  // rows = product + bias
        Add,    // rows += product + bias
        SwiGlu, // activations = silu(gate) * up; weights packed with RowPlacement::Gate and ::Up
    };

    Kind kind = Kind::Store;
    float *rows = nullptr;       // Store, Add: (rows, outputs)
    std::int64_t stride = 0;     // floats from row to row
    const float *bias = nullptr; // one per output of the packed matrix, in its order; or none
    Activations *activations = nullptr; // SwiGlu; its rows are set by the call
};

// Fp32 rows to read, `stride` floats apart; `index` (if any) says which row is the i-th.
struct RowSource
{
    const float *rows = nullptr;
    std::int64_t stride = 0;
    const std::int32_t *index = nullptr;
};

// One layer's grouped-query attention. Rows of `qkv` are
// [heads * headDim | kvHeads * headDim | kvHeads * headDim].
struct HeadShape
{
    int heads = 0;
    int kvHeads = 0;
    int headDim = 0;
    int rotaryDim = 0;                // leading dims that turn, even; 0 = no rope
    bool interleaved = false;         // pairs (2i, 2i + 1) instead of (i, i + rotaryDim/2)
    std::int64_t window = 0;          // positions seen, the own one included; 0 = all
    float scale = 1;                  // of the scores, usually 1/sqrt(headDim)
    const float *queryNorm = nullptr; // headDim weights of an RMSNorm per head, or none
    const float *keyNorm = nullptr;
    float normEpsilon = 1e-6f;
    const float *rope = nullptr; // (positions, [rotaryDim/2 cosines | rotaryDim/2 sines])
};

// The new tokens of one sequence: rows firstRow .. firstRow + tokens of the step, at positions
// depth .. depth + tokens. pages[p / 64] holds position p.
struct SequenceSpan
{
    const std::int32_t *pages = nullptr;
    std::int64_t depth = 0;
    std::int64_t tokens = 0;
    std::int64_t firstRow = 0;
};

// Which random numbers a row draws when it samples.
struct SampleKey
{
    std::uint64_t seed = 0;
    std::uint64_t sequence = 0;
    std::uint64_t position = 0;
};

// The largest calls that will be made; workspaces are sized by it.
struct KernelLimits
{
    std::int64_t rows = 1;       // of a step
    std::int64_t sequences = 1;  // spans of a step
    std::int64_t cachePages = 1; // of one layer, over all sequences
    int heads = 1;
    int kvHeads = 1;
    int headDim = 1;
};

struct IsaTable;
struct AttendUnit;
struct AppendUnit;

// The operations of a decoder on one kernel variant and one pool. Calls are made by one thread at a
// time, use all threads of the pool, and allocate nothing. Results depend on the variant and on the
// shapes, not on the timing of threads.
class Kernels
{
public:
    // `pool` must live longer. Unsupported when this CPU lacks the variant; DoesNotFit when there
    // is no memory for workspaces.
    static Result<std::unique_ptr<Kernels>> create(ThreadPool &pool, Isa isa,
                                                   const KernelLimits &limits);
    static std::int64_t workspaceBytes(int threads, const KernelLimits &limits);
    ~Kernels();

    Isa isa() const { return m_isa; }
    ThreadPool &pool() { return m_pool; }
    // The format of inputs to products with weights of this type.
    ActivationFormat activationFormat(DType weightType) const;

    // rows[i] = weights of output tokens[i]: looks embeddings up in a packed matrix.
    void embed(const PackedMatrix &matrix, std::span<const std::int32_t> tokens, float *rows,
               std::int64_t stride);

    // output[i] = x / sqrt(mean(x^2) + epsilon) * weight for i in 0 .. output.rows(); x has
    // output.columns() elements.
    void rmsNorm(const RowSource &source, const float *weight, float epsilon, Activations &output);

    // input (rows, inputs) times weights (outputs, inputs) transposed, in fp32 sums.
    void matmul(const Activations &input, const PackedMatrix &weights, const MatmulOutput &output);

    // Norms and turns the queries in place, and writes normed and turned keys, and values, of every
    // row to the pages of its sequence.
    void appendKv(float *qkv, std::int64_t stride, std::span<const SequenceSpan> spans,
                  const HeadShape &shape, KvPages &cache);

    // Causal attention of the rows' queries over the pages, own tokens (already appended) included.
    // output: (rows, heads * headDim); the caller sets its rows.
    void attend(const float *qkv, std::int64_t stride, std::span<const SequenceSpan> spans,
                const HeadShape &shape, const KvPages &cache, Activations &output);

    // tokens[i] = argmax of logits row i; with a temperature, of logits / temperature plus Gumbel
    // noise from a counter hash of (key, index), which draws from the softmax.
    void sample(const float *logits, std::int64_t stride, std::int64_t vocabulary,
                double temperature, std::span<const SampleKey> keys,
                std::span<std::int32_t> tokens);

private:
    struct Workspace;

    Kernels(ThreadPool &pool, Isa isa, const IsaTable &table, std::unique_ptr<Workspace> workspace);

    ThreadPool &m_pool;
    Isa m_isa;
    const IsaTable &m_table;
    std::unique_ptr<Workspace> m_workspace;
};

} // namespace engine::cpu
