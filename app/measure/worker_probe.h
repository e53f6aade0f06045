// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <QObject>
#include <QString>
#include <QStringList>

#include "engine/spec/result.h"

namespace app {

class WorkerProcess;

// What a worker says of itself and its machine.
struct WorkerDescription
{
    struct Device
    {
        QString id;
        QString name;
        QString isa; // of a CPU; empty: none told
        std::optional<double> memBytes;
        QString reason; // why it is of no use; empty: it is

        friend bool operator==(const Device &, const Device &) = default;
    };
    QString engineVersion;
    std::vector<Device> devices;

    friend bool operator==(const WorkerDescription &, const WorkerDescription &) = default;
};

// Starts a worker, asks what it is and what it can measure on (no ceilings: that takes seconds),
// and ends it. finished() comes once for each ask(), also when it is asked anew before the answer.
class WorkerProbe : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;
    ~WorkerProbe() override;

    void ask(const QStringList &command, int patienceMs = 15'000);
    bool isBusy() const { return m_worker != nullptr; }

signals:
    void finished(const engine::Result<app::WorkerDescription> &answer);

private:
    void end(const engine::Result<WorkerDescription> &answer);

    WorkerProcess *m_worker = nullptr; // child
    std::int64_t m_requestId = 0;
};

} // namespace app
