// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/steady_load.h"

#include <algorithm>
#include <limits>

namespace engine {

SteadyLoad steadyLoad(const ReplicaTimes &times, double load)
{
    const double prefill = times.prefill.value;
    const double decode = times.decode.value;
    const double later = std::max(0.0, times.outputTokens - 1);
    const double admission = prefill - times.overlap * std::min(prefill, decode);
    const double batch = double(times.batch);

    SteadyLoad steady;
    steady.tpot = Seconds(decode + (later > 0 ? batch / later * admission : 0));
    steady.requestsPerSecond = batch / (prefill + later * steady.tpot.value);
    const double rho = load * steady.requestsPerSecond * prefill;
    const double wait =
        rho < 1 ? rho * prefill / (2 * (1 - rho)) : std::numeric_limits<double>::infinity();
    steady.ttft = Seconds(prefill + (later > 0 ? decode / 2 : 0) + wait);
    const double decodes = later * decode / batch; // of one request
    steady.prefillShare = prefill / (prefill + decodes);
    return steady;
}

} // namespace engine
