// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/curves_view.h"

#include <algorithm>
#include <functional>

#include <QGridLayout>
#include <QHBoxLayout>
#include <QVBoxLayout>

#include "ui/views/curve_marks.h"
#include "ui/views/words.h"

namespace ui {
namespace {

constexpr std::array kPlotMetrics{app::Metric::Ttft, app::Metric::Speed,  app::Metric::Throughput,
                                  app::Metric::Cost, app::Metric::Memory, app::Metric::EndToEnd};
constexpr int kSmallPlots = 4; // those of the 2 x 2 grid
constexpr int kBelowEmptyText = 62;

double scenarioX(const app::Scenario &scenario)
{
    return static_cast<double>(scenario.axis == app::CurveAxis::Batch
                                   ? scenario.workload.batch
                                   : scenario.workload.contextTokens);
}

// What to do about it, where the tile's short reason would not say enough.
QString emptyText(app::Absence absence)
{
    return absence == app::Absence::NoPrice ? CurvesView::tr("No cost without a price per hour")
                                            : absenceText(absence);
}

} // namespace

CurvesView::CurvesView(app::Explorer *explorer, QWidget *parent)
    : QWidget(parent), m_explorer(explorer)
{
    buildHead();
    m_banner = new VerdictBanner(this);
    m_grid = new QGridLayout;
    m_grid->setContentsMargins(0, 0, 0, 0);
    buildPlots();
    buildPriceButton();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_head);
    layout->addWidget(m_banner);
    layout->addLayout(m_grid, 1);
    setLayoutFor(true, 12, false);
}

void CurvesView::buildHead()
{
    m_head = new QWidget(this);
    auto *title = new TextLabel(Type::Title, Tone::Text1, m_head);
    title->setText(tr("Curves"));
    m_subject = new TextLabel(Type::Body, Tone::Text3, m_head);
    m_axisSwitch = new SegmentedSwitch({tr("Batch"), tr("Context")}, m_head);
    m_axisSwitch->setObjectName(QStringLiteral("axisSwitch"));
    m_axisSwitch->setAccessibleName(tr("What runs along the charts"));
    m_estimateChip = new Chip(0, tr("estimated"), m_head);
    m_estimateChip->setMark(Chip::Mark::Line);
    m_estimateChip->setObjectName(QStringLiteral("estimateChip"));
    m_measuredChip = new Chip(0, tr("measured"), m_head);
    m_measuredChip->setKind(Provenance::Measured);
    m_measuredChip->setObjectName(QStringLiteral("measuredChip"));
    auto *row = new QHBoxLayout(m_head);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    row->addWidget(title);
    row->addWidget(m_axisSwitch);
    row->addWidget(m_subject);
    row->addStretch(1);
    m_ghosts = new GhostChips(m_explorer, m_head);
    row->addWidget(m_ghosts);
    row->addWidget(m_estimateChip);
    row->addWidget(m_measuredChip);
    connect(m_axisSwitch, &SegmentedSwitch::chosen, this, [this](int index) {
        switchAxis(index == 0 ? app::CurveAxis::Batch : app::CurveAxis::Context);
    });
    const auto showAgain = [this] {
        if (m_findings)
            show(*m_findings);
    };
    connect(m_ghosts, &GhostChips::changed, this, showAgain);
    connect(m_ghosts, &GhostChips::hovered, this, [this](int series) {
        for (Plot *plot : m_plots)
            plot->setLifted(series);
    });
    for (Chip *chip : {m_estimateChip, m_measuredChip}) {
        connect(chip, &QAbstractButton::toggled, this, showAgain);
        connect(chip, &Chip::soloRequested, this, [this, chip] { solo(chip); });
    }
}

void CurvesView::buildPlots()
{
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        auto *plot = new Plot(this);
        m_plots[i] = plot;
        const QString title = metricTitle(kPlotMetrics[i]);
        plot->setObjectName(QStringLiteral("plot%1").arg(i));
        plot->setHeading({title, metricUnit(kPlotMetrics[i])});
        plot->setAccessibleName(title);
        connectPlot(plot);
        connect(plot, &Plot::scaleSwitchRequested, this, [this, i] {
            m_linear[i] = !m_linear[i];
            if (m_findings)
                show(*m_findings);
        });
    }
}

