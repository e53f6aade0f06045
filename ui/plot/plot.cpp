// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/plot.h"

#include "ui/plot/plot_private.h"

#include <QHeaderView>
#include <QPaintEngine>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace ui {

Plot::Plot(QWidget *parent) : QWidget(parent), d(std::make_unique<PlotPrivate>(this))
{
    installPlotAccessibility();
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

Plot::~Plot() = default;

void Plot::setTheme(const Theme &theme)
{
    if (d->theme == theme)
        return;
    d->theme = theme;
    if (d->tableView) {
        d->tableView->setFont(theme.font(Type::Axis));
        d->tableView->horizontalHeader()->setFont(theme.font(Type::Note, 600));
    }
    d->touch(PlotPrivate::Part::Frame);
}

const Theme &Plot::theme() const
{
    return d->theme;
}

void Plot::setHeading(const PlotHeading &heading)
{
    if (d->content.heading == heading)
        return;
    d->content.heading = heading;
    setAccessibleName(heading.title);
    d->touch(PlotPrivate::Part::Frame);
}

void Plot::setHeadline(const std::optional<QString> &text)
{
    if (d->content.headline == text)
        return;
    d->content.headline = text;
    d->touch(PlotPrivate::Part::Overlay);
}

void Plot::setXAxis(const Axis &axis)
{
    const bool same = d->content.x == axis;
    const bool rescaled = d->content.x.scale != axis.scale || d->content.x.title != axis.title;
    d->content.x = axis;
    if (same)
        return;
    if (rescaled) {
        // Another quantity: ranges and zooms of the former one mean nothing here.
        d->whole.reset();
        d->zoomBack.clear();
        d->zoomForward.clear();
        d->content.zoom = {};
    }
    d->touch(PlotPrivate::Part::Frame);
}

void Plot::setYAxis(const Axis &axis)
{
    const bool same = d->content.y == axis;
    const bool rescaled = d->content.y.scale != axis.scale || d->content.y.labels != axis.labels;
    d->content.y = axis;
    if (same)
        return;
    if (rescaled) {
        d->whole.reset();
        d->content.zoom.y.reset();
    }
    d->touch(PlotPrivate::Part::Frame);
}

void Plot::setRangesHeld(bool held)
{
    if (d->held == held)
        return;
    d->held = held;
    if (!held) {
        d->rangesDirty = true;
        update();
    }
}

void Plot::setLines(const QList<PlotLine> &lines)
{
    if (d->content.lines == lines)
        return;
    const auto labels = [](const QList<PlotLine> &list) {
        QStringList texts;
        for (const PlotLine &line : list)
            texts.append(line.label);
        return texts;
    };
    // Labels decide the width of the gutter, and so the frame.
    const bool sameLabels = labels(d->content.lines) == labels(lines);
    d->content.lines = lines;
    d->touch(sameLabels ? PlotPrivate::Part::Marks : PlotPrivate::Part::Frame);
}

void Plot::setBands(const QList<PlotBand> &bands)
{
    if (d->content.bands == bands)
        return;
    d->content.bands = bands;
    d->touch(PlotPrivate::Part::Marks);
}

void Plot::setDots(const QList<PlotDot> &dots)
{
    if (d->content.dots == dots && d->dotsSeen)
        return;
    const QList<PlotDot> former = std::exchange(d->content.dots, dots);
    d->ringNewDots(former);
    d->touch(PlotPrivate::Part::Marks);
}

void Plot::setStops(const QList<PlotStop> &stops)
{
    if (d->content.stops == stops)
        return;
    d->content.stops = stops;
    d->touch(PlotPrivate::Part::Marks);
}

void Plot::setForbidden(const std::optional<PlotForbidden> &forbidden)
{
    if (d->content.forbidden == forbidden)
        return;
    d->content.forbidden = forbidden;
    d->touch(PlotPrivate::Part::Frame);
}

void Plot::setLimits(const QList<PlotLimit> &limits)
{
    if (d->content.limits == limits)
        return;
    d->content.limits = limits;
    d->touch(PlotPrivate::Part::Frame);
}

void Plot::setEmptyText(const QString &text)
{
    if (d->content.emptyText == text)
        return;
    d->content.emptyText = text;
    d->touch(PlotPrivate::Part::Marks);
}

void Plot::setLifted(int series)
{
    if (d->content.lifted == series)
        return;
    d->content.lifted = series;
    d->touch(PlotPrivate::Part::Marks);
}

void Plot::setLabelGutter(const std::optional<int> &pixels)
{
    if (d->content.gutter == pixels)
        return;
    d->content.gutter = pixels;
    d->touch(PlotPrivate::Part::Frame);
}

void Plot::setFramed(bool framed)
{
    if (d->content.framed == framed)
        return;
    d->content.framed = framed;
    d->touch(PlotPrivate::Part::Frame);
}

void Plot::setCrosshair(const std::optional<double> &x, bool pinned)
{
    d->setCursor(x, pinned);
}

std::optional<double> Plot::crosshair() const
{
    return d->cursor.x;
}

bool Plot::isCrosshairPinned() const
{
    return d->cursor.pinned;
}

void Plot::setCursorStops(const QList<double> &stops)
{
    d->cursorStops = stops;
}

QAbstractTableModel *Plot::tableModel() const
{
    if (d->tableStale) {
        d->tableStale = false;
        d->tableModel->setContent(d->content);
    }
    return d->tableModel;
}

void Plot::setTableVisible(bool visible)
{
    if (visible == isTableVisible())
        return;
    if (!d->tableView) {
        d->tableView = new QTableView(this);
        d->tableView->setObjectName(QStringLiteral("plotTable"));
        d->tableView->setAccessibleName(tr("Table of %1").arg(d->content.heading.title));
        d->tableView->setModel(tableModel());
        d->tableView->setSelectionBehavior(QAbstractItemView::SelectRows);
        d->tableView->setShowGrid(false);
        d->tableView->verticalHeader()->hide();
        d->tableView->verticalHeader()->setDefaultSectionSize(28);
        QHeaderView *header = d->tableView->horizontalHeader();
        header->setSectionResizeMode(QHeaderView::ResizeToContents);
        header->setSectionResizeMode(0, QHeaderView::Stretch);
        header->setHighlightSections(false);
    }
    d->tableView->setFont(d->theme.font(Type::Axis));
    d->tableView->horizontalHeader()->setFont(d->theme.font(Type::Note, 600));
    tableModel();
    d->tableView->setVisible(visible);
    d->syncLayout();
    d->placeChildren();
}

bool Plot::isTableVisible() const
{
    return d->tableView && d->tableView->isVisibleTo(this);
}

void Plot::setTools(const QList<QAction *> &actions)
{
    qDeleteAll(d->tools);
    d->tools.clear();
    for (QAction *action : actions) {
        auto *tool = new QToolButton(this);
        tool->setDefaultAction(action);
        tool->setProperty("tool", true);
        tool->hide();
        d->tools.prepend(tool); // placed from the right
    }
    d->syncLayout();
    d->placeChildren();
    d->showTools();
}

void Plot::renderTo(QPainter &painter, const QRectF &rect) const
{
    d->syncLayout();
    PlotRanges ranges = *d->whole;
    ranges.x = d->layout.mapping.x.range;
    ranges.y = d->layout.mapping.y.range;
    const QRectF bounds(QPointF(), rect.size());
    PlotLayout layout = layoutFrame(d->content, ranges, d->theme, bounds);
    layoutMarks(layout, d->content, d->theme);
    SeriesLayer series;
    series.setFrame(bounds.size(), layout.mapping);
    series.setAreas(areaShapes(d->content, layout.mapping, d->theme));
    series.setStrokes(strokeShapes(d->content, layout.mapping, d->theme));
    PlotCursor cursor;
    cursor.x = d->cursor.x;
    cursor.pinned = d->cursor.pinned;
    painter.save();
    painter.translate(rect.topLeft());
    paintFrame(painter, d->content, layout, d->theme);
    painter.setRenderHint(QPainter::Antialiasing);
    series.paint(painter);
    paintMarks(painter, d->content, layout, d->theme);
    paintOverlay(painter, d->content, layout, d->theme, cursor);
    painter.restore();
}

QString Plot::tableText() const
{
    tableModel();
    return d->tableModel->text();
}

PlotMapping Plot::mapping() const
{
    d->syncLayout();
    return d->layout.mapping;
}

int Plot::lineCount() const
{
    return static_cast<int>(d->content.lines.size());
}

int Plot::dotCount() const
{
    return static_cast<int>(d->content.dots.size());
}

QList<QPointF> Plot::drawnPoints(const QString &lineId) const
{
    d->syncLayout();
    QList<QPointF> points;
    for (const PlotLine &line : d->content.lines) {
        if (line.id != lineId)
            continue;
        for (const LineRun &run : lineRuns(line, d->layout.mapping.x, d->layout.mapping.y))
            points += run.points;
    }
    return points;
}

QStringList Plot::labelTexts() const
{
    d->syncLayout();
    QStringList texts;
    for (const LabelPlace &label : d->layout.labels)
        texts.append(label.text.isEmpty() ? label.note : label.text);
    return texts;
}

namespace {

QStringList shownLabels(const QList<Tick> &ticks, const QList<QRectF> &places)
{
    QStringList texts;
    for (qsizetype i = 0; i < ticks.size(); ++i) {
        if (!places[i].isNull())
            texts.append(ticks[i].label);
    }
    return texts;
}

} // namespace

QStringList Plot::xTickLabels() const
{
    d->syncLayout();
    return shownLabels(d->layout.xTicks, d->layout.xLabels);
}

QStringList Plot::yTickLabels() const
{
    d->syncLayout();
    return shownLabels(d->layout.yTicks, d->layout.yLabels);
}

Range Plot::xRange() const
{
    return mapping().x.range;
}

Range Plot::yRange() const
{
    return mapping().y.range;
}

QList<CrosshairRow> Plot::crosshairRows() const
{
    d->syncLayout();
    return d->cursor.x ? rowsAt(d->content, d->layout.mapping, *d->cursor.x)
                       : QList<CrosshairRow>();
}

QString Plot::headlineText() const
{
    d->syncLayout();
    return headlineAt(d->content, d->layout.mapping, d->cursor.x);
}

int Plot::basePaints() const
{
    return d->basePaints;
}

int Plot::paints() const
{
    return d->paints;
}

QSize Plot::sizeHint() const
{
    return {480, 320};
}

QSize Plot::minimumSizeHint() const
{
    return {180, 130};
}

void Plot::paintEvent(QPaintEvent *)
{
    if (isTableVisible())
        tableModel();
    ++d->paints;
    QPainter painter(this);
    // QWidget::render() may paint into a finer device than the screen.
    d->sync(painter.paintEngine()->paintDevice()->devicePixelRatioF());
    painter.drawPixmap(0, 0, d->basePicture);
    if (isTableVisible()) {
        const double top = d->layout.heading.bottom() + 2;
        painter.fillRect(QRectF(4, top, width() - 8, height() - top - 6), d->theme.card);
        return;
    }
    paintOverlay(painter, d->content, d->layout, d->theme, d->cursor);
}

void Plot::resizeEvent(QResizeEvent *)
{
    d->syncLayout();
    d->placeChildren();
}

} // namespace ui
