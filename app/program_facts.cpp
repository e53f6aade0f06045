// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/program_facts.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

#include "engine/spec/build_info.h"

namespace app {

namespace {

QString orUnknown(const char *text)
{
    return *text ? QString::fromUtf8(text) : QStringLiteral("unknown");
}

QString sizeOf(const QString &path)
{
    const QFileInfo file(path);
    return file.exists() ? QStringLiteral("%1 bytes").arg(file.size())
                         : QStringLiteral("not there");
}

} // namespace

QStringList programFacts(const Parts &parts)
{
    const QDir folder(dataFolder());
    const QString runs = folder.filePath(QStringLiteral("runs.sqlite"));
    const QString catalog = folder.filePath(QStringLiteral("catalog.sqlite"));
    QStringList facts{
        QStringLiteral("Commit %1, %2, %3")
            .arg(orUnknown(engine::gitCommit()), orUnknown(engine::compilerName()),
                 orUnknown(engine::compileFlags())),
        QStringLiteral("Program %1").arg(QCoreApplication::applicationFilePath()),
        QStringLiteral("Data folder %1").arg(folder.path()),
        QStringLiteral("runs.sqlite: %1, %2")
            .arg(sizeOf(runs), parts.runs ? parts.runs->state() : QStringLiteral("not open")),
        QStringLiteral("catalog.sqlite: %1, %2, %3 offers as of today")
            .arg(sizeOf(catalog), parts.store->isPersistent() ? QStringLiteral("open")
                                                              : QStringLiteral("in memory only"))
            .arg(parts.catalog->offers.size()),
    };
    for (const engine::Error &notice : parts.notices)
        facts.append(QStringLiteral("Notice: %1").arg(QString::fromStdString(notice.message)));
    return facts;
}

} // namespace app
