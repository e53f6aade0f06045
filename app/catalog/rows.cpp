// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/rows.h"

#include <map>

#include "app/catalog/catalog_file.h"

namespace app {

std::optional<UnixSeconds> optionalInstant(const QVariant &value)
{
    return value.isNull() ? std::nullopt : std::optional<UnixSeconds>(value.toLongLong());
}
std::optional<std::int64_t> optionalWhole(const QVariant &value)
{
    return value.isNull() ? std::nullopt : std::optional<std::int64_t>(value.toLongLong());
}
std::optional<double> optionalReal(const QVariant &value)
{
    return value.isNull() ? std::nullopt : std::optional<double>(value.toDouble());
}

namespace {

constexpr qint64 kDay = 86'400;

Confidence confidenceOf(const QString &word)
{
    if (word == QLatin1String("high"))
        return Confidence::High;
    return word == QLatin1String("low") ? Confidence::Low : Confidence::Medium;
}

} // namespace

DateBasis basisOf(const QString &word)
{
    static const std::map<QString, DateBasis> kWords = {
        {QStringLiteral("vendor_declared"), DateBasis::VendorDeclared},
        {QStringLiteral("source_declared"), DateBasis::SourceDeclared},
        {QStringLiteral("first_seen"), DateBasis::FirstSeen},
        {QStringLiteral("snapshot"), DateBasis::Snapshot},
    };
    const auto found = kWords.find(word);
    return found == kWords.end() ? DateBasis::Unknown : found->second;
}

Provenance provenanceAt(const QSqlQuery &row, int firstColumn, FigureKind kind)
{
    Provenance provenance;
    provenance.sourceName = row.value(firstColumn).toString();
    provenance.address = row.value(firstColumn + 1).toString();
    if (const auto day = optionalInstant(row.value(firstColumn + 2)))
        provenance.date = dayOf(*day);
    provenance.confidence = confidenceOf(row.value(firstColumn + 3).toString());
    provenance.note = row.value(firstColumn + 4).toString();
    provenance.source = row.value(firstColumn + 5).toString();
    provenance.sourceKind = row.value(firstColumn + 6).toString();
    provenance.freshDays = static_cast<int>(row.value(firstColumn + 7).toLongLong() / kDay);
    provenance.staleDays = static_cast<int>(row.value(firstColumn + 8).toLongLong() / kDay);
    provenance.kind = kind;
    return provenance;
}

QString offerKeyAt(const QSqlQuery &row, int firstColumn)
{
    const auto text = [&](int column) { return row.value(firstColumn + column).toString(); };
    FileOffer offer;
    offer.provider = text(0);
    offer.via = text(1);
    offer.modelId = text(2);
    offer.region = text(3);
    offer.tier = text(4);
    offer.quantization = text(5);
    offer.endpoint = text(6);
    return offerKey(offer);
}

} // namespace app
