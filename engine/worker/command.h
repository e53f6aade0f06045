// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/spec/result.h"

namespace CLI {
class App;
}

namespace engine {

// What the commands of the program share. It outlives the parsing of the command line.
struct CommandContext
{
    std::string resourcesDirectory; // --resources DIR; empty = the data compiled in
    int exitCode = 0;               // of the program, when the command has run
};

// A command lives in a file of its own and registers itself by one function,
//     void addXCommand(CLI::App &app, CommandContext &context);
// which adds a subcommand with its options, examples in its footer and a callback. The callback
// prints results on stdout, everything else on stderr, and ends with reportError() on a failure.

// Prints the error as one line on stderr and sets the exit code: 130 when cancelled, 2 on bad
// input, else 1.
void reportError(CommandContext &context, const Error &error);

// Writes a result to stdout; that it did not all arrive (a full disk) is an error of the command.
void printResult(CommandContext &context, const std::string &text);

} // namespace engine
