// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/infer/cpu/kernels/activations.h"
#include "engine/infer/cpu/kernels/kernels.h"
#include "engine/infer/cpu/kernels/kv_pages.h"
#include "engine/spec/dtype.h"

// What a kernel variant gives to Kernels: functions for one thread's share of an operation, on
// plain structs. The files behind it are compiled for their CPU, so they keep everything in
// anonymous namespaces and call no inline function of the standard library: the linker might pick
// that function's AVX-512 copy for the whole program.
namespace engine::cpu {

inline constexpr std::int64_t kAttendRows = 32;  // (token, head) rows of a unit of attention
inline constexpr std::int64_t kSplitPages = 8;   // pages of a split of decode attention
inline constexpr std::int64_t kSplitRows = 16;   // rows at most that are split over the context
inline constexpr std::int64_t kMatmulRows = 512; // rows that a unit of matmul holds results of
inline constexpr std::int64_t kMatmulPanels = 8; // panels of a unit of matmul at most
inline constexpr std::int64_t kMaxHeadDim = 256;

// Bytes that a thread may use as it likes during one unit, aligned to 2 MiB.
inline constexpr std::int64_t kScratchBytes = std::int64_t{2} << 20;

struct MatmulJob
{
    ActivationView input;
    const void *weights = nullptr;
    DType type = DType::Bf16;
    std::int64_t outputs = 0;
    MatmulOutput::Kind kind = MatmulOutput::Kind::Store;
    float *rows = nullptr;
    std::int64_t stride = 0;
    const float *bias = nullptr;
    ActivationView activations; // SwiGlu
};

struct NormJob
{
    RowSource source;
    const float *weight = nullptr;
    float epsilon = 0;
    std::int64_t columns = 0;
    ActivationView output;
};

// New tokens of a span within one block of 32 positions.
struct AppendUnit
{
    const SequenceSpan *span = nullptr;
    std::int64_t firstToken = 0;
    std::int64_t tokens = 0;
};

struct AppendJob
{
    float *qkv = nullptr;
    std::int64_t stride = 0;
    HeadShape shape;
    KvView cache;
};

// Rows [firstRow, firstRow + rows) of a span's (token, head of the group) rows for one KV head,
// over pages [firstPage, lastPage). `partial` < 0: the result is final; else the index of its first
// row among the partial results.
struct AttendUnit
{
    const SequenceSpan *span = nullptr;
    std::int64_t kvHead = 0;
    std::int64_t firstRow = 0;
    std::int64_t rows = 0;
    std::int64_t firstPage = 0;
    std::int64_t lastPage = 0;
    std::int64_t partial = -1;
    std::int64_t splits = 1; // of the first unit of a split row block; the others follow it
};

struct AttendJob
{
    const float *qkv = nullptr;
    std::int64_t stride = 0;
    HeadShape shape;
    KvView cache;
    ActivationView output;
    float *partials = nullptr; // (rows, [paddedDim sums | maximum | sum of weights | padding])
    std::int64_t partialStride = 0;
};

struct SampleJob
{
    const float *logits = nullptr; // one row
    double temperature = 0;
    SampleKey key;
};

struct Candidate
{
    float score;
    std::int32_t token;
};

struct IsaTable
{
    ActivationFormat bf16Activations = ActivationFormat::Fp32Rows;
    void (*matmul)(const MatmulJob &job, std::int64_t firstPanel, std::int64_t lastPanel,
                   void *scratch) = nullptr;
    void (*rmsNorm)(const NormJob &job, std::int64_t firstRow, std::int64_t lastRow) = nullptr;
    void (*appendKv)(const AppendJob &job, const AppendUnit &unit) = nullptr;
    // Units one after the other; each knows what to fetch for the next.
    void (*attend)(const AttendJob &job, const AttendUnit *units, std::int64_t count,
                   void *scratch) = nullptr;
    // Joins the partial results of a unit and the `splits` - 1 that follow it.
    void (*merge)(const AttendJob &job, const AttendUnit &unit) = nullptr;
    // The best of tokens [first, last).
    Candidate (*sample)(const SampleJob &job, std::int64_t first, std::int64_t last) = nullptr;
};

const IsaTable &portableTable();
#if defined(__x86_64__)
const IsaTable &avx2Table();
const IsaTable &avx512Bf16Table();
const IsaTable &amxTable();
#endif

} // namespace engine::cpu
