// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/command.h"

#include <cstdio>

namespace engine {

void reportError(CommandContext &context, const Error &error)
{
    std::string line = "paretoscope-engine: " + error.message;
    if (!error.detail.empty())
        line += " (" + error.detail + ")";
    std::fprintf(stderr, "%s\n", line.c_str());
    switch (error.kind) {
    case ErrorKind::Cancelled:
        context.exitCode = 130;
        break;
    case ErrorKind::BadInput:
        context.exitCode = 2;
        break;
    default:
        context.exitCode = 1;
    }
}

} // namespace engine
