// SPDX-License-Identifier: Apache-2.0
#include "engine/simulate/replica.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace engine {
namespace {

// A jump of decode steps takes the mean of its first and last step; over so few steps the time of a
// step is as good as a straight line.
constexpr std::int64_t kLongestJump = 256;

} // namespace

void StepEvents::clear()
{
    scheduled.clear();
    preempted.clear();
    firstTokens.clear();
    left.clear();
}

Replica::Replica(const StepTables &model, const Serving &serving, Role role)
    : m_model(model),
      m_serving(serving),
      m_role(role),
      m_cache(serving.kvTokens, serving.kvBlockTokens, serving.prefixCache),
      m_reserve(std::int64_t(serving.kvReserve * double(serving.kvTokens / serving.kvBlockTokens)))
{
}

void Replica::enqueue(const Sequence &sequence, double now)
{
    if (!hasWork())
        m_clock = std::max(m_clock, now);
    m_waiting.push_back(sequence);
}

void Replica::run(double horizon, StepEvents &events)
{
    events.clear();
    if (allDecoding() && !canAdmit()) {
        const std::int64_t steps = decodeStepsThatFit(decodeStepsBefore(horizon));
        if (steps > 0) {
            runDecodes(steps, events);
            return;
        }
    }
    runMixed(events);
}

bool Replica::allDecoding() const
{
    return std::all_of(m_running.begin(), m_running.end(),
                       [](const Sequence &sequence) { return sequence.isDecoding(); });
}

// Whether the next in the queue gets a slot and room; a hit in the prefix cache can only help.
bool Replica::canAdmit() const
{
    if (m_waiting.empty() || std::int64_t(m_running.size()) >= m_serving.maxSequences)
        return false;
    const Sequence &next = m_waiting.front();
    if (next.prefixId != 0 && m_cache.isKept(next.prefixId))
        return true; // the admission itself finds out
    return hasRoomFor(next);
}

bool Replica::hasRoomFor(const Sequence &sequence) const
{
    const std::int64_t own = sequence.promptTokens + sequence.generated - sequence.sharedTokens;
    const std::int64_t reserve = m_running.empty() ? 0 : m_reserve;
    return m_cache.blocksFor(own) + reserve <= m_cache.free();
}

std::int64_t Replica::decodeStepsBefore(double horizon) const
{
    std::int64_t steps = kLongestJump;
    double contextSum = 0;
    for (const Sequence &sequence : m_running) {
        steps = std::min(steps, sequence.outputTokens - sequence.generated);
        contextSum += double(sequence.computed + 1);
    }
    if (m_running.empty() || steps <= 1 || horizon == std::numeric_limits<double>::infinity())
        return m_running.empty() ? 0 : steps;
    // The last step begins before the horizon: the fewest n with n t0 + d n (n - 1) / 2 >= left.
    const double batch = double(m_running.size());
    const double first = m_model.decode(batch, contextSum / batch);
    const double slope = m_model.decode(batch, contextSum / batch + 1) - first;
    const double left = horizon - m_clock;
    const auto reach = [&](double n) { return n * first + slope * n * (n - 1) / 2; };
    std::int64_t low = 1;
    while (low < steps && reach(double(low)) < left) {
        const double rest = (left - reach(double(low))) / (first + slope * double(steps));
        low += std::max<std::int64_t>(1, std::int64_t(std::min(rest, double(steps))));
    }
    return std::min(low, steps);
}

std::int64_t Replica::decodeStepsThatFit(std::int64_t wanted) const
{
    const auto fits = [this](std::int64_t steps) {
        std::int64_t blocks = 0;
        for (const Sequence &sequence : m_running) {
            const std::int64_t own = sequence.computed - sequence.sharedTokens + steps;
            blocks += std::max<std::int64_t>(0, m_cache.blocksFor(own) - sequence.ownBlocks);
        }
        return blocks <= m_cache.free();
    };
    while (wanted > 0 && !fits(wanted))
        wanted /= 2;
    return wanted;
}

bool Replica::place(Sequence &sequence, std::int64_t tokens, std::int64_t kept)
{
    const std::int64_t own = sequence.computed - sequence.sharedTokens + tokens;
    const std::int64_t blocks =
        std::max<std::int64_t>(0, m_cache.blocksFor(own) - sequence.ownBlocks);
    if (!m_cache.take(blocks, std::min(kept, blocks)))
        return false;
    sequence.ownBlocks += blocks;
    return true;
}

void Replica::drop(Sequence &sequence)
{
    m_cache.give(sequence.ownBlocks);
    if (sequence.holdsPrefix)
        m_cache.release(sequence.prefixId);
    sequence.ownBlocks = 0;
    sequence.sharedTokens = 0;
    sequence.computed = 0;
    sequence.holdsPrefix = false;
}

void Replica::preemptYoungest(StepEvents &events)
{
    Sequence sequence = m_running.back();
    m_running.pop_back();
    m_cache.giveUp(sequence.request, std::exchange(sequence.ownBlocks, 0));
    drop(sequence);
    if (m_running.empty())
        sequence.prefixId = 0; // alone and short of room: it goes on without the shared blocks
    events.preempted.push_back(sequence.request);
    m_waiting.push_front(sequence);
}

void Replica::planSequence(const Sequence &sequence, std::int64_t tokens, std::size_t index,
                           Plan &plan)
{
    if (m_chunks.size() <= index)
        m_chunks.resize(index + 1);
    m_chunks[index] = tokens;
    plan.budget -= tokens;
    if (sequence.isDecoding()) {
        ++plan.load.sequences;
        plan.contextSum += double(sequence.computed + 1);
        return;
    }
    const double q = double(tokens);
    plan.load.promptTokens += tokens;
    plan.load.promptPairs += q * double(sequence.computed) + q * (q + 1) / 2;
}

