// SPDX-License-Identifier: Apache-2.0
#pragma once

// The kernels of the decoder, by their launchers. Everything runs in order on the given stream;
// pointers are the device's. Shapes: M rows of a step, K inputs, N outputs of a matrix; pitches
// count elements from row to row. Inputs of products are bf16 rows of a pitch that is a multiple of
// 128; beyond K, where weights are zero, they may hold any finite number. Residuals and logits are
// fp32.

#include <cstdint>

#include "engine/infer/cuda/device.h"
#include "engine/infer/cuda/layout.h"

namespace engine::cuda {

using bf16 = __nv_bfloat16;

// A weight matrix (N, K). Bf16: row-major with pitch `columns`. Otherwise codes and scales as in
// layout.h, N padded to 16; value = factor * scale * code (+ factor * minimum).
struct MatrixView
{
    Storage storage = Storage::Bf16;
    const void *data = nullptr;
    const __half *scales = nullptr;
    const __half *minima = nullptr;
    float factor = 1;
    int rows = 0;
    int columns = 0; // K, padded
    int group = 0;   // 32 or 128 inputs share a scale
};

// What a product reads: bf16 rows, or (when `residual` is given, M at most 8) the RMSNorm of fp32
// rows, made by every block for itself.
struct ProductInput
{
    const bf16 *rows = nullptr;
    const float *residual = nullptr; // (M, width)
    const float *norm = nullptr;     // width weights
    float epsilon = 0;
    int count = 0; // M
    int pitch = 0; // of `rows`
    int width = 0; // of `residual`
};

struct ProductOutput
{
    enum class Kind {
        Store,  // rows = product + bias
        Add,    // rows += product + bias
        SwiGlu, // inner = silu(gate) * up, of a matrix with rows as gateRow() says
    };
    Kind kind = Kind::Store;
    float *rows = nullptr; // (M, N)
    bf16 *inner = nullptr; // (M, N / 2)
    int pitch = 0;
    const float *bias = nullptr; // N, in the order of the matrix's rows; or none
};

inline constexpr int kMostStreamedRows = 64;
inline constexpr int kMostNormedRows = 8;

// Whether a product of this shape can norm its own input.
bool canNormInput(int rows, int columns);

// Streams the weights once for M of 1 to 64. Moves N K weights and 2 M K (each block reads the
// rows, from the L2 cache) + 4 M N bytes: bound by memory bandwidth.
void launchStreamedProduct(const MatrixView &weights, const ProductInput &input,
                           const ProductOutput &output, cudaStream_t stream);

// Tiles of 128 x 128 for any M; bf16 weights. 2 M N K operations: bound by the matrix units.
void launchTiledProduct(const MatrixView &weights, const ProductInput &input,
                        const ProductOutput &output, cudaStream_t stream);

// A quantised matrix as bf16, row-major with pitch `columns`.
void launchDequantise(const MatrixView &matrix, bf16 *out, cudaStream_t stream);

// residual[i] = table[tokens[i]] for i < count; table (N, K) bf16 with the given pitch.
void launchEmbed(const bf16 *table, int pitch, int width, const int *tokens, int count,
                 float *residual, cudaStream_t stream);

// out[i] = RMSNorm of residual row index[i] (or i); columns beyond `width` are not written.
void launchRmsNorm(const float *residual, int width, const int *index, int count,
                   const float *weight, float epsilon, bf16 *out, int pitch, cudaStream_t stream);

// Adds a bias and applies what ProductOutput says to fp32 rows that a library multiplied.
void launchFinishProduct(const float *product, int rows, int columns, const ProductOutput &output,
                         cudaStream_t stream);

// One layer's grouped attention. Rows of qkv: [heads | kvHeads | kvHeads] of headDim floats.
struct AttentionView
{
    int heads = 0;
    int kvHeads = 0;
    int headDim = 0;
    int rotaryDim = 0; // leading dims that turn; 0 = no rope
    bool interleaved = false;
    int window = 0; // positions seen, the own one included; 0 = all
    float scale = 1;
    float epsilon = 0;
    const float *queryNorm = nullptr; // headDim, or none
    const float *keyNorm = nullptr;
    const float *rope = nullptr; // (positions, [cosines | sines])
    const float *qkv = nullptr;
    int qkvPitch = 0;
    bf16 *cache = nullptr;       // [pages][kvHeads] slabs
    const int *tables = nullptr; // [slots][tablePitch] page numbers
    int tablePitch = 0;
    bf16 *out = nullptr; // (M, heads * headDim)
    int outPitch = 0;
};

// A single new token of a sequence.
struct DecodeEntry
{
    int row = 0; // of the step
    int slot = 0;
    int position = 0; // of the token: so many came before it; below 0 nothing is done
};

// Scratch of the split decode: partial (entries, heads, splits, padded dim), state (entries, heads,
// splits), tickets (entries, kvHeads), which must be 0 and are left 0.
struct SplitScratch
{
    float *partial = nullptr;
    float2 *state = nullptr;
    unsigned *tickets = nullptr;
    int mostSplits = 1;
    int leastShare = 256; // tokens; below it a sequence is not cut further
};

inline constexpr int kMostGroup = 16; // query heads of a KV head in the decode kernel

// Norms and turns queries and keys, writes keys and values to the cache and attends: one launch.
// Moves the sequence's keys and values once: bound by memory bandwidth.
void launchDecodeAttention(const AttentionView &view, const DecodeEntry *entries, int count,
                           const SplitScratch &scratch, cudaStream_t stream);

// Up to 64 queries of one sequence.
struct PromptTile
{
    int row = 0; // of the step
    int slot = 0;
    int position = 0; // of the first
    int count = 0;
};

// Norms and turns queries (to `queries`: (M, heads, padded dim)) and writes keys and values. Tiles
// must begin at positions that are a multiple of 8, or at the first new token of a sequence.
void launchPrepareHeads(const AttentionView &view, const PromptTile *tiles, int count,
                        bf16 *queries, cudaStream_t stream);

// Flash attention of prepared tiles over the cache. 4 M (keys seen) headDim heads operations.
void launchPromptAttention(const AttentionView &view, const PromptTile *tiles, int count,
                           const bf16 *queries, cudaStream_t stream);

struct SampleRow
{
    std::uint64_t key = 0; // sampleKeyBits()
};

// tokens[i] = argmax of logits row i, with Gumbel noise when inverseTemperature > 0. partial:
// (count, kSampleBlocks), tickets (count), which must be 0 and are left 0.
inline constexpr int kSampleBlocks = 16;
struct Candidate
{
    float score;
    int token;
};
void launchSample(const float *logits, std::int64_t pitch, int vocabulary, int count,
                  const SampleRow *rows, float inverseTemperature, Candidate *partial,
                  unsigned *tickets, int *tokens, cudaStream_t stream);

// Where the rows of a tensor go in a matrix.
enum class Placement { Plain, Gate, Up };

struct SyntheticRows
{
    std::uint32_t keyLow = 0, keyHigh = 0;
    float step = 0;
    std::int64_t rows = 0, columns = 0;
    std::int64_t firstRow = 0; // in the target
    Placement placement = Placement::Plain;
};

// Writes a synthetic tensor as bf16 rows of the given pitch; columns beyond stay.
void launchSynthesise(const SyntheticRows &tensor, bf16 *out, int pitch, cudaStream_t stream);

// Rounds bf16 rows (rows, columns), row-major, to codes and scales: the largest size of a group
// maps to the largest code. `out` says format, sizes and where; factor must be set.
void launchQuantise(const bf16 *rows, const MatrixView &out, std::int64_t trueRows,
                    cudaStream_t stream);

} // namespace engine::cuda