void CurvesView::connectPlot(Plot *plot)
{
    connect(plot, &Plot::crosshairMoved, this, [this](double x) { moveCursor(x, false); });
    connect(plot, &Plot::crosshairLeft, this,
            [this] { moveCursor(m_pinned, m_pinned.has_value()); });
    connect(plot, &Plot::crosshairPinned, this, [this](double x) {
        m_pinned = x;
        moveCursor(x, true);
    });
    connect(plot, &Plot::crosshairReleased, this, [this] {
        m_pinned.reset();
        moveCursor(std::nullopt, false);
    });
    connect(plot, &Plot::axisSwitchRequested, this, [this] {
        switchAxis(m_explorer->scenario().axis == app::CurveAxis::Batch ? app::CurveAxis::Context
                                                                        : app::CurveAxis::Batch);
    });
    connect(plot, &Plot::dotActivated, this, &CurvesView::openDot);
    connect(plot, &Plot::limitDragged, this, [this](const QString &id, double value) {
        changeLimit(id, value, app::Edit::Preview);
    });
    connect(plot, &Plot::limitDropped, this,
            [this](const QString &id, double value) { changeLimit(id, value, app::Edit::Settle); });
    connect(plot, &Plot::limitEditRequested, this, &CurvesView::limitEditRequested);
    connect(plot, &Plot::limitRemoveRequested, this, [this](const QString &id) {
        app::Scenario scenario = m_explorer->scenario();
        if (id == kTtftLimit)
            scenario.limits.ttftMs.on = false;
        else if (id == kSpeedLimit)
            scenario.limits.tokensPerSecond.on = false;
        else
            scenario.limits.usdPerMillion.on = false;
        m_explorer->setScenario(scenario);
    });
    connect(plot, &Plot::limitRequested, this, [this, plot](double, double y) {
        if (plot == this->plot(app::Metric::Ttft))
            changeLimit(kTtftLimit, y, app::Edit::Settle);
        else if (plot == this->plot(app::Metric::Speed))
            changeLimit(kSpeedLimit, y, app::Edit::Settle);
        else if (plot == this->plot(app::Metric::Cost))
            changeLimit(kCostLimit, y, app::Edit::Settle);
    });
}

void CurvesView::buildPriceButton()
{
    Plot *cost = plot(app::Metric::Cost);
    m_setPrice = new Button(Button::Kind::Standard, tr("Set the price"), cost);
    m_setPrice->setObjectName(QStringLiteral("setPrice"));
    m_setPrice->setSmall(true);
    m_setPrice->hide();
    auto *layout = new QVBoxLayout(cost);
    layout->setContentsMargins(0, kBelowEmptyText, 0, 0);
    layout->addWidget(m_setPrice, 0, Qt::AlignCenter);
    connect(m_setPrice, &QAbstractButton::clicked, this, &CurvesView::priceEditRequested);
}

Plot *CurvesView::plot(app::Metric metric) const
{
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        if (kPlotMetrics[i] == metric)
            return m_plots[i];
    }
    return nullptr;
}

void CurvesView::setLayoutFor(bool large, int gap, bool low)
{
    m_large = large;
    m_grid->setSpacing(gap);
    layout()->setSpacing(gap);
    const int columns = large ? 3 : 2;
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        const int index = static_cast<int>(i);
        m_grid->removeWidget(m_plots[i]);
        const bool shown = large || index < kSmallPlots;
        m_plots[i]->setVisible(shown);
        if (shown)
            m_grid->addWidget(m_plots[i], index / columns, index % columns);
    }
    for (int column = 0; column < 3; ++column)
        m_grid->setColumnStretch(column, column < columns ? 1 : 0);
    for (int row = 0; row < 2; ++row)
        m_grid->setRowStretch(row, 1);
    m_subject->setVisible(large);
    m_banner->setVisible(!low);
    if (m_findings)
        show(*m_findings);
}

void CurvesView::setFindings(std::shared_ptr<const app::Findings> findings)
{
    m_findings = std::move(findings);
    if (isVisible())
        show(*m_findings);
    else
        m_stale = true;
}

void CurvesView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_stale && m_findings)
        show(*m_findings);
}

void CurvesView::setHeld(bool held)
{
    m_held = held;
    for (Plot *plot : m_plots)
        plot->setRangesHeld(held);
}

void CurvesView::show(const app::Findings &findings)
{
    m_stale = false;
    const app::Scenario &scenario = findings.scenario;
    m_axisSwitch->setCurrent(scenario.axis == app::CurveAxis::Batch ? 0 : 1);
    m_subject->setText(tr("%1 on %2").arg(findings.modelName, findings.deviceName));
    const Axis x = curveAxis(findings);
    std::size_t measured = 0;
    bool settled = false;
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        const app::Curve &curve = findings.curve(kPlotMetrics[i]);
        measured = std::max(measured, curve.dots.size());
        settled = settled ||
                  std::ranges::any_of(curve.dots, std::logical_not<>(), &app::CurveDot::hollow);
        if (!m_large && static_cast<int>(i) >= kSmallPlots)
            continue;
        Axis y;
        y.scale = m_linear[i] ? Scale::Linear : Scale::Log10;
        y.labels = metricLabels(kPlotMetrics[i]);
        const app::Metric metric = kPlotMetrics[i];
        y.valueText = [metric](double value) { return metricFigure(metric, value).text(); };
        m_plots[i]->setXAxis(x);
        m_plots[i]->setYAxis(y);
        showCurve(m_plots[i], metric, findings);
    }
    m_measuredChip->setVisible(measured > 0);
    m_measuredChip->setKind(Provenance::Measured, !settled);
    m_measuredChip->setName(settled ? tr("measured") : tr("measured, one round"));
    m_measuredChip->setValueText(QString::number(measured));
    showBanner(findings);
    // A slider that moves takes the cursor along; a pinned cursor stays where it was put.
    moveCursor(m_pinned, m_pinned.has_value());
}

