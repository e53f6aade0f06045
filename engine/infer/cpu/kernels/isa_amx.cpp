// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/kernels/isa_table.h"

// The Vec comes first: the kernels are written over it.
#include "engine/infer/cpu/kernels/vec_avx512.h"

#include "engine/infer/cpu/kernels/amx_decode_kernels.h"
#include "engine/infer/cpu/kernels/amx_stream_kernels.h"
#include "engine/infer/cpu/kernels/attend_kernels.h"
#include "engine/infer/cpu/kernels/avx512_append_kernels.h"
#include "engine/infer/cpu/kernels/row_kernels.h"

namespace engine::cpu {

const IsaTable &amxTable()
{
    static constexpr IsaTable table{.bf16Activations = ActivationFormat::Bf16Tiles,
                                    .matmul = amxMatmulPanels,
                                    .rmsNorm = rmsNormRows,
                                    .appendKv = avx512AppendKvUnit,
                                    .attend = amxAttendUnits,
                                    .merge = mergeUnits,
                                    .sample = sampleTokens};
    return table;
}

} // namespace engine::cpu
