// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include <QObject>
#include <QProcess>
#include <QStringList>
#include <QTimer>

#include "app/measure/line_splitter.h"
#include "engine/protocol/messages.h"
#include "engine/spec/result.h"

namespace app {

// One worker process from its start to its end: sends requests, reads messages, keeps the last
// lines of its log, and notices when it hangs. Destroying it ends the process.
class WorkerProcess : public QObject
{
    Q_OBJECT

public:
    explicit WorkerProcess(QObject *parent);
    ~WorkerProcess() override;

    // greeted() follows, or gone() if it does not come up within `startMs`. Any silence longer than
    // `silenceMs` afterwards counts as a hang and ends the process.
    void start(const QStringList &command, int startMs, int silenceMs);
    // Returns the request's id.
    std::int64_t send(engine::RequestBody body);
    // Without an id: nothing answers.
    void notify(engine::RequestBody body);
    // Asks the worker to end, ends it if it does not, then deletes this object.
    void retire();
    // Ends the worker at once, then deletes this object.
    void endNow();

    QStringList logTail() const { return m_log; }
    QString engineVersion() const { return m_engineVersion; } // empty until it has greeted
    std::int64_t pid() const { return m_process.processId(); }

signals:
    void greeted();
    void received(const engine::WorkerMessage &message);
    void rejected(const QString &reason);
    // The process is no more, or is of no use; comes once. detail: the last lines of its log.
    void gone(const engine::Error &error);

private:
    void leave();
    void readOutput();
    void readLog();
    void take(const QByteArray &line);
    void write(const engine::Request &request);
    void giveUp(engine::Error error);
    void ended(int exitCode, QProcess::ExitStatus status);

    QProcess m_process;
    QTimer m_watchdog;
    LineSplitter m_lines{engine::kMaxLineBytes};
    LineSplitter m_logLines{4096};
    QStringList m_log;
    QStringList m_command;
    QString m_engineVersion;
    std::int64_t m_lastId = 0;
    int m_silenceMs = 0;
    bool m_greeted = false;
    bool m_gone = false;
    bool m_retired = false;
};

} // namespace app
