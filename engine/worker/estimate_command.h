// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace engine {

struct CommandContext;

// `estimate`: what a model would do on a device, by the performance model, calibrated on the points
// of a run if one is given.
void addEstimateCommand(CLI::App &app, CommandContext &context);

} // namespace engine
