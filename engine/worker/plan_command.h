// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace engine {

struct CommandContext;

// `plan`: the cheapest way to serve a model within limits on its waits, over all devices with a
// known price.
void addPlanCommand(CLI::App &app, CommandContext &context);

} // namespace engine
