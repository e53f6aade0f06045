// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/infer/decoder.h"
#include "engine/measure/busy_spans.h"
#include "engine/model/resolve_model.h"
#include "engine/protocol/messages.h"

namespace engine {

// A sweep that was checked before any work: the model is known, the device usable, and every cell
// either fits or has its point that says what it would need.
struct SweepJob
{
    SweepRequest request;
    ResolvedModel model;
    DecoderOptions options;      // of one decoder that serves every cell that fits
    std::vector<Workload> cells; // that fit
    std::vector<Point> refused;  // DoesNotFit
};

// BadInput, NotFound, Unsupported or the like, with one sentence. `availableBytes` is the memory
// that may be taken.
Result<SweepJob> prepareSweep(const SweepRequest &request, const std::string &resources,
                              std::int64_t availableBytes);

// Loads, measures and hands over events as they happen (SweepProgress, SweepStarted,
// PointMeasured), on this thread; what is returned is the last one. Stops within 200 ms of a
// request, also while loading.
SweepFinished runSweepJob(const SweepJob &job, const BusySpans *windowBusy,
                          const std::function<void(const EventBody &)> &onEvent,
                          std::stop_token stop);

// What is told of a model: name, architecture, shape, parameters, bytes in that type.
Environment describeModel(const ModelSpec &model, const WeightSource &weights, DType weightType,
                          DType kvType);

} // namespace engine
