// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/measure_task.h"

#include <csignal>
#include <cstdio>
#include <unistd.h>

#include <QCoreApplication>
#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QImage>
#include <QSocketNotifier>

#include "app/explore/explorer.h"
#include "app/measure/bench_runner.h"
#include "app/parts.h"
#include "app/storage/export.h"
#include "app/sweep_progress.h"
#include "ui/main_window/render.h"

namespace app {

namespace {

int g_interrupts[2] = {-1, -1}; // a pipe: what a signal handler may write to

extern "C" void onInterrupt(int number)
{
    const char mark = 'i';
    [[maybe_unused]] const ssize_t written = write(g_interrupts[1], &mark, 1);
    std::signal(number, SIG_DFL); // the second one ends the program at once
}

engine::Result<QString> makeFolder(const QString &asked)
{
    const QString name =
        asked.isEmpty()
            ? QStringLiteral("paretoscope-report-") +
                  QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss"))
            : asked;
    const QString folder = QFileInfo(name).absoluteFilePath();
    if (!QDir().mkpath(folder) || access(folder.toLocal8Bit().constData(), W_OK) != 0)
        return engine::fail(engine::ErrorKind::Io,
                            "The folder of the report cannot be written; --out names another.",
                            folder.toStdString());
    return folder;
}

// A path is the same for the worker, wherever it runs; a preset's name stays.
std::string absoluteModel(const std::string &model)
{
    const QFileInfo path(QString::fromStdString(model));
    return path.exists() && model.find('/') != std::string::npos
               ? path.absoluteFilePath().toStdString()
               : model;
}

// The estimate that stands beside the points: at the smallest prompt, along the batch, unless only
// the prompt varies.
Scenario scenarioOf(const engine::SweepRequest &sweep, const Inventory &inventory)
{
    Scenario scenario = defaultScenario(inventory);
    scenario.model = QString::fromStdString(sweep.model);
    scenario.dtype = sweep.dtype;
    scenario.kvDtype = sweep.dtype;
    scenario = onDevice(scenario, inventory, QString::fromStdString(sweep.device));
    scenario.workload = {sweep.batches.front(), sweep.contexts.front(), sweep.outputTokens};
    scenario.axis = sweep.batches.size() > 1 || sweep.contexts.size() == 1 ? CurveAxis::Batch
                                                                           : CurveAxis::Context;
    return scenario;
}

engine::Result<void> writeReport(const QString &folder, const RunHead &run,
                                 const std::vector<engine::Point> &points, const Explorer &explorer)
{
    const QDir target(folder);
    if (const auto done = exportJson(target.filePath(QStringLiteral("run.json")), run, points);
        !done)
        return done;
    if (const auto done = exportCsv(target.filePath(QStringLiteral("curves.csv")), points); !done)
        return done;
    ui::Report report;
    report.title = QStringLiteral("%1 on this machine").arg(explorer.findings()->modelName);
    report.environment = run.environment;
    report.model = run.model;
    report.points = points;
    report.findings = explorer.findings();
    const QString picture = target.filePath(QStringLiteral("report.png"));
    if (!ui::renderReport(report).save(picture))
        return engine::fail(engine::ErrorKind::Io, "The picture cannot be written.",
                            picture.toStdString());
    return {};
}

void sayWhatIsThere(const QString &folder, std::size_t points)
{
    std::printf("%zu points in %s:\n", points, qPrintable(folder));
    std::printf("  report.png   the curves, with the estimate beside them\n"
                "  curves.csv   one row a point\n"
                "  run.json     everything, with what makes it reproducible\n");
}

void stopOnInterrupt(QSocketNotifier &notifier, BenchRunner &runner, SweepProgressLine &line)
{
    QObject::connect(&notifier, &QSocketNotifier::activated, &runner, [&] {
        notifier.setEnabled(false);
        line.note("Stopping; what was measured is kept.");
        runner.stop();
    });
    std::signal(SIGINT, onInterrupt);
    std::signal(SIGTERM, onInterrupt);
}

} // namespace

int runMeasure(const CommandLine &wanted)
{
    const auto folder = makeFolder(wanted.reportFolder);
    if (!folder)
        return reportError(folder.error());
    auto parts = makeParts(wanted);
    if (!parts)
        return reportError(parts.error());
    MeasurementLog &log = (*parts)->log;
    BenchRunner runner(log);
    runner.setWorkerCommand((*parts)->settings.workerCommand);
    runner.setResources(wanted.resources);
    SweepProgressLine line;
    for (const engine::Error &notice : (*parts)->notices)
        line.note(notice.message);
    QObject::connect(&runner, &BenchRunner::progressChanged, &log,
                     [&line](const engine::SweepProgress &progress) { line.show(progress); });
    QObject::connect(&runner, &BenchRunner::lineRejected, &log,
                     [&line](const QString &reason) { line.note(reason.toStdString()); });
    QObject::connect(&log, &MeasurementLog::appended, &runner,
                     [&line](const RunPtr &, const std::vector<engine::Point> &burst) {
                         for (const engine::Point &point : burst)
                             line.show(point);
                     });
    QObject::connect(
        &runner, &BenchRunner::finished, &log, [] { QCoreApplication::quit(); },
        Qt::QueuedConnection);
    if (pipe(g_interrupts) != 0)
        return reportError({engine::ErrorKind::Io, "No pipe can be made.", {}});
    QSocketNotifier interrupts(g_interrupts[0], QSocketNotifier::Read);
    stopOnInterrupt(interrupts, runner, line);

    engine::SweepRequest sweep = wanted.sweep;
    sweep.model = absoluteModel(sweep.model);
    if (const auto started = runner.start(sweep); !started)
        return reportError(started.error());
    QCoreApplication::exec();
    line.finish();

    const BenchOutcome outcome = runner.lastOutcome().value_or(BenchOutcome{});
    const std::vector<engine::Point> points = log.pointsOf(runner.run()->id);
    if (!points.empty()) {
        Explorer explorer((*parts)->catalog, (*parts)->inventory, log);
        explorer.begin(scenarioOf(sweep, (*parts)->inventory));
        if (const auto written = writeReport(*folder, *runner.run(), points, explorer); !written)
            return reportError(written.error());
        sayWhatIsThere(*folder, points.size());
    } else {
        QDir().rmdir(*folder); // only if it is empty
    }
    if (outcome.error)
        return reportError(*outcome.error);
    if (outcome.how == engine::SweepFinished::How::Cancelled)
        return reportError({engine::ErrorKind::Cancelled, "Stopped before the end.", {}});
    return 0;
}

} // namespace app
