// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/command.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

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

void printResult(CommandContext &context, const std::string &text)
{
    errno = 0;
    const bool isWritten = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if (std::fflush(stdout) != 0 || !isWritten) {
        reportError(context, {ErrorKind::Io,
                              "The output could not be written to its end: " +
                                  std::string(std::strerror(errno)) + ".",
                              {}});
    }
}

} // namespace engine
