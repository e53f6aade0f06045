// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/parts.h"

#include <optional>
#include <utility>

#include <QDateTime>
#include <QDir>
#include <QFileInfo>

#include "app/storage/scenario_file.h"

namespace app {

namespace {

bool isScenarioFile(const QString &path)
{
    return !QFileInfo(path).isDir() && path.endsWith(QLatin1String(".paretoscope"));
}

engine::Error noticeOf(const QString &sentence)
{
    return {engine::ErrorKind::Io, sentence.toStdString(), {}};
}

void openRuns(Parts &parts, const QString &folder)
{
    auto runs = RunStore::open(QDir(folder).filePath(QStringLiteral("runs.sqlite")));
    engine::Result<void> followed;
    if (runs)
        followed = (*runs)->follow(parts.log);
    if (!runs || !followed) {
        const engine::Error &error = runs ? followed.error() : runs.error();
        parts.notices.push_back(error);
        return;
    }
    parts.runs = std::move(*runs);
    if (!parts.runs->notice().isEmpty())
        parts.notices.push_back(noticeOf(parts.runs->notice()));
}

} // namespace

engine::Result<std::unique_ptr<Parts>> makeParts(const CommandLine &wanted)
{
    auto parts = std::make_unique<Parts>();
    const QString folder = dataFolder();
    parts->settings = readSettings(folder);
    auto inventory = loadInventory(wanted.resources);
    if (!inventory)
        return tl::make_unexpected(inventory.error());
    parts->inventory = std::move(*inventory);
    auto store =
        CatalogStore::openOrInMemory(QDir(folder).filePath(QStringLiteral("catalog.sqlite")));
    if (!store)
        return tl::make_unexpected(store.error());
    parts->store = std::move(*store);
    if (!parts->store->notice().isEmpty())
        parts->notices.push_back(noticeOf(parts->store->notice()));
    auto catalog = parts->store->snapshot(QDateTime::currentSecsSinceEpoch());
    if (!catalog)
        return tl::make_unexpected(catalog.error());
    parts->catalog = std::move(*catalog);
    openRuns(*parts, folder);
    return parts;
}

CatalogPtr catalogOf(const Parts &parts, const Scenario &scenario)
{
    const UnixSeconds instant = scenario.offersAsOf.isValid() ? endOfDay(scenario.offersAsOf)
                                                              : QDateTime::currentSecsSinceEpoch();
    auto catalog = parts.store->snapshot(instant);
    return catalog ? std::move(*catalog) : parts.catalog;
}

engine::Result<Scenario> firstScenario(const CommandLine &wanted, const Inventory &inventory)
{
    const QString file = !wanted.scenario.isEmpty()    ? wanted.scenario
                         : isScenarioFile(wanted.path) ? wanted.path
                                                       : QString();
    if (!file.isEmpty())
        return readScenario(file, inventory);
    if (const std::optional<Scenario> session = readSession(inventory))
        return *session;
    return defaultScenario(inventory);
}

} // namespace app
