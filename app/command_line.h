// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <QSize>
#include <QString>

#include "app/catalog_task.h"
#include "engine/protocol/messages.h"
#include "engine/spec/result.h"

namespace app {

// What the command line asks for.
struct CommandLine
{
    enum class Task { Window, Render, Measure, Catalog };

    Task task = Task::Window;
    QString path;               // model folder, config.json or scenario file to open; empty = none
    QString scenario;           // --scenario FILE; empty = none
    QString theme;              // "dark", "light", "contrast"; empty = as last time
    QString view;               // "curves", "providers"; empty = as last time
    QString resources;          // --resources DIR; empty = the data compiled in
    QString picture;            // Render: file to write
    QSize size{1920, 1080};     // Render
    engine::SweepRequest sweep; // Measure
    QString reportFolder;       // Measure; empty = a new one in the current folder
    CatalogRequest catalog;     // Catalog
};

struct ParsedCommandLine
{
    std::optional<CommandLine> wanted; // absent: everything was said, end with `exitCode`
    int exitCode = 0;
};

// Reads the arguments. Help and version are printed on stdout, one sentence about a bad argument on
// stderr (exit code 2).
ParsedCommandLine parseCommandLine(int argc, char **argv);

// An error as one line on stderr; returns the exit code for it: 2 for bad input, 130 when it was
// cancelled, else 1.
int reportError(const engine::Error &error);

} // namespace app
