// SPDX-License-Identifier: Apache-2.0
#include "engine/simulate/simulate.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <queue>
#include <string>
#include <utility>

#include "engine/simulate/replica.h"

namespace engine {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr int kRunsBetweenChecks = 256;

// A sequence on its way to a pool.
struct Delivery
{
    double time = 0;
    std::uint64_t order = 0; // ties: first sent, first there
    Sequence sequence;
    bool toDecodePool = false;

    bool operator>(const Delivery &other) const
    {
        return time != other.time ? time > other.time : order > other.order;
    }
};

// Replicas that requests are spread over.
struct Pool
{
    std::vector<Replica> replicas;
    std::size_t next = 0; // RoundRobin

    Replica &choose(ReplicaChoice routing, const Sequence &sequence)
    {
        if (routing == ReplicaChoice::RoundRobin)
            return replicas[next++ % replicas.size()];
        if (routing == ReplicaChoice::PrefixAffinity && sequence.prefixId != 0)
            return replicas[sequence.prefixId % replicas.size()];
        return *std::min_element(
            replicas.begin(), replicas.end(),
            [](const Replica &a, const Replica &b) { return a.load() < b.load(); });
    }
};

class EventLoop
{
public:
    EventLoop(const StepTables &steps, const Serving &serving,
              std::span<const UserRequest> requests, std::int64_t concurrency)
        : m_steps(steps), m_serving(serving), m_requests(requests), m_concurrency(concurrency)
    {
        const auto fill = [&](Pool &pool, int count, Replica::Role role) {
            for (int i = 0; i < count; ++i)
                pool.replicas.emplace_back(steps, serving, role);
        };
        if (serving.disaggregation) {
            fill(m_front, serving.disaggregation->prefillReplicas, Replica::Role::PrefillOnly);
            fill(m_decode, serving.disaggregation->decodeReplicas, Replica::Role::DecodeOnly);
        } else {
            fill(m_front, serving.replicas, Replica::Role::Whole);
        }
        m_result.outcomes.resize(requests.size());
        for (Pool *pool : {&m_front, &m_decode}) {
            for (Replica &replica : pool->replicas)
                m_all.push_back(&replica);
        }
    }

    Result<Simulation> run(const std::stop_token &stop)
    {
        const std::size_t first =
            m_concurrency > 0 ? std::size_t(m_concurrency) : m_requests.size();
        while (m_sent < std::min(first, m_requests.size()))
            send(m_concurrency > 0 ? 0 : m_requests[m_sent].arrival.value);
        for (int i = 0;; ++i) {
            if (i % kRunsBetweenChecks == 0 && stop.stop_requested())
                return fail(ErrorKind::Cancelled, "The simulation was stopped.");
            const Turn turn = nextTurn();
            const double delivery = m_deliveries.empty() ? kNever : m_deliveries.top().time;
            if (!turn.replica && m_deliveries.empty())
                break;
            if (!turn.replica || delivery <= turn.replica->clock())
                deliver();
            else
                step(*turn.replica, std::min(delivery, turn.others));
        }
        return finished();
    }

private:
    // The replica with work whose clock is the earliest, and the next such clock of the others,
    // whose steps may send something here.
    struct Turn
    {
        Replica *replica = nullptr;
        double others = kNever;
    };
    Turn nextTurn()
    {
        Turn turn;
        for (Replica *replica : m_all) {
            if (!replica->hasWork())
                continue;
            if (!turn.replica || replica->clock() < turn.replica->clock()) {
                if (turn.replica)
                    turn.others = turn.replica->clock();
                turn.replica = replica;
            } else {
                turn.others = std::min(turn.others, replica->clock());
            }
        }
        if (m_concurrency == 0 && !m_serving.disaggregation)
            turn.others = kNever; // replicas of an open loop send each other nothing
        return turn;
    }

    void send(double time)
    {
        const UserRequest &request = m_requests[m_sent];
        Outcome &outcome = m_result.outcomes[m_sent];
        outcome.request = request;
        outcome.request.arrival = Seconds(time);
        outcome.scheduled = -1;
        Sequence sequence;
        sequence.request = m_sent++;
        sequence.promptTokens = request.promptTokens;
        sequence.outputTokens = request.outputTokens;
        sequence.prefixId = request.prefixId;
        sequence.prefixTokens = request.prefixTokens;
        post(time + m_steps.promptLatency.value, sequence, false);
    }

    void post(double time, const Sequence &sequence, bool toDecodePool)
    {
        m_deliveries.push({time, m_order++, sequence, toDecodePool});
    }

