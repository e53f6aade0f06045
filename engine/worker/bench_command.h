// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/worker/command.h"

namespace engine {

void addBenchCommand(CLI::App &app, CommandContext &context);

} // namespace engine
