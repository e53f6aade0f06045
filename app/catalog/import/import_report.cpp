// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/import/import_report.h"

#include <algorithm>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace app {
namespace {

constexpr std::size_t kMostLines = 20;

QString word(ImportReport::Status status)
{
    switch (status) {
    case ImportReport::Status::Applied:
        return QStringLiteral("applied");
    case ImportReport::Status::NoChange:
        return QStringLiteral("no_change");
    case ImportReport::Status::Rejected:
        break;
    }
    return QStringLiteral("rejected");
}

QString headline(const ImportReport &report)
{
    const QString of =
        QStringLiteral("%1 of %2").arg(report.sourceName, report.date.toString(Qt::ISODate));
    if (report.status == ImportReport::Status::Rejected)
        return of + QStringLiteral(" was rejected; the catalog is as it was. ") + report.message;
    if (report.status == ImportReport::Status::NoChange)
        return of + QStringLiteral(" is in the catalog already; nothing was written.");
    return of + (report.dryRun ? QStringLiteral(" would change this:")
                               : QStringLiteral(" was imported:"));
}

template <class Items, class Line>
void section(QString &text, const QString &title, const Items &items, const Line &line)
{
    if (items.empty())
        return;
    text += QStringLiteral("\n%1: %2\n").arg(title).arg(items.size());
    for (std::size_t i = 0; i < std::min(items.size(), kMostLines); ++i)
        text += QStringLiteral("  ") + line(items[i]) + u'\n';
    if (items.size() > kMostLines)
        text += QStringLiteral("  and %1 more; --json prints all\n").arg(items.size() - kMostLines);
}

template <class Items, class Object>
QJsonArray list(const Items &items, const Object &object)
{
    QJsonArray array;
    for (const auto &item : items)
        array.append(object(item));
    return array;
}

} // namespace

QByteArray reportText(const ImportReport &report)
{
    QString text = headline(report) + u'\n';
    if (report.status == ImportReport::Status::Applied)
        text += QStringLiteral("  %1 offers: %2 new, %3 changed, %4 as before, %5 without a price; "
                               "%6 held for review, %7 no longer listed, %8 records sell no "
                               "tokens\n")
                    .arg(report.seen)
                    .arg(report.added)
                    .arg(report.changed)
                    .arg(report.unchanged)
                    .arg(report.unpriced)
                    .arg(report.held.size())
                    .arg(report.missing)
                    .arg(report.skipped);
    std::vector<PriceChange> moved;
    std::copy_if(report.changes.begin(), report.changes.end(), std::back_inserter(moved),
                 [](const PriceChange &change) { return change.kind != QLatin1String("new"); });
    section(text, QStringLiteral("Prices that move"), moved, [](const PriceChange &change) {
        return QStringLiteral("%1: %2 -> %3 (%4)")
            .arg(change.offer, change.before, change.after, change.kind);
    });
    section(text, QStringLiteral("Held for review"), report.held, [](const HeldRecord &held) {
        return QStringLiteral("%1: %2 (%3 -> %4)")
            .arg(held.key, held.rule, held.before.isEmpty() ? QStringLiteral("none") : held.before,
                 held.after);
    });
    section(text, QStringLiteral("Sources disagree"), report.conflicts,
            [](const SourceConflict &conflict) {
                return QStringLiteral("%1 %2: %3 here, %4 at %5")
                    .arg(conflict.offer, conflict.component)
                    .arg(double(conflict.here) / 1e6)
                    .arg(double(conflict.there) / 1e6)
                    .arg(conflict.other);
            });
    section(text, QStringLiteral("Fields not understood"), report.unknownFields,
            [](const QString &field) { return field; });
    section(text, QStringLiteral("Notes"), report.notes, [](const QString &note) { return note; });
    return text.toUtf8();
}

QByteArray reportJson(const ImportReport &report)
{
    const auto text = [](const QString &item) { return QJsonValue(item); };
    QJsonObject object{
        {QStringLiteral("schema"), QStringLiteral("paretoscope.import/1")},
        {QStringLiteral("status"), word(report.status)},
        {QStringLiteral("dry_run"), report.dryRun},
        {QStringLiteral("importer"), report.importer},
        {QStringLiteral("source"), report.sourceName},
        {QStringLiteral("date"), report.date.toString(Qt::ISODate)},
        {QStringLiteral("message"), report.message},
        {QStringLiteral("seen"), report.seen},
        {QStringLiteral("new"), report.added},
        {QStringLiteral("changed"), report.changed},
        {QStringLiteral("unchanged"), report.unchanged},
        {QStringLiteral("unpriced"), report.unpriced},
        {QStringLiteral("missing"), report.missing},
        {QStringLiteral("skipped"), report.skipped},
        {QStringLiteral("unknown_fields"), list(report.unknownFields, text)},
        {QStringLiteral("notes"), list(report.notes, text)},
    };
    object[QStringLiteral("changes")] = list(report.changes, [](const PriceChange &change) {
        return QJsonObject{{QStringLiteral("offer"), change.offer},
                           {QStringLiteral("kind"), change.kind},
                           {QStringLiteral("before"), change.before},
                           {QStringLiteral("after"), change.after}};
    });
    object[QStringLiteral("quarantined")] = list(report.held, [](const HeldRecord &held) {
        return QJsonObject{{QStringLiteral("key"), held.key},
                           {QStringLiteral("offer"), held.offer},
                           {QStringLiteral("rule"), held.rule},
                           {QStringLiteral("before"), held.before},
                           {QStringLiteral("after"), held.after}};
    });
    object[QStringLiteral("conflicts")] =
        list(report.conflicts, [](const SourceConflict &conflict) {
            return QJsonObject{{QStringLiteral("offer"), conflict.offer},
                               {QStringLiteral("component"), conflict.component},
                               {QStringLiteral("here"), conflict.here},
                               {QStringLiteral("there"), conflict.there},
                               {QStringLiteral("other"), conflict.other},
                               {QStringLiteral("spread"), conflict.spread}};
        });
    return QJsonDocument(object).toJson();
}

} // namespace app
