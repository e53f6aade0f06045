// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QWidget>

#include "app/explore/explorer.h"
#include "ui/widgets/limit_row.h"
#include "ui/widgets/log_slider.h"
#include "ui/widgets/search_combo.h"
#include "ui/widgets/segmented_switch.h"

class QScrollArea;
class QVBoxLayout;

namespace ui {

// Everything that can be chosen, in groups: what runs where, the load, the money, the limits.
// Shows the explorer's scenario silently and sends the user's edits to it.
class ScenarioPanel : public QWidget, public Themed
{
    Q_OBJECT

public:
    // The explorer is not owned and must outlive the panel.
    explicit ScenarioPanel(app::Explorer *explorer, QWidget *parent = nullptr);

    void setFindings(const app::Findings &findings);
    LogSlider *batch() const { return m_batch; }
    LogSlider *context() const { return m_context; }
    LogSlider *price() const { return m_price; }
    LogSlider *output() const { return m_output; }
    SearchCombo *model() const { return m_model; }
    SearchCombo *device() const { return m_device; }
    LimitRow *ttftLimit() const { return m_ttftLimit; }
    LimitRow *speedLimit() const { return m_speedLimit; }
    LimitRow *costLimit() const { return m_costLimit; }

    // The price per hour is shown and takes the keyboard.
    void editPrice();

signals:
    void pinRequested();
    // A slider is under the hand: axes keep their place until it is let go.
    void heldChanged(bool held);

protected:
    void themeChanged() override;
    void paintEvent(QPaintEvent *event) override;

private:
    using Change = std::function<void(app::Scenario &)>;

    void buildWhat(QVBoxLayout *layout);
    void buildLoad(QVBoxLayout *layout);
    void buildMoney(QVBoxLayout *layout);
    void buildLimits(QVBoxLayout *layout);
    void addTitle(QVBoxLayout *layout, const QString &text);
    // Connects a slider so that `set` writes its value into the scenario.
    void bind(LogSlider *slider, std::function<void(app::Scenario &, double)> set);
    void edit(const Change &change, app::Edit kind);
    void fillModels();
    void fillDevices();
    void fillFormats(const QString &device);
    void showScenario(const app::Scenario &scenario);

    app::Explorer *m_explorer;
    QScrollArea *m_scroll = nullptr;
    SearchCombo *m_model = nullptr;
    SearchCombo *m_device = nullptr;
    SearchCombo *m_format = nullptr;
    LogSlider *m_batch = nullptr;
    LogSlider *m_context = nullptr;
    LogSlider *m_output = nullptr;
    LogSlider *m_price = nullptr;
    LogSlider *m_utilisation = nullptr;
    LogSlider *m_cached = nullptr;
    SegmentedSwitch *m_mix = nullptr;
    LimitRow *m_ttftLimit = nullptr;
    LimitRow *m_speedLimit = nullptr;
    LimitRow *m_costLimit = nullptr;
    app::AxisRange m_batchRange;
    app::AxisRange m_contextRange;
    app::AxisRange m_outputRange;
};

} // namespace ui
