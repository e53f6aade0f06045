// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

namespace app {

// "PScT": tells our files from any other program's.
inline constexpr int kCatalogApplicationId = 0x50536354;

// One step forward: run the statements in order, then the file's user_version is `toVersion`.
struct Migration
{
    int toVersion = 0;
    std::span<const char *const> statements;
};

// All steps from an empty file to the newest version, ascending.
std::span<const Migration> catalogMigrations();

} // namespace app
