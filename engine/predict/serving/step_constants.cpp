// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/serving/step_constants.h"

namespace engine {

const std::array<PhysicalBelief, kPhysicalCount> &physicalBeliefs()
{
    static constexpr std::array<PhysicalBelief, kPhysicalCount> beliefs{{
        {"gemm_bf16", 0.87, 0.35},
        {"gemm_fp8", 0.54, 0.35},
        {"gemm_fp4", 0.48, 0.40},
        {"weight_bandwidth", 0.95, 0.25},
        {"expert_bandwidth", 0.90, 0.40},
        {"expert_compute", 0.24, 0.60},
        {"attention_compute", 0.46, 0.60},
        {"kv_bandwidth", 0.90, 0.50},
        {"padding_rows", 32, 0.50},
        {"expert_padding", 15, 0.60},
        {"per_layer", 62e-6, 0.50},
        {"per_expert_layer", 7e-6, 0.90},
        {"per_mixer_layer", 8e-6, 0.90},
        {"all_reduce", 3.4e-6, 0.60},
        {"dispatch", 14e-6, 0.90},
        {"network", 0.74, 0.60},
        {"per_step", 139e-6, 0.80},
        {"per_sequence", 31e-6, 0.80},
        {"per_prefill_layer", 19e-6, 0.90},
        {"first_token", 64e-3, 0.90},
        {"first_token_per_user", 0.7e-3, 0.90},
        {"shared", 0.70, 0.30},
        {"chunk_tokens", 10900, 0.80},
        {"burst_share", 0.115, 0.90},
        {"queue", 1.4, 0.90},
        {"skew", 0.74, 0.50},
        {"imbalance", 0.66, 0.70},
        {"elementwise", 0.38, 0.70},
        {"accepted", 1.78, 0.25},
    }};
    return beliefs;
}

} // namespace engine
