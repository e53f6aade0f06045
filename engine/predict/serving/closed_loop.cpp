// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/serving/closed_loop.h"

#include <algorithm>
#include <cmath>

namespace engine {

LoopTimes closedLoop(const StepModel &model, const ClosedLoop &loop)
{
    const PhysicalVector &c = model.constants();
    const double input = loop.inputTokens;
    const double output = std::max(loop.outputTokens, 2.0);
    const double batch = loop.mostSequences > 0
                             ? std::min(loop.users, std::max(loop.mostSequences, 1.0))
                             : loop.users;
    const double accepted = loop.draftTokens ? std::max(c[at(Physical::Accepted)], 1.0) : 1;

    StepLoad decode;
    decode.decodeSequences = batch;
    decode.decodePositions = input + output / 2;
    decode.tokensPerSequence = loop.draftTokens ? 2 : 1;
    double step = model.time(decode).value;
    if (loop.draftTokens)
        step *= 1.08; // the drafting head

    const double chunk = c[at(Physical::ChunkTokens)];
    const double joined = std::min(chunk, batch * input); // tokens of one prompt step in a burst
    StepLoad prompts;
    prompts.prefillTokens = joined;
    prompts.prompts = std::max(joined / input, 1.0);
    if (joined < input)
        prompts.prefillDepth = (input - joined) / 2;
    const double joinedStep = model.time(prompts).value;
    const double service = joinedStep * input / joined; // of one prompt among others
    StepLoad full;
    full.prefillTokens = chunk;
    full.prompts = std::max(chunk / input, 1.0);
    if (chunk < input)
        full.prefillDepth = (input - chunk) / 2;
    const double chunkStep = chunk == joined ? joinedStep : model.time(full).value;
    const double saved =
        std::min(c[at(Physical::Shared)], 1.2) * std::min(step, chunkStep) * input / chunk;
    const double admitted = batch / std::max(output / accepted - 1, 1.0);
    LoopTimes times;
    times.sequences = batch;
    times.decodeStep = Seconds(step);
    const double tpot = (step + admitted * std::max(service - saved, 0.05 * service)) / accepted;
    times.tpot = Seconds(tpot);
    const double lone = model.prefillTime(input, 0, chunk).value;
    times.prefill = Seconds(lone);
    const double busy = std::min(batch * service / (output * tpot), 0.9);
    double ttft = c[at(Physical::FirstToken)] + c[at(Physical::FirstTokenPerUser)] * loop.users +
                  lone + step / 2;
    ttft += c[at(Physical::Queue)] * busy * service / (2 * (1 - busy));
    ttft += c[at(Physical::BurstShare)] * service *
            std::max((batch - 1) / 2 + (chunk / input - 1) / 2, 0.0);
    if (loop.users > batch)
        ttft += (loop.users / batch - 1) * output * tpot;
    times.ttft = Seconds(ttft);
    return times;
}

} // namespace engine
