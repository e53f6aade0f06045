// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <QObject>
#include <QStringList>
#include <QTimer>

#include "app/catalog/catalog.h"
#include "app/explore/findings.h"
#include "app/explore/inventory.h"
#include "app/explore/scenario.h"
#include "engine/spec/result.h"

namespace app {

class MeasurementLog;
struct DeviceKnowledge;

// Preview while a slider is dragged, Settle when it is let go: a whole drag is one undo step.
enum class Edit { Preview, Settle };

// A scenario that was put aside to compare with, and what follows from it along the axis in view.
struct Pinned
{
    Scenario scenario;
    std::shared_ptr<const Findings> findings; // never null
};

// The only mutable state of the window: one scenario, and the findings that follow from it. Any
// number of edits and new measurements within a frame cost one evaluation.
class Explorer : public QObject
{
    Q_OBJECT

public:
    // The log is not owned and must outlive the explorer.
    Explorer(CatalogPtr catalog, Inventory inventory, MeasurementLog &log,
             QObject *parent = nullptr);
    ~Explorer() override;

    const Scenario &scenario() const { return m_scenario; }
    // Out of range values are clamped to what Findings' ranges allow; a model that is named by its
    // path is read where it is not known yet. An equal scenario does nothing.
    void setScenario(const Scenario &scenario, Edit edit = Edit::Settle);

    // Takes up a scenario from before, a session or a file: nothing to undo, findings at once.
    void begin(const Scenario &scenario);

    bool canUndo() const { return !m_undo.empty(); }
    bool canRedo() const { return !m_redo.empty(); }
    void undo();
    void redo();

    // Never null.
    const std::shared_ptr<const Findings> &findings() const { return m_findings; }
    const Inventory &inventory() const { return m_inventory; }
    const CatalogPtr &catalog() const { return m_catalog; }
    void setCatalog(CatalogPtr catalog);

    // The scenario in hand is put aside; false when it already is or kMostPins are. The oldest
    // first.
    static constexpr std::size_t kMostPins = 7; // with the scenario in hand: one of each colour
    bool pin();
    void unpin(std::size_t index);
    void setPins(const std::vector<Scenario> &scenarios);
    const std::vector<Pinned> &pins() const { return m_pins; }

    // Reads a model folder or config.json, adds it to the inventory and chooses it.
    engine::Result<void> openModel(const QString &path);

    // Joins the next evaluation, at most 16 ms from now.
    void evaluateSoon();
    void evaluateNow();
    // New points are shown at most this often; 0 = with the next frame. 250 ms in a CPU sweep, so
    // that drawing does not disturb what is measured.
    void setPointInterval(int milliseconds);

    std::uint64_t evaluationCount() const { return m_evaluations; }

signals:
    void scenarioChanged(const app::Scenario &scenario);
    void findingsChanged(std::shared_ptr<const app::Findings> findings);
    void undoChanged();
    void inventoryChanged();
    // Pins came or went, or what is known of them changed; findingsChanged() follows.
    void pinsChanged();

private:
    struct Fitted; // what is derived from the measurements, kept until they change

    void apply(const Scenario &scenario);
    engine::Result<void> addModel(const QString &path);
    Scenario admitted(const Scenario &scenario);
    std::shared_ptr<Findings> findingsOf(const Scenario &scenario,
                                         const DeviceKnowledge *device) const;
    void evaluatePins();

    CatalogPtr m_catalog;
    Inventory m_inventory;
    MeasurementLog &m_log;
    Scenario m_scenario;
    std::unique_ptr<Scenario> m_dragStart; // set between the first preview and the settling
    std::vector<Scenario> m_undo;
    std::vector<Scenario> m_redo;
    std::vector<Pinned> m_pins;
    bool m_pinsStale = false; // measurements or inventory have changed since
    std::shared_ptr<const Findings> m_findings;
    std::unique_ptr<Fitted> m_fitted;
    QStringList m_unreadable; // paths that were tried in vain
    std::uint64_t m_evaluations = 0;
    QTimer m_frame;
    QTimer m_pointFrame;
};

} // namespace app
