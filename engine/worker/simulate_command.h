// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace engine {

struct CommandContext;

// `simulate`: how long users wait when many of them ask at once, by a discrete-event simulation of
// continuous batching over the performance model's step times.
void addSimulateCommand(CLI::App &app, CommandContext &context);

} // namespace engine
