// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

namespace simt {

// Between the two, launches and copies are kept instead of run.
void beginRecording();
std::vector<std::function<void()>> endRecording();

// Runs the work now, or keeps it while recording.
void runOrRecord(std::function<void()> work);

} // namespace simt
