// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "engine/simulate/kv_pool.h"
#include "engine/simulate/serving.h"
#include "engine/simulate/step_tables.h"
#include "engine/simulate/traffic.h"

namespace engine {

// A request inside an engine. Known tokens are prompt + generated; a step computes some of those
// that are not in the cache yet, and the step that computes the last of them makes one more.
struct Sequence
{
    std::size_t request = 0; // index of the request
    std::int64_t promptTokens = 0;
    std::int64_t outputTokens = 0;
    std::uint64_t prefixId = 0;
    std::int64_t prefixTokens = 0;

    std::int64_t computed = 0; // tokens whose keys and values are in the cache
    std::int64_t generated = 0;
    std::int64_t ownBlocks = 0;
    std::int64_t sharedTokens = 0; // of the computed ones, in blocks of the prefix
    bool holdsPrefix = false;

    std::int64_t missing() const { return promptTokens + generated - computed; }
    bool isDecoding() const { return generated > 0 && missing() == 1; }
};

// What a call of Replica::run() brought about, all at the replica's new clock but for `scheduled`
// and `preempted`, which happen as it begins.
struct StepEvents
{
    struct Scheduled
    {
        std::size_t request = 0;
        std::int64_t cachedTokens = 0;
    };
    std::vector<Scheduled> scheduled;
    std::vector<std::size_t> preempted;
    std::vector<std::size_t> firstTokens;
    std::vector<Sequence> left; // answered in full, or in a prefill pool read in full

    void clear();
};

// One copy of a model and its batcher: sequences in order of arrival, as many as slots, the step's
// token budget and the cache admit; where the cache runs out, the youngest goes back to the queue
// and is computed anew.
class Replica
{
public:
    enum class Role { Whole, PrefillOnly, DecodeOnly };
    // `model` must outlive the replica.
    Replica(const StepTables &model, const Serving &serving, Role role);

    void enqueue(const Sequence &sequence, double now); // now = when it gets here
    // Runs one step, or as many equal decode steps as fit before something changes or a step would
    // begin at or after `horizon`. Call only with work to do.
    void run(double horizon, StepEvents &events);

    bool hasWork() const { return !m_running.empty() || !m_waiting.empty(); }
    double clock() const { return m_clock; }
    std::size_t load() const { return m_running.size() + m_waiting.size(); }
    const KvPool &cache() const { return m_cache; }

    double busySeconds() const { return m_busy; }
    double sequenceSeconds() const { return m_sequenceSeconds; } // running sequences x time
    std::int64_t steps() const { return m_steps; }
    std::int64_t computedTokens() const { return m_computedTokens; } // prompts, anew ones included

private:
    struct Plan // of one mixed step
    {
        StepContents load;
        double contextSum = 0;
        std::int64_t budget = 0;
        bool preempted = false;
    };

    bool canAdmit() const;
    bool hasRoomFor(const Sequence &sequence) const; // whole, beside the reserve
    bool admitNext(Plan &plan, StepEvents &events);
    // Blocks for so many more tokens, `kept` of them regained.
    bool place(Sequence &sequence, std::int64_t tokens, std::int64_t kept = 0);
    void planSequence(const Sequence &sequence, std::int64_t tokens, std::size_t index, Plan &plan);
    void planRunning(Plan &plan, StepEvents &events);
    void preemptYoungest(StepEvents &events);
    std::int64_t decodeStepsBefore(double horizon) const;
    std::int64_t decodeStepsThatFit(std::int64_t wanted) const;
    void runDecodes(std::int64_t steps, StepEvents &events);
    void runMixed(StepEvents &events);
    void finishStep(StepEvents &events);
    bool allDecoding() const;
    void drop(Sequence &sequence); // gives its cache back
    void advance(double seconds, std::int64_t steps);

    const StepTables &m_model;
    Serving m_serving;
    Role m_role;
    KvPool m_cache;
    std::int64_t m_reserve;          // blocks
    std::vector<Sequence> m_running; // oldest first
    std::deque<Sequence> m_waiting;
    std::vector<std::int64_t> m_chunks; // tokens that the step computes, one a running sequence
    double m_clock = 0;
    double m_busy = 0;
    double m_sequenceSeconds = 0;
    std::int64_t m_steps = 0;
    std::int64_t m_computedTokens = 0;
};

} // namespace engine
