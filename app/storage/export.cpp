// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/storage/export.h"

#include <QByteArray>
#include <QSaveFile>

#include "engine/protocol/point_json.h"

namespace app {

namespace {

engine::Result<void> write(const QString &path, const std::string &content)
{
    QSaveFile file(path);
    const QByteArray bytes = QByteArray::fromStdString(content);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return engine::fail(engine::ErrorKind::Io, "The file cannot be written.",
                            path.toStdString() + ": " + file.errorString().toStdString());
    return {};
}

} // namespace

engine::Result<void> exportJson(const QString &path, const RunHead &run,
                                const std::vector<engine::Point> &points)
{
    engine::RunDocument document;
    document.environment = run.environment;
    document.model = run.model;
    document.points = points;
    return write(path, engine::toJson(document));
}

engine::Result<void> exportCsv(const QString &path, const std::vector<engine::Point> &points)
{
    return write(path, engine::toCsv(points));
}

} // namespace app
