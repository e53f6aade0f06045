// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/measure/worker_probe.h"

#include <utility>
#include <variant>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "app/measure/worker_process.h"
#include "engine/protocol/messages.h"

namespace app {

namespace {

std::vector<WorkerDescription::Device> devicesOf(const std::string &json)
{
    std::vector<WorkerDescription::Device> devices;
    const QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
    for (const QJsonValue &value : object.value(QLatin1String("devices")).toArray()) {
        const QJsonObject entry = value.toObject();
        WorkerDescription::Device device;
        device.id = entry.value(QLatin1String("id")).toString();
        device.name = entry.value(QLatin1String("name")).toString();
        device.isa = entry.value(QLatin1String("isa")).toString();
        const QJsonValue memory = entry.value(QLatin1String("mem_bytes"));
        if (memory.isDouble())
            device.memBytes = memory.toDouble();
        device.reason = entry.value(QLatin1String("reason")).toString();
        devices.push_back(std::move(device));
    }
    return devices;
}

} // namespace

WorkerProbe::~WorkerProbe() = default;

void WorkerProbe::ask(const QStringList &command, int patienceMs)
{
    if (m_worker) {
        m_worker->disconnect(this);
        m_worker->endNow();
    }
    m_worker = new WorkerProcess(this);
    connect(m_worker, &WorkerProcess::greeted, this, [this] {
        m_requestId = m_worker->send(engine::DescribeDevices{.measureCeilings = false});
    });
    connect(m_worker, &WorkerProcess::received, this, [this](const engine::WorkerMessage &message) {
        const auto *response = std::get_if<engine::Response>(&message);
        if (!response || response->id != m_requestId)
            return;
        if (response->error)
            return end(tl::make_unexpected(*response->error));
        end(WorkerDescription{m_worker->engineVersion(), devicesOf(response->resultJson)});
    });
    connect(m_worker, &WorkerProcess::gone, this,
            [this](const engine::Error &error) { end(tl::make_unexpected(error)); });
    m_worker->start(command, patienceMs, patienceMs);
}

void WorkerProbe::end(const engine::Result<WorkerDescription> &answer)
{
    if (!m_worker)
        return;
    m_worker->disconnect(this);
    std::exchange(m_worker, nullptr)->retire();
    emit finished(answer);
}

} // namespace app
