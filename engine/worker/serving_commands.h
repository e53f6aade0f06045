// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace engine {

struct CommandContext;

// fit --points FILE: constants of serving engines from public measurements.
void addFitCommand(CLI::App &app, CommandContext &context);
// validate --points FILE: how wrong the estimate is, by group.
void addValidateCommand(CLI::App &app, CommandContext &context);

} // namespace engine