    void deliver()
    {
        const Delivery delivery = m_deliveries.top();
        m_deliveries.pop();
        Pool &pool = delivery.toDecodePool ? m_decode : m_front;
        pool.choose(m_serving.routing, delivery.sequence).enqueue(delivery.sequence, delivery.time);
    }

    void step(Replica &replica, double horizon)
    {
        const double start = replica.clock();
        replica.run(horizon, m_events);
        for (const StepEvents::Scheduled &scheduled : m_events.scheduled) {
            Outcome &outcome = m_result.outcomes[scheduled.request];
            if (outcome.scheduled < 0) {
                outcome.scheduled = start;
                outcome.cachedTokens = scheduled.cachedTokens;
            }
        }
        for (std::size_t request : m_events.preempted)
            ++m_result.outcomes[request].preemptions;
        const double now = replica.clock();
        for (std::size_t request : m_events.firstTokens)
            m_result.outcomes[request].firstToken = now;
        for (const Sequence &sequence : m_events.left)
            leave(sequence, now);
    }

    void leave(Sequence sequence, double now)
    {
        if (sequence.generated < sequence.outputTokens) {
            const Disaggregation &split = *m_serving.disaggregation;
            sequence.computed = sequence.promptTokens;
            sequence.prefixId = 0; // the decode pool gets the whole cache of the prompt
            const Seconds transfer =
                split.transferLatency + double(sequence.promptTokens) * split.transferPerToken;
            post(now + transfer.value, sequence, true);
            return;
        }
        m_result.outcomes[sequence.request].lastToken = now;
        if (m_concurrency > 0 && m_sent < m_requests.size())
            send(now);
    }

    Simulation finished()
    {
        for (const Outcome &outcome : m_result.outcomes) {
            m_result.endSeconds = std::max(m_result.endSeconds, outcome.lastToken);
            m_result.outputTokens += outcome.request.outputTokens;
            m_result.preemptions += outcome.preemptions;
        }
        for (const Replica *replica : m_all) {
            m_result.steps += replica->steps();
            m_result.promptTokens += replica->computedTokens();
            m_result.busySeconds += replica->busySeconds();
            m_result.sequenceSeconds += replica->sequenceSeconds();
        }
        m_result.replicas = int(m_all.size());
        return std::move(m_result);
    }

    const StepTables &m_steps;
    const Serving &m_serving;
    std::span<const UserRequest> m_requests;
    std::int64_t m_concurrency;
    Pool m_front; // where requests arrive
    Pool m_decode;
    std::vector<Replica *> m_all;
    std::priority_queue<Delivery, std::vector<Delivery>, std::greater<>> m_deliveries;
    std::uint64_t m_order = 0;
    std::size_t m_sent = 0;
    StepEvents m_events;
    Simulation m_result;
};

Result<void> checkRequests(const Serving &serving, std::span<const UserRequest> requests)
{
    if (requests.empty())
        return fail(ErrorKind::BadInput, "There are no requests to simulate.");
    const std::int64_t room = serving.kvTokens / serving.kvBlockTokens * serving.kvBlockTokens;
    double before = 0;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const UserRequest &request = requests[i];
        const std::string name = "Request " + std::to_string(i + 1);
        if (request.promptTokens < 1 || request.outputTokens < 1 || request.prefixTokens < 0 ||
            request.prefixTokens > request.promptTokens || !(request.arrival.value >= before))
            return fail(ErrorKind::BadInput,
                        name + " must have a prompt and an answer of one token or more, a prefix "
                               "no longer than its prompt, and arrive after the one before it.");
        before = request.arrival.value;
        const std::int64_t tokens = request.promptTokens + request.outputTokens;
        if (serving.kvTokens > 0 && tokens > room) {
            return fail(ErrorKind::DoesNotFit, name + " needs " + std::to_string(tokens) +
                                                   " tokens of KV cache, but a replica holds " +
                                                   std::to_string(room) +
                                                   "; shorten it or give the cache more memory.");
        }
    }
    return {};
}

} // namespace

Result<Simulation> simulate(const StepTables &steps, const Serving &serving,
                            std::span<const UserRequest> requests, std::int64_t concurrency,
                            std::stop_token stop)
{
    if (Result<void> checked = checkStepTables(steps); !checked)
        return tl::make_unexpected(checked.error());
    if (Result<void> checked = checkServing(serving); !checked)
        return tl::make_unexpected(checked.error());
    if (concurrency < 0)
        return fail(ErrorKind::BadInput, "The concurrency must not be negative.");
    if (Result<void> checked = checkRequests(serving, requests); !checked)
        return tl::make_unexpected(checked.error());
    return EventLoop(steps, serving, requests, concurrency).run(stop);
}

} // namespace engine