// Gives every running sequence its tokens, the oldest first, and takes the youngest out where the
// cache has no room.
void Replica::planRunning(Plan &plan, StepEvents &events)
{
    for (std::size_t i = 0; i < m_running.size(); ++i) {
        const std::int64_t tokens = std::min(m_running[i].missing(), plan.budget);
        bool placed = tokens == 0 || place(m_running[i], tokens);
        while (!placed) {
            plan.preempted = true;
            preemptYoungest(events);
            if (i >= m_running.size())
                return;
            placed = place(m_running[i], tokens);
        }
        planSequence(m_running[i], tokens, i, plan);
    }
}

bool Replica::admitNext(Plan &plan, StepEvents &events)
{
    if (m_waiting.empty() || plan.budget <= 0 ||
        std::int64_t(m_running.size()) >= m_serving.maxSequences)
        return false;
    Sequence next = m_waiting.front();
    if (next.computed == 0) {
        const std::int64_t most = std::min(next.prefixTokens, next.missing() - 1);
        next.sharedTokens = m_cache.acquire(next.prefixId, most);
        next.computed = next.sharedTokens;
        next.holdsPrefix = next.sharedTokens > 0;
    }
    if (m_running.empty() && next.holdsPrefix && !hasRoomFor(next)) {
        // Alone and short of room beside a long prefix: it goes on without the shared blocks.
        m_cache.release(next.prefixId);
        next.prefixId = 0;
        next.computed = next.sharedTokens = 0;
        next.holdsPrefix = false;
    }
    // A step of whole prompts holds at least one, however long.
    const bool whole = !m_serving.chunkedPrefill && !next.isDecoding();
    const bool overBudget = whole && next.missing() > plan.budget && plan.load.promptTokens > 0;
    if (overBudget || !hasRoomFor(next)) {
        if (next.holdsPrefix)
            m_cache.release(next.prefixId);
        return false;
    }
    std::int64_t kept = 0;
    if (next.computed == 0) {
        const std::int64_t block = m_serving.kvBlockTokens;
        kept = std::min(m_cache.regain(next.request), (next.missing() - 1) / block);
        next.computed = kept * block;
    }
    const std::int64_t tokens = whole ? next.missing() : std::min(next.missing(), plan.budget);
    place(next, tokens, kept); // hasRoomFor() saw the room
    m_waiting.pop_front();
    m_running.push_back(next);
    planSequence(next, tokens, m_running.size() - 1, plan);
    events.scheduled.push_back({next.request, next.sharedTokens});
    return true;
}

void Replica::runMixed(StepEvents &events)
{
    Plan plan;
    plan.budget = m_serving.stepTokens;
    std::fill(m_chunks.begin(), m_chunks.end(), 0);
    if (m_serving.chunkedPrefill) {
        planRunning(plan, events);
        while (!plan.preempted && admitNext(plan, events)) {
        }
    } else {
        m_chunks.resize(std::max(m_chunks.size(), m_running.size()));
        while (admitNext(plan, events)) {
        }
        if (plan.load.promptTokens == 0) {
            plan = Plan{};
            plan.budget = std::max(m_serving.stepTokens, std::int64_t(m_running.size()));
            planRunning(plan, events);
        }
    }
    if (plan.load.sequences > 0)
        plan.load.meanContext = plan.contextSum / double(plan.load.sequences);
    m_computedTokens += plan.load.promptTokens;
    advance(m_model.step(plan.load).value, 1);
    finishStep(events);
}

void Replica::finishStep(StepEvents &events)
{
    std::size_t kept = 0;
    for (std::size_t i = 0; i < m_running.size(); ++i) {
        Sequence sequence = m_running[i];
        const std::int64_t tokens = m_chunks[i];
        const bool wasDecoding = sequence.isDecoding();
        sequence.computed += tokens;
        if (tokens > 0 && sequence.missing() == 0) {
            if (++sequence.generated == 1)
                events.firstTokens.push_back(sequence.request);
            if (sequence.prefixId != 0 && !wasDecoding) {
                const std::int64_t passed =
                    m_cache.keep(sequence.prefixId, sequence.prefixTokens, sequence.holdsPrefix);
                sequence.ownBlocks -= passed;
                sequence.sharedTokens += passed * m_serving.kvBlockTokens;
                sequence.holdsPrefix = sequence.holdsPrefix || passed > 0;
            }
        }
        const bool answered = sequence.generated == sequence.outputTokens;
        if (answered || (m_role == Role::PrefillOnly && sequence.generated > 0)) {
            drop(sequence);
            events.left.push_back(sequence);
        } else {
            m_running[kept++] = sequence;
        }
    }
    m_running.resize(kept);
}

void Replica::runDecodes(std::int64_t steps, StepEvents &events)
{
    double contextSum = 0;
    for (Sequence &sequence : m_running) {
        contextSum += double(sequence.computed + 1);
        place(sequence, steps); // decodeStepsThatFit() saw the room
        sequence.computed += steps - 1;
        sequence.generated += steps - 1;
    }
    const double batch = double(m_running.size());
    const double context = contextSum / batch;
    const double first = m_model.decode(batch, context);
    const double last = m_model.decode(batch, context + double(steps - 1));
    advance(double(steps) * (first + last) / 2, steps);
    m_chunks.assign(m_running.size(), 1);
    finishStep(events);
}

void Replica::advance(double seconds, std::int64_t steps)
{
    m_clock += seconds;
    m_busy += seconds;
    m_sequenceSeconds += seconds * double(m_running.size());
    m_steps += steps;
}

} // namespace engine
