// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/import/foreign_file.h"

#include <QJsonDocument>

#include "app/catalog/import/readers.h"

namespace app {
namespace {

using engine::ErrorKind;

constexpr qsizetype kLargestFile = 64 << 20;

tl::unexpected<engine::Error> refuse(const QString &sentence)
{
    return engine::fail(ErrorKind::BadInput, sentence.toStdString());
}

struct Format
{
    bool (*fits)(const QJsonObject &);
    ForeignFile (*read)(const QJsonObject &);
};

// The narrower shapes first.
constexpr Format kFormats[] = {
    {looksLikeOpenRouterEndpoints, readOpenRouterEndpoints},
    {looksLikeOpenRouterModels, readOpenRouterModels},
    {looksLikeLlmPrices, readLlmPrices},
    {looksLikeModelsDev, readModelsDev},
    {looksLikeLitellm, readLitellm},
};

} // namespace

engine::Result<ForeignFile> readForeignFile(const QByteArray &content, const QString &name)
{
    if (content.size() > kLargestFile)
        return refuse(QStringLiteral("%1 is larger than 64 MiB; a price list is a few.").arg(name));
    if (content.trimmed().isEmpty())
        return refuse(QStringLiteral("%1 is empty; fetch it again.").arg(name));
    if (looksLikeOwnCsv(content))
        return readOwnCsv(content, name);
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(content, &error);
    if (document.isNull())
        return refuse(QStringLiteral("%1 is neither JSON nor our CSV (%2 at byte %3); it may have "
                                     "been cut off, so fetch it again.")
                          .arg(name, error.errorString())
                          .arg(error.offset));
    if (document.isArray()) {
        const QJsonArray root = document.array();
        if (root.isEmpty())
            return refuse(QStringLiteral("%1 is an empty list; nothing was imported.").arg(name));
        if (looksLikeGenaiPrices(root))
            return readGenaiPrices(root);
    }
    const QJsonObject root = document.object();
    if (looksLikeOwnJson(root))
        return readOwnJson(content, name);
    for (const Format &format : kFormats) {
        if (format.fits(root))
            return format.read(root);
    }
    return refuse(QStringLiteral("%1 has the shape of no price list that is known: litellm, "
                                 "models.dev, OpenRouter models or endpoints, genai-prices, "
                                 "llm-prices, or our own JSON and CSV.")
                      .arg(name));
}

} // namespace app
