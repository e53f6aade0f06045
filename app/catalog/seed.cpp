// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/seed.h"

#include <algorithm>

#include <QCryptographicHash>

namespace app {
namespace {

QDate newestFact(const CatalogFile &file)
{
    QDate newest;
    const auto look = [&newest](const FileOrigin &origin) {
        newest = std::max(newest, origin.date);
    };
    for (const FileOffer &offer : file.offers) {
        for (const auto &price : offer.prices)
            look(price.origin);
        for (const auto &seen : offer.observations)
            look(seen.origin);
        for (const auto &claim : offer.claims)
            look(claim.origin);
    }
    return newest;
}

} // namespace

QByteArray seedHash(std::span<const engine::EmbeddedFile> files)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const engine::EmbeddedFile &file : files)
        hash.addData(QByteArray::fromRawData(file.content.data(),
                                             static_cast<qsizetype>(file.content.size())));
    return hash.result().toHex();
}

engine::Result<Seed> readSeed(std::span<const engine::EmbeddedFile> files)
{
    Seed seed;
    for (const engine::EmbeddedFile &file : files) {
        const QByteArray content(file.content.data(), static_cast<qsizetype>(file.content.size()));
        const QString name =
            QString::fromUtf8(file.name.data(), static_cast<qsizetype>(file.name.size()));
        if (auto read = readCatalogJson(content, name, &seed.file); !read)
            return tl::make_unexpected(read.error());
    }
    if (auto checked = checkCatalogFile(seed.file); !checked)
        return tl::make_unexpected(checked.error());
    seed.sha256 = seedHash(files);
    seed.newestFact = newestFact(seed.file);
    return seed;
}

} // namespace app
