// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/measure/worker_process.h"

#include <string>
#include <utility>
#include <variant>

namespace app {

namespace {

constexpr int kLogLines = 20;
constexpr int kRetireMs = 1000;

QString nameOfSignal(int number)
{
    switch (number) {
    case 6:
        return QStringLiteral("signal 6, it aborted");
    case 9:
        return QStringLiteral("signal 9, killed; often because memory ran out");
    case 11:
        return QStringLiteral("signal 11, it touched memory that is not its own");
    case 15:
        return QStringLiteral("signal 15, terminated");
    default:
        return QStringLiteral("signal %1").arg(number);
    }
}

std::string inQuotes(const QStringList &command)
{
    return "\"" + command.join(QLatin1Char(' ')).toStdString() + "\"";
}

} // namespace

WorkerProcess::WorkerProcess(QObject *parent) : QObject(parent)
{
    m_watchdog.setSingleShot(true);
    connect(&m_process, &QProcess::readyReadStandardOutput, this, &WorkerProcess::readOutput);
    connect(&m_process, &QProcess::readyReadStandardError, this, &WorkerProcess::readLog);
    connect(&m_process, &QProcess::finished, this, &WorkerProcess::ended);
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) {
            giveUp({engine::ErrorKind::NotFound,
                    "The measuring program " + inQuotes(m_command) +
                        " cannot be started; check the worker's command in the settings.",
                    m_process.errorString().toStdString()});
        }
    });
    connect(&m_watchdog, &QTimer::timeout, this, [this] {
        const std::string wait = std::to_string(m_watchdog.interval() / 1000);
        giveUp({engine::ErrorKind::DeviceFailed,
                m_greeted ? "The measuring process said nothing for " + wait +
                                " s and was ended; measuring can go on from the points that are "
                                "there."
                          : "The measuring program " + inQuotes(m_command) +
                                " did not answer within " + wait + " s and was ended.",
                {}});
    });
}

WorkerProcess::~WorkerProcess()
{
    m_process.disconnect(this);
    if (m_process.state() == QProcess::NotRunning)
        return;
    m_process.closeWriteChannel();
    m_process.kill();
    m_process.waitForFinished(1000);
}

void WorkerProcess::start(const QStringList &command, int startMs, int silenceMs)
{
    m_command = command;
    m_silenceMs = silenceMs;
    m_process.setProgram(command.value(0));
    m_process.setArguments(command.mid(1));
    m_watchdog.start(startMs);
    m_process.start();
}

std::int64_t WorkerProcess::send(engine::RequestBody body)
{
    write({++m_lastId, std::move(body)});
    return m_lastId;
}

void WorkerProcess::notify(engine::RequestBody body)
{
    write({std::nullopt, std::move(body)});
}

void WorkerProcess::retire()
{
    leave();
    write({std::nullopt, engine::Shutdown{}});
    m_process.closeWriteChannel();
    QTimer::singleShot(kRetireMs, this, [this] { m_process.kill(); });
}

void WorkerProcess::endNow()
{
    leave();
    m_process.kill();
}

// Whatever the process says from here on is of no interest.
void WorkerProcess::leave()
{
    m_retired = true;
    m_gone = true;
    m_watchdog.stop();
    if (m_process.state() == QProcess::NotRunning)
        deleteLater();
}

void WorkerProcess::write(const engine::Request &request)
{
    if (m_process.state() == QProcess::NotRunning)
        return;
    m_process.write(QByteArray::fromStdString(engine::toLine(request) + "\n"));
}

void WorkerProcess::readOutput()
{
    const std::vector<QByteArray> lines = m_lines.feed(m_process.readAllStandardOutput());
    if (m_gone)
        return;
    m_watchdog.start(m_greeted ? m_silenceMs : m_watchdog.interval());
    if (m_lines.takeDropped() > 0)
        emit rejected(QStringLiteral("The measuring process wrote a line over %1 MiB; it was left "
                                     "out.")
                          .arg(engine::kMaxLineBytes >> 20));
    for (const QByteArray &line : lines) {
        if (m_gone)
            return;
        take(line);
    }
}

void WorkerProcess::take(const QByteArray &line)
{
    const auto message = engine::parseWorkerMessage(
        std::string_view(line.constData(), static_cast<std::size_t>(line.size())));
    if (!message) {
        emit rejected(QString::fromStdString(message.error().message));
        return;
    }
    const auto *event = std::get_if<engine::EventBody>(&*message);
    const auto *hello = event ? std::get_if<engine::Hello>(event) : nullptr;
    if (!hello) {
        emit received(*message);
        return;
    }
    if (hello->protocolVersion != engine::kProtocolVersion) {
        giveUp({engine::ErrorKind::Unsupported,
                "The measuring program " + inQuotes(m_command) + " speaks protocol " +
                    std::to_string(hello->protocolVersion) + ", this window speaks " +
                    std::to_string(engine::kProtocolVersion) +
                    "; install the same version on both sides.",
                hello->engineVersion});
        return;
    }
    if (m_greeted)
        return;
    m_greeted = true;
    m_engineVersion = QString::fromStdString(hello->engineVersion);
    m_watchdog.start(m_silenceMs);
    emit greeted();
}

void WorkerProcess::readLog()
{
    for (const QByteArray &line : m_logLines.feed(m_process.readAllStandardError())) {
        m_log.append(QString::fromUtf8(line));
        if (m_log.size() > kLogLines)
            m_log.removeFirst();
    }
}

void WorkerProcess::giveUp(engine::Error error)
{
    if (m_gone)
        return;
    m_gone = true;
    m_watchdog.stop();
    readLog();
    const std::string log = m_log.join(QLatin1Char('\n')).toStdString();
    if (!log.empty())
        error.detail += (error.detail.empty() ? "" : "\n") + log;
    if (m_process.state() != QProcess::NotRunning)
        m_process.kill();
    emit gone(error);
}

void WorkerProcess::ended(int exitCode, QProcess::ExitStatus status)
{
    if (!m_gone)
        readOutput();
    if (!m_lines.takeRest().isEmpty() && !m_gone)
        emit rejected(QStringLiteral("The measuring process ended in the middle of a line."));
    if (status == QProcess::CrashExit) {
        giveUp({engine::ErrorKind::DeviceFailed,
                "The measuring process ended unexpectedly (" +
                    nameOfSignal(exitCode).toStdString() +
                    "); measuring can go on from the points that are there.",
                {}});
    } else {
        giveUp({engine::ErrorKind::DeviceFailed,
                "The measuring program " + inQuotes(m_command) + " ended by itself with code " +
                    std::to_string(exitCode) + ".",
                {}});
    }
    if (m_retired)
        deleteLater();
}

} // namespace app
