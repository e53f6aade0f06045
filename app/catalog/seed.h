// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include <QByteArray>

#include "app/catalog/catalog_file.h"
#include "engine/spec/embedded_file.h"
#include "engine/spec/result.h"

namespace app {

// The JSON files of resources/catalog, compiled in.
std::span<const engine::EmbeddedFile> catalogSeedFiles();

struct Seed
{
    CatalogFile file;
    QByteArray sha256; // of all files, hexadecimal
    QDate newestFact;  // latest date of any source
};

// SHA-256 of all files, hexadecimal.
QByteArray seedHash(std::span<const engine::EmbeddedFile> files);

// The seed read and checked; an error is a fault of ours.
engine::Result<Seed> readSeed(std::span<const engine::EmbeddedFile> files);

} // namespace app