void CurvesView::showCurve(Plot *plot, app::Metric metric, const app::Findings &findings)
{
    CurveMarks marks =
        marksOf(findings, metric, {m_estimateChip->isChecked(), m_measuredChip->isChecked()});
    QList<PlotLine> lines; // ghosts below what is in hand
    const std::vector<app::Pinned> &pins = m_explorer->pins();
    for (std::size_t i = 0; i < pins.size(); ++i) {
        if (!m_ghosts->isOn(i) || pins[i].findings->scenario.axis != findings.scenario.axis)
            continue;
        PlotLine line = ghostLine(*pins[i].findings, metric, static_cast<int>(i) + 1);
        if (!line.points.isEmpty())
            lines.append(line);
    }
    lines += marks.lines;
    const app::Absence absence = findings.readout(metric).figure.absence;
    const bool empty = lines.isEmpty() && marks.dots.isEmpty();
    if (plot == this->plot(app::Metric::Cost))
        m_setPrice->setVisible(empty && absence == app::Absence::NoPrice);
    plot->setEmptyText(empty ? emptyText(absence) : QString());
    plot->setLines(lines);
    plot->setBands(marks.bands);
    plot->setDots(marks.dots);
    plot->setStops(marks.stops);
    plot->setForbidden(marks.forbidden);
    plot->setLimits(marks.limits);
}

void CurvesView::showBanner(const app::Findings &findings)
{
    const app::Note *first = nullptr;
    int more = 0;
    for (const app::Note &note : findings.notes) {
        const bool serious =
            note.level == app::NoteLevel::Warn || note.level == app::NoteLevel::Bad;
        if (note.kind == app::NoteKind::OffersSpread)
            continue;
        // Among mere notes the one that answers something goes first: badges tell the rest.
        const bool better = !first || (note.kind == app::NoteKind::BatchTrade &&
                                       first->level == app::NoteLevel::Plain);
        if (better)
            first = &note;
        else if (serious)
            ++more;
    }
    if (first)
        m_banner->tell(verdictOf(first->level), noteText(*first), more);
    else
        m_banner->tell(Verdict::Note, tr("Serving more people at once makes each token cheaper and "
                                         "each person wait longer. Drag %1 to see it.")
                                          .arg(strong(tr("Batch"))));
}

void CurvesView::moveCursor(std::optional<double> x, bool pinned)
{
    m_cursor = x.value_or(scenarioX(m_explorer->scenario()));
    for (std::size_t i = 0; i < m_plots.size(); ++i) {
        const bool empty = m_plots[i]->lineCount() == 0 && m_plots[i]->dotCount() == 0;
        m_plots[i]->setCrosshair(empty ? std::nullopt : std::optional<double>(m_cursor), pinned);
        // At rest the heading tells what the tile tells; under the pointer, the line's value there.
        std::optional<QString> headline;
        if (!x && m_findings) {
            const app::Readout &readout = m_findings->readout(kPlotMetrics[i]);
            headline = readout.figure.value
                           ? metricFigure(kPlotMetrics[i], readout.figure.value).text()
                           : QString();
        }
        m_plots[i]->setHeadline(headline);
    }
}

void CurvesView::switchAxis(app::CurveAxis axis)
{
    m_pinned.reset();
    app::Scenario scenario = m_explorer->scenario();
    scenario.axis = axis;
    m_explorer->setScenario(scenario);
}

void CurvesView::changeLimit(const QString &id, double value, app::Edit edit)
{
    app::Scenario scenario = m_explorer->scenario();
    if (id == kTtftLimit)
        scenario.limits.ttftMs = {true, value};
    else if (id == kSpeedLimit)
        scenario.limits.tokensPerSecond = {true, value};
    else
        scenario.limits.usdPerMillion = {true, value};
    m_explorer->setScenario(scenario, edit);
    setHeld(edit == app::Edit::Preview);
}

void CurvesView::openDot(const QString &id)
{
    if (!m_findings)
        return;
    for (const app::CurveDot &dot : m_findings->curve(app::Metric::Ttft).dots) {
        if (dotId(dot) != id)
            continue;
        app::Scenario scenario = m_explorer->scenario();
        scenario.workload = dot.workload;
        m_explorer->setScenario(scenario);
        return;
    }
}

void CurvesView::solo(Chip *chip)
{
    const bool alone = !chip->isSolo();
    for (Chip *other : {m_estimateChip, m_measuredChip}) {
        other->setSolo(alone && other == chip);
        other->setChecked(!alone || other == chip);
    }
}

void CurvesView::themeChanged()
{
    for (Plot *plot : m_plots)
        plot->setTheme(theme());
}

} // namespace ui
