// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSqlDatabase>

#include "app/catalog/catalog_file.h"
#include "app/catalog/seed.h"
#include "engine/spec/result.h"

namespace app {

// Hash of what a card asks, whatever its notes: equal hashes are no price change.
QString cardHash(const FilePrice &price);

// Writes the seed in one transaction if it is newer than the one the file was last seeded with
// (or was never seeded). Only rows of earlier seeds change: a price that a newer seed corrects is
// kept as superseded at `now`. Running it again writes nothing.
engine::Result<void> applySeed(const QSqlDatabase &database,
                               std::span<const engine::EmbeddedFile> files, UnixSeconds now);

} // namespace app
