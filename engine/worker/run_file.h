// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "engine/protocol/messages.h"
#include "engine/protocol/point_json.h"
#include "engine/spec/result.h"

namespace engine {

// The run that a file holds; absent when there is no such file, BadInput when it is no run of ours.
Result<std::optional<RunDocument>> readRunFile(const std::string &path);

// Replaces the file as a whole: a reader sees the old run or the new one, whenever it looks and
// whatever happens in between.
Result<void> writeRunFile(const std::string &path, const RunDocument &run);

// Refuses to go on with a run of another model, type, device or machine, with what differs.
Result<void> checkResumable(const RunDocument &run, const SweepRequest &request,
                            const std::string &modelName, const std::string &path);

// Puts the point in place of the one of the same workload, ordered by context and batch.
void putPoint(RunDocument &run, const Point &point);

} // namespace engine
