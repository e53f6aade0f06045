// SPDX-License-Identifier: GPL-3.0-or-later
// What comes into the window from files, and what goes out.
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QMimeData>
#include <QStackedWidget>

#include "app/storage/export.h"
#include "app/storage/scenario_file.h"
#include "ui/main_window/main_window.h"
#include "ui/widgets/error_block.h"

namespace ui {
namespace {

constexpr qsizetype kMostRecent = 10;

enum class FileKind { Model, Scenario, Neither };

// By its place and name alone; the readers say what is wrong inside.
FileKind kindOf(const QString &path)
{
    const QFileInfo info(path);
    const QString config = QStringLiteral("config.json");
    if (info.isDir())
        return QFileInfo::exists(path + QLatin1Char('/') + config) ? FileKind::Model
                                                                   : FileKind::Neither;
    if (info.fileName() == config)
        return FileKind::Model;
    const QString suffix = info.suffix().toLower();
    return suffix == QLatin1String("paretoscope") || suffix == QLatin1String("json")
               ? FileKind::Scenario
               : FileKind::Neither;
}

// The one local file that is dragged; empty when it is none, or several.
QString draggedPath(const QMimeData *data)
{
    const QList<QUrl> urls = data->urls();
    return urls.size() == 1 && urls.first().isLocalFile() ? urls.first().toLocalFile() : QString();
}

} // namespace

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    const QString path = draggedPath(event->mimeData());
    if (!path.isEmpty() && kindOf(path) != FileKind::Neither)
        event->acceptProposedAction();
    else if (event->mimeData()->hasUrls())
        tell(refusal(path), false);
}

void MainWindow::dropEvent(QDropEvent *event)
{
    // What cannot be opened was refused when it came in.
    const QString path = draggedPath(event->mimeData());
    if (path.isEmpty())
        return event->ignore();
    openPath(path);
    event->acceptProposedAction();
}

// What may be dropped, and why this may not.
QString MainWindow::refusal(const QString &path)
{
    const QString wanted =
        tr("drop one model folder with a config.json, a config.json, or a .paretoscope file");
    if (path.isEmpty())
        return tr("That is not one file of this computer: %1.").arg(wanted);
    return tr("%1 is neither a model nor a scenario: %2.").arg(QFileInfo(path).fileName(), wanted);
}

void MainWindow::openPath(const QString &path)
{
    if (kindOf(path) == FileKind::Scenario)
        openScenario(path);
    else
        openModel(path);
}

void MainWindow::setRecentFiles(const QStringList &paths)
{
    m_recent = paths.mid(0, kMostRecent);
}

void MainWindow::remember(const QString &path)
{
    const QString absolute = QFileInfo(path).absoluteFilePath();
    m_recent.removeAll(absolute);
    m_recent.prepend(absolute);
    m_recent = m_recent.mid(0, kMostRecent);
    emit settingsChanged();
}

void MainWindow::openModel(const QString &path)
{
    if (const engine::Result<void> opened = m_explorer->openModel(path); !opened) {
        fail(opened.error(), {}, {});
        return;
    }
    m_error->hide();
    remember(path);
    tell(tr("Opened %1.").arg(QFileInfo(path).fileName()), true);
}

void MainWindow::openScenario(const QString &path)
{
    const engine::Result<app::Scenario> scenario = app::readScenario(path, m_explorer->inventory());
    if (!scenario) {
        fail(scenario.error(), {}, {});
        return;
    }
    m_error->hide();
    m_explorer->setScenario(*scenario);
    remember(path);
    tell(tr("Opened %1.").arg(QFileInfo(path).fileName()), true);
}

void MainWindow::saveScenario(const QString &path)
{
    const engine::Result<void> saved = app::writeScenario(path, m_explorer->scenario());
    if (!saved) {
        fail(saved.error(), {}, {});
        return;
    }
    remember(path);
    tell(tr("Saved %1.").arg(QFileInfo(path).fileName()), false);
}

void MainWindow::exportPicture(const QString &path)
{
    if (m_views->currentWidget()->grab().save(path))
        tell(tr("Exported %1.").arg(QFileInfo(path).fileName()), false);
    else
        fail({engine::ErrorKind::Io,
              tr("%1 cannot be written: choose a folder of your own and a name that ends in .png.")
                  .arg(path)
                  .toStdString(),
              {}},
             {}, {});
}

void MainWindow::exportData(const QString &path)
{
    const app::RunPtr run = m_runner->run()                   ? m_runner->run()
                            : m_log && !m_log->runs().empty() ? m_log->runs().back()
                                                              : nullptr;
    if (!run || !m_log)
        return;
    const std::vector<engine::Point> points = m_log->pointsOf(run->id);
    const engine::Result<void> written = path.endsWith(QLatin1String(".json"))
                                             ? app::exportJson(path, *run, points)
                                             : app::exportCsv(path, points);
    if (!written)
        fail(written.error(), {}, {});
    else
        tell(tr("Exported %n points.", nullptr, static_cast<int>(points.size())), false);
}

} // namespace ui
