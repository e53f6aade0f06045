// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/decoder_target.h"

#include <algorithm>
#include <chrono>

namespace engine {
namespace {

using Clock = std::chrono::steady_clock;

Seconds since(Clock::time_point begin)
{
    return Seconds(std::chrono::duration<double>(Clock::now() - begin).count());
}

} // namespace

DecoderTarget::DecoderTarget(Decoder &decoder, const ModelSpec &model, std::int64_t chunkTokens,
                             std::uint64_t seed)
    : m_decoder(decoder), m_vocabulary(model.vocabulary), m_chunkTokens(chunkTokens), m_random(seed)
{
}

DecoderTarget::~DecoderTarget()
{
    closeAll();
}

void DecoderTarget::closeAll()
{
    for (SequenceId sequence : m_sequences)
        m_decoder.close(sequence);
    m_sequences.clear();
    m_held = 0;
}

TokenId DecoderTarget::anyToken()
{
    return TokenId(m_random() % std::uint64_t(m_vocabulary));
}

Result<void> DecoderTarget::openEmpty(std::int64_t count)
{
    closeAll();
    for (std::int64_t i = 0; i < count; ++i) {
        const Result<SequenceId> opened = m_decoder.open();
        if (!opened)
            return tl::unexpected(opened.error());
        m_sequences.push_back(*opened);
    }
    m_next.assign(std::size_t(count), 0);
    return {};
}

Result<void> DecoderTarget::prefillOne(std::size_t index, std::int64_t tokens, std::stop_token stop)
{
    const auto prompt = std::span<const TokenId>(m_prompts).subspan(index * std::size_t(tokens),
                                                                    std::size_t(tokens));
    for (std::int64_t begin = 0; begin < tokens; begin += m_chunkTokens) {
        const std::int64_t count = std::min(m_chunkTokens, tokens - begin);
        const bool isLast = begin + count == tokens;
        const TokenSpan span{m_sequences[index],
                             prompt.subspan(std::size_t(begin), std::size_t(count)),
                             isLast ? SpanOutput::Sample : SpanOutput::None};
        if (Result<void> done = m_decoder.step({&span, 1}, m_output, stop); !done)
            return done;
    }
    m_next[index] = m_output.sampled.front();
    return {};
}

Result<std::vector<Seconds>> DecoderTarget::prefill(std::int64_t prompts, std::int64_t tokens,
                                                    std::stop_token stop)
{
    if (const Result<void> opened = openEmpty(prompts); !opened)
        return tl::unexpected(opened.error());
    // Fresh tokens for every prompt: nothing can be reused from the one before.
    m_prompts.resize(std::size_t(prompts * tokens));
    for (TokenId &token : m_prompts)
        token = anyToken();
    std::vector<Seconds> waits;
    waits.reserve(m_sequences.size());
    const Clock::time_point submitted = Clock::now();
    for (std::size_t i = 0; i < m_sequences.size(); ++i) {
        if (const Result<void> done = prefillOne(i, tokens, stop); !done)
            return tl::unexpected(done.error());
        waits.push_back(since(submitted));
    }
    m_held = tokens;
    return waits;
}

Result<void> DecoderTarget::prepare(std::int64_t batch, std::int64_t context, std::stop_token stop)
{
    m_base = context - 1;
    if (m_sequences.empty() || m_held < m_base) {
        if (const Result<std::vector<Seconds>> waits = prefill(1, context, stop); !waits)
            return tl::unexpected(waits.error());
    }
    m_held = 0; // until every sequence is as it should be
    while (std::int64_t(m_sequences.size()) > batch) {
        m_decoder.close(m_sequences.back());
        m_sequences.pop_back();
    }
    m_next.resize(m_sequences.size());
    for (SequenceId sequence : m_sequences) {
        if (Result<void> cut = m_decoder.truncate(sequence, m_base); !cut)
            return cut;
    }
    while (std::int64_t(m_sequences.size()) < batch) {
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "The sweep was stopped.");
        const Result<SequenceId> opened = m_decoder.open();
        if (!opened)
            return tl::unexpected(opened.error());
        m_sequences.push_back(*opened);
        m_next.push_back(anyToken());
        if (Result<void> copied = m_decoder.copy(m_sequences.front(), *opened, m_base); !copied)
            return copied;
    }
    m_held = m_base;
    m_spans.clear();
    for (std::size_t i = 0; i < m_sequences.size(); ++i)
        m_spans.push_back({m_sequences[i], {&m_next[i], 1}, SpanOutput::Sample});
    return {};
}

Result<Seconds> DecoderTarget::step(std::stop_token stop)
{
    const Clock::time_point begin = Clock::now();
    if (const Result<void> done = m_decoder.step(m_spans, m_output, stop); !done)
        return tl::unexpected(done.error());
    std::copy(m_output.sampled.begin(), m_output.sampled.end(), m_next.begin());
    const Seconds time = since(begin);
    for (SequenceId sequence : m_sequences) {
        if (const Result<void> cut = m_decoder.truncate(sequence, m_base); !cut)
            return tl::unexpected(cut.error());
    }
    return time;
}

std::int64_t DecoderTarget::memoryBytes(const Workload &workload) const
{
    const MemoryUse use = m_decoder.memory();
    const DecoderInfo info = m_decoder.describe();
    const std::int64_t positions = workload.contextTokens + workload.outputTokens - 1;
    const std::int64_t page = std::max<std::int64_t>(1, info.pagePositions);
    const std::int64_t held = (positions + page - 1) / page * page;
    return use.weightBytes + use.workspaceBytes + workload.batch * held * info.kvBytesPerPosition;
}

} // namespace engine
