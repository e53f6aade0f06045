// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/infer/gpu_backend.h"

namespace engine::cuda {

// Best of several runs each, after the clocks had time to rise; takes about two seconds and up to
// 2 GiB. DoesNotFit when that is not free.
Result<GpuCeilings> measureCeilings(int device);

} // namespace engine::cuda
