// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/model/weight_source.h"
#include "engine/spec/device_spec.h"
#include "engine/spec/dtype.h"
#include "engine/spec/model_spec.h"
#include "engine/spec/result.h"

namespace engine {

using SequenceId = std::int32_t;
using TokenId = std::int32_t;

// What a step gives back for one span.
enum class SpanOutput {
    None,   // a prompt chunk in the middle
    Sample, // the token sampled after its last position
    Logits, // the logits after each of its positions (and no sample)
};

// New tokens of one sequence: a prompt chunk, or the single token of a decode step.
struct TokenSpan
{
    SequenceId sequence = 0;
    std::span<const TokenId> tokens;
    SpanOutput output = SpanOutput::Sample;
};

struct StepOutput
{
    std::vector<TokenId> sampled; // one per Sample span, in the order of the spans
    std::vector<float> logits;    // (positions of Logits spans, vocabulary), row-major
};

struct Sampling
{
    double temperature = 0; // 0 = argmax
    std::uint64_t seed = 1;
};

struct DecoderOptions
{
    DType weightType = DType::Bf16; // Fp32 is the reference
    DType kvType = DType::Bf16;     // Fp32 with fp32 weights
    int threads = 0;                // 0 = every core
    int gpu = 0;                    // which one, of a GPU decoder
    std::int64_t maxSequences = 1;
    std::int64_t maxPositions = 2048; // of one sequence
    std::int64_t kvPositions = 0; // capacity over all sequences; 0 = maxSequences * maxPositions
    std::int64_t maxStepTokens = 512; // longest step, all spans together
    Sampling sampling;
    std::string isa; // "", "amx", "avx512bf16", "avx2", "portable": forces a kernel variant
    bool poisonCache = false; // tests: fill the cache with NaN first
};

struct DecoderInfo
{
    std::string backend; // "cpu", "cuda"
    std::string isa;     // kernel variant in use
    int threads = 0;
    std::int64_t weightBytes = 0;
    std::int64_t kvBytesPerPosition = 0; // allocated, all layers
    std::int64_t pagePositions = 0;
    std::int64_t parameterCount = 0;
};

struct MemoryUse
{
    std::int64_t weightBytes = 0;
    std::int64_t kvBytes = 0;
    std::int64_t workspaceBytes = 0;
    std::int64_t totalBytes() const { return weightBytes + kvBytes + workspaceBytes; }
};

// done of total bytes of loading or generating.
using LoadProgress = std::function<void(std::int64_t done, std::int64_t total)>;

// A model with its weights and the caches of its sequences, on one device. Every function is called
// by one thread at a time; only the stop token may be triggered from elsewhere.
// step() allocates nothing, reads the stop token at every layer and returns ErrorKind::Cancelled;
// the lengths are then as before the step.
class Decoder
{
public:
    virtual ~Decoder() = default;

    virtual DecoderInfo describe() const = 0;
    virtual MemoryUse memory() const = 0;

    // A new empty sequence; DoesNotFit when maxSequences are open.
    virtual Result<SequenceId> open() = 0;
    virtual void close(SequenceId sequence) = 0;
    virtual std::int64_t length(SequenceId sequence) const = 0;
    // Forgets positions from `length` on (rewinding a decode step).
    virtual Result<void> truncate(SequenceId sequence, std::int64_t length) = 0;
    // Makes `to` hold a copy (pages of its own) of the first `length` positions of `from`.
    virtual Result<void> copy(SequenceId from, SequenceId to, std::int64_t length) = 0;

    // Runs the spans, prompt chunks and single tokens mixed, appends them to their sequences and
    // samples. Each sequence occurs once at most.
    virtual Result<void> step(std::span<const TokenSpan> spans, StepOutput &output,
                              std::stop_token stop) = 0;
};

// What a decoder of these options takes, before anything is allocated.
MemoryUse estimateMemory(const ModelSpec &model, const DecoderOptions &options);

// Refuses before any work, with one sentence, what cannot run: an unknown architecture or type, a
// missing tensor, positions over the model's limit, memory that is not there.
Result<std::unique_ptr<Decoder>> makeDecoder(DeviceKind kind, const ModelSpec &model,
                                             const WeightSource &weights,
                                             const DecoderOptions &options, std::stop_token stop,
                                             const LoadProgress &progress = {});

} // namespace engine
