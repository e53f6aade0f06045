// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include <QSqlDatabase>

#include "app/catalog/seed.h"
#include "engine/spec/result.h"

namespace app {

// Writes the seed in one transaction if it is newer than the one the file was last seeded with
// (or was never seeded). Only rows of earlier seeds change: a price that a newer seed corrects is
// kept as superseded at `now`. Running it again writes nothing.
engine::Result<void> applySeed(const QSqlDatabase &database,
                               std::span<const engine::EmbeddedFile> files, UnixSeconds now);

} // namespace app
