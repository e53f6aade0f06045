// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "app/command_line.h"

namespace CLI {
class App;
}

namespace app {

// The arguments of `paretoscope catalog ...`.
class CatalogArguments
{
public:
    // Adds the subcommand; must live until the program's arguments are parsed.
    explicit CatalogArguments(CLI::App &program);
    ~CatalogArguments();

    bool parsed() const;
    // What was asked for; BadInput for a day, time or count that is none.
    engine::Result<CommandLine> take() const;

private:
    struct Texts;
    std::unique_ptr<Texts> m_texts;
};

} // namespace app
