// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/worker_command.h"

#include <csignal>

#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "engine/worker/serve_worker.h"

namespace engine {

void addWorkerCommand(CLI::App &app, CommandContext &context)
{
    CLI::App *command = app.add_subcommand(
        "worker", "Serve a window: JSON-RPC 2.0, a line a message, on stdin and stdout");
    command->footer(
        "The window starts this by itself; on another machine: ssh box paretoscope-engine worker\n"
        "By hand: echo '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"describe_devices\"}' |"
        " paretoscope-engine worker\n"
        "The lines are described in engine/worker/PROTOCOL.md; the log goes to stderr.\n");
    command->callback([&context] {
        // A window that dies without closing the pipes takes its worker along.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        context.exitCode = serveWorker(STDIN_FILENO, STDOUT_FILENO, context.resourcesDirectory);
    });
}

} // namespace engine
