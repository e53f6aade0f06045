// SPDX-License-Identifier: Apache-2.0
#include "engine/spec/point.h"

#include <utility>

namespace engine {

Point unmeasuredPoint(const Workload &workload, PointStatus status, std::string message)
{
    Point point;
    point.workload = workload;
    point.status = status;
    point.message = std::move(message);
    const char *reason = status == PointStatus::Failed      ? "failed"
                         : status == PointStatus::Cancelled ? "cancelled"
                                                            : "not_applicable";
    for (const char *key :
         {"ttft_ms", "ttft_idle_ms", "tpot_ms", "step_wall_ms", "e2e_ms", "itl_ms", "output_tps",
          "prefill_tps", "bw_pct", "flop_pct", "prefill_flop_pct", "mem_peak_bytes", "bytes_step",
          "flops_step", "flops_prefill"})
        point.why[key] = reason;
    return point;
}

} // namespace engine
