// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QObject>
#include <QString>

#include "app/measure/measurement_log.h"
#include "engine/spec/point.h"
#include "engine/spec/result.h"

namespace app {

// Owns runs.sqlite: every run and point is written as it arrives, one transaction a burst, so that
// a kill loses at most the point in flight. Several windows may share the file.
class RunStore : public QObject
{
    Q_OBJECT

public:
    // Opens or makes the file. A damaged one is set aside beside it and made anew, which notice()
    // then says. Errors: Io, Unsupported (written by a newer version; left untouched).
    static engine::Result<std::unique_ptr<RunStore>> open(const QString &path);
    ~RunStore() override;

    // Restores what is kept into the log, then keeps what the log receives.
    engine::Result<void> follow(MeasurementLog &log);

    engine::Result<std::vector<RunPtr>> runs() const; // oldest first
    engine::Result<std::vector<engine::Point>> points(const QString &runId) const;
    engine::Result<void> remove(const QString &runId);

    // What SQLite says of the file, in one line for a report of a fault: version, check, counts.
    QString state() const;
    const QString &notice() const { return m_notice; }

signals:
    // A write failed: disk full, folder gone. The points stay in the log.
    void writeFailed(const engine::Error &error);

private:
    explicit RunStore(QString connection);

    engine::Result<void> putRun(const RunHead &run);
    engine::Result<void> putPoints(const QString &runId, const std::vector<engine::Point> &burst);

    QString m_connection; // name of the QSqlDatabase
    QString m_notice;
};

} // namespace app
