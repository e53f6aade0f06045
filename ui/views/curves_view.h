// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <memory>
#include <optional>

#include <QWidget>

#include "app/explore/explorer.h"
#include "ui/plot/plot.h"
#include "ui/views/ghost_chips.h"
#include "ui/widgets/chip.h"
#include "ui/widgets/segmented_switch.h"
#include "ui/widgets/text_label.h"
#include "ui/widgets/verdict_banner.h"

class QGridLayout;

namespace ui {

// Six linked charts over batch or context: estimate with its band, measured points, limits, one
// crosshair through all. Gets findings and shows them; limits that are dragged go to the explorer.
class CurvesView : public QWidget, public Themed
{
    Q_OBJECT

public:
    // The explorer is not owned and must outlive the view.
    explicit CurvesView(app::Explorer *explorer, QWidget *parent = nullptr);

    // While the view is hidden the newest findings wait until it is shown.
    void setFindings(std::shared_ptr<const app::Findings> findings);
    void setHeld(bool held);
    // 3 x 2 charts in a large window, 2 x 2 in a small one (memory is then in its tile).
    void setLayoutFor(bool large, int gap, bool low);

    Plot *plot(app::Metric metric) const;
    Chip *estimateChip() const { return m_estimateChip; }
    Chip *measuredChip() const { return m_measuredChip; }
    GhostChips *ghosts() const { return m_ghosts; }
    SegmentedSwitch *axisSwitch() const { return m_axisSwitch; }
    VerdictBanner *banner() const { return m_banner; }
    // Where the shared crosshair stands.
    double cursor() const { return m_cursor; }

signals:
    // The limit's field should take the keyboard ("ttft", "speed", "cost").
    void limitEditRequested(const QString &id);
    // So should the price per hour.
    void priceEditRequested();

protected:
    void themeChanged() override;
    void showEvent(QShowEvent *event) override;

private:
    void buildHead();
    void buildPlots();
    void buildPriceButton();
    void connectPlot(Plot *plot);
    void show(const app::Findings &findings);
    void showCurve(Plot *plot, app::Metric metric, const app::Findings &findings);
    void showBanner(const app::Findings &findings);
    void moveCursor(std::optional<double> x, bool pinned);
    void switchAxis(app::CurveAxis axis);
    void changeLimit(const QString &id, double value, app::Edit edit);
    void openDot(const QString &id);
    void solo(Chip *chip);

    app::Explorer *m_explorer;
    std::shared_ptr<const app::Findings> m_findings;
    bool m_stale = false;
    bool m_held = false;
    bool m_large = true;
    double m_cursor = 1;
    std::optional<double> m_pinned;
    std::array<Plot *, 6> m_plots{};
    std::array<bool, 6> m_linear{};
    TextLabel *m_subject = nullptr;
    SegmentedSwitch *m_axisSwitch = nullptr;
    Chip *m_estimateChip = nullptr;
    Chip *m_measuredChip = nullptr;
    GhostChips *m_ghosts = nullptr;
    Button *m_setPrice = nullptr;
    VerdictBanner *m_banner = nullptr;
    QWidget *m_head = nullptr;
    QGridLayout *m_grid = nullptr;
};

} // namespace ui
