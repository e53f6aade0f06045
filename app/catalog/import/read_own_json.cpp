// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>

#include "app/catalog/import/readers.h"

namespace app {

using engine::ErrorKind;

bool looksLikeOwnJson(const QJsonObject &root)
{
    return root.contains(QLatin1String("paretoscope_catalog"));
}

engine::Result<ForeignFile> readOwnJson(const QByteArray &content, const QString &name)
{
    ForeignFile file;
    file.importer = QStringLiteral("paretoscope-json");
    file.complete = false;
    if (auto read = readCatalogJson(content, name, &file.names); !read)
        return tl::make_unexpected(read.error());
    if (auto checked = checkCatalogFile(file.names); !checked)
        return engine::fail(ErrorKind::BadInput,
                            name.toStdString() + ": " + checked.error().message);
    if (file.names.sources.empty())
        return engine::fail(ErrorKind::BadInput,
                            name.toStdString() + " declares no source; every figure needs one.");
    file.source = file.names.sources.front().slug;
    const std::vector<FileOffer> offers = std::move(file.names.offers);
    file.names.offers.clear();
    // Each source has its own history of an offer.
    for (const FileOffer &offer : offers) {
        std::map<QString, ForeignOffer> bySource;
        const auto part = [&](const FileOrigin &origin) -> FileOffer & {
            const auto [entry, fresh] = bySource.try_emplace(origin.source);
            if (fresh) {
                entry->second.offer = offer;
                entry->second.offer.prices.clear();
                entry->second.offer.limits.clear();
                entry->second.offer.observations.clear();
                entry->second.offer.claims.clear();
                entry->second.key = offerKey(offer);
                entry->second.source = origin.source;
                entry->second.modelKey = offer.models.front().model;
                entry->second.declared = true;
                entry->second.unpriced = offer.unpriced;
            }
            return entry->second.offer;
        };
        for (const FilePrice &price : offer.prices)
            part(price.origin).prices.push_back(price);
        for (const FileLimits &limits : offer.limits)
            part(limits.origin).limits.push_back(limits);
        for (const FileObservation &seen : offer.observations)
            part(seen.origin).observations.push_back(seen);
        for (const FileClaim &claim : offer.claims)
            part(claim.origin).claims.push_back(claim);
        for (auto &[source, foreign] : bySource)
            file.offers.push_back(std::move(foreign));
    }
    return file;
}

} // namespace app
