// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/explore/explorer.h"

#include <algorithm>
#include <utility>

#include "app/explore/device_knowledge.h"
#include "app/explore/evaluate.h"
#include "app/measure/measurement_log.h"

namespace app {

namespace {

constexpr int kFrameMs = 16;
constexpr std::size_t kUndoSteps = 200;

void push(std::vector<Scenario> &stack, Scenario scenario)
{
    if (stack.size() == kUndoSteps)
        stack.erase(stack.begin());
    stack.push_back(std::move(scenario));
}

} // namespace

// What is derived from the measurements, kept until they or the device change.
struct Explorer::Fitted
{
    QString device;
    std::optional<DeviceKnowledge> knowledge;
};

Explorer::Explorer(CatalogPtr catalog, Inventory inventory, MeasurementLog &log, QObject *parent)
    : QObject(parent),
      m_catalog(std::move(catalog)),
      m_inventory(std::move(inventory)),
      m_log(log),
      m_scenario(defaultScenario(m_inventory))
{
    m_frame.setSingleShot(true);
    m_frame.setInterval(kFrameMs);
    m_frame.setTimerType(Qt::PreciseTimer);
    m_pointFrame.setSingleShot(true);
    connect(&m_frame, &QTimer::timeout, this, &Explorer::evaluateNow);
    connect(&m_pointFrame, &QTimer::timeout, this, &Explorer::evaluateNow);
    connect(&m_log, &MeasurementLog::changed, this, [this] {
        m_fitted.reset();
        m_pinsStale = true;
        if (m_pointFrame.interval() == 0)
            evaluateSoon();
        else if (!m_pointFrame.isActive())
            m_pointFrame.start();
    });
    evaluateNow();
}

Explorer::~Explorer() = default;

void Explorer::begin(const Scenario &scenario)
{
    m_dragStart.reset();
    m_undo.clear();
    m_redo.clear();
    apply(admitted(scenario));
    emit undoChanged();
    evaluateNow();
}

void Explorer::setScenario(const Scenario &scenario, Edit edit)
{
    const Scenario wanted = admitted(scenario);
    const bool dragging = m_dragStart != nullptr;
    if (edit == Edit::Preview) {
        if (!dragging && wanted != m_scenario)
            m_dragStart = std::make_unique<Scenario>(m_scenario);
    } else {
        const Scenario before = dragging ? *m_dragStart : m_scenario;
        m_dragStart.reset();
        if (wanted != before) {
            push(m_undo, before);
            m_redo.clear();
            apply(wanted);
            emit undoChanged();
            return;
        }
    }
    apply(wanted);
}

void Explorer::apply(const Scenario &scenario)
{
    if (scenario == m_scenario)
        return;
    m_scenario = scenario;
    emit scenarioChanged(m_scenario);
    evaluateSoon();
}

void Explorer::undo()
{
    if (m_undo.empty())
        return;
    m_dragStart.reset();
    push(m_redo, m_scenario);
    const Scenario before = std::move(m_undo.back());
    m_undo.pop_back();
    apply(before);
    emit undoChanged();
}

void Explorer::redo()
{
    if (m_redo.empty())
        return;
    m_dragStart.reset();
    push(m_undo, m_scenario);
    const Scenario after = std::move(m_redo.back());
    m_redo.pop_back();
    apply(after);
    emit undoChanged();
}

void Explorer::setCatalog(CatalogPtr catalog)
{
    m_catalog = std::move(catalog);
    evaluateSoon();
}

engine::Result<void> Explorer::openModel(const QString &path)
{
    if (const auto added = addModel(path); !added)
        return added;
    setScenario(withModel(m_scenario, m_inventory, m_inventory.models.back().id));
    evaluateSoon();
    return {};
}

// The entry becomes the last one of the inventory.
engine::Result<void> Explorer::addModel(const QString &path)
{
    auto entry = readModelEntry(path);
    if (!entry)
        return tl::make_unexpected(entry.error());
    std::erase_if(m_inventory.models,
                  [&entry](const ModelEntry &known) { return known.id == entry->id; });
    m_inventory.models.push_back(std::move(*entry));
    m_fitted.reset();
    m_pinsStale = true;
    emit inventoryChanged();
    return {};
}

Scenario Explorer::admitted(const Scenario &scenario)
{
    const QString &model = scenario.model;
    if (!m_inventory.model(model) && model.contains(QLatin1Char('/')) &&
        !m_unreadable.contains(model) && !addModel(model))
        m_unreadable.append(model);
    return clamped(scenario, m_inventory);
}

bool Explorer::pin()
{
    // The axis in view is no part of what is compared.
    const auto sameAs = [this](const Pinned &pinned) {
        Scenario scenario = pinned.scenario;
        scenario.axis = m_scenario.axis;
        return scenario == m_scenario;
    };
    if (m_pins.size() >= kMostPins || std::ranges::any_of(m_pins, sameAs))
        return false;
    m_pins.push_back({m_scenario, nullptr});
    evaluatePins();
    evaluateSoon();
    return true;
}

void Explorer::unpin(std::size_t index)
{
    if (index >= m_pins.size())
        return;
    m_pins.erase(m_pins.begin() + static_cast<std::ptrdiff_t>(index));
    emit pinsChanged();
    evaluateSoon();
}

void Explorer::setPins(const std::vector<Scenario> &scenarios)
{
    m_pins.clear();
    for (const Scenario &scenario : scenarios) {
        if (m_pins.size() < kMostPins)
            m_pins.push_back({admitted(scenario), nullptr});
    }
    evaluatePins();
    evaluateSoon();
}

// Costs one evaluation each, but not while a slider moves: only the axis and the measurements can
// change what is known of a pin.
void Explorer::evaluatePins()
{
    bool changed = false;
    for (Pinned &pinned : m_pins) {
        if (!m_pinsStale && pinned.findings && pinned.scenario.axis == m_scenario.axis)
            continue;
        pinned.scenario.axis = m_scenario.axis;
        const QString &id = pinned.scenario.device;
        const auto device = m_fitted && m_fitted->device == id
                                ? m_fitted->knowledge
                                : knowDevice(m_inventory, id, m_log.measurements());
        pinned.findings = findingsOf(pinned.scenario, device ? &*device : nullptr);
        changed = true;
    }
    m_pinsStale = false;
    if (changed)
        emit pinsChanged();
}

void Explorer::setPointInterval(int milliseconds)
{
    m_pointFrame.setInterval(milliseconds);
}

void Explorer::evaluateSoon()
{
    if (!m_frame.isActive())
        m_frame.start();
}

void Explorer::evaluateNow()
{
    m_frame.stop();
    m_pointFrame.stop();
    if (!m_fitted || m_fitted->device != m_scenario.device) {
        m_fitted = std::make_unique<Fitted>();
        m_fitted->device = m_scenario.device;
        m_fitted->knowledge = knowDevice(m_inventory, m_scenario.device, m_log.measurements());
    }
    evaluatePins();
    auto findings = findingsOf(m_scenario, m_fitted->knowledge ? &*m_fitted->knowledge : nullptr);
    findings->generation = ++m_evaluations;
    m_findings = std::move(findings);
    emit findingsChanged(m_findings);
}

std::shared_ptr<Findings> Explorer::findingsOf(const Scenario &scenario,
                                               const DeviceKnowledge *device) const
{
    const Knowledge knowledge{*m_catalog, m_inventory, device, m_log.measurements()};
    return std::make_shared<Findings>(evaluate(knowledge, scenario));
}

} // namespace app
