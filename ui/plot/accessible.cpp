// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/plot_private.h"

#include <QAccessibleWidget>
#include <QCoreApplication>

namespace ui {

namespace {

class AccessiblePlot : public QAccessibleWidget
{
public:
    explicit AccessiblePlot(Plot *plot) : QAccessibleWidget(plot, QAccessible::Chart) {}

    QString text(QAccessible::Text kind) const override
    {
        if (kind == QAccessible::Description || kind == QAccessible::Value)
            return static_cast<Plot *>(widget())->spokenText();
        return QAccessibleWidget::text(kind);
    }
};

QAccessibleInterface *makeAccessible(const QString &className, QObject *object)
{
    if (!className.startsWith(QLatin1String("ui::")))
        return nullptr;
    auto *plot = qobject_cast<Plot *>(object);
    return plot ? new AccessiblePlot(plot) : nullptr;
}

QString kindWord(Provenance kind)
{
    switch (kind) {
    case Provenance::Measured:
        return PlotTableModel::tr("measured");
    case Provenance::Recorded:
        return PlotTableModel::tr("recorded");
    case Provenance::Imported:
        return PlotTableModel::tr("imported");
    case Provenance::Observed:
        return PlotTableModel::tr("observed");
    case Provenance::Estimated:
        return PlotTableModel::tr("estimated");
    case Provenance::Claimed:
        break;
    }
    return PlotTableModel::tr("claimed");
}

QString spokenBubble(const PlotContent &content, const Bubble &bubble)
{
    QString text = bubble.name + QStringLiteral(": ") + valueText(content.x, bubble.x);
    text += QStringLiteral(", ");
    text += bubble.y ? valueText(content.y, *bubble.y) : content.laneTitle;
    return text + QStringLiteral(", ") + kindWord(bubble.kind) + QStringLiteral(".");
}

} // namespace

void installPlotAccessibility()
{
    static const bool installed = [] {
        QAccessible::installFactory(makeAccessible);
        return true;
    }();
    Q_UNUSED(installed)
}

QString Plot::spokenText() const
{
    d->syncLayout();
    const PlotContent &content = d->content;
    for (const Bubble &bubble : content.bubbles) {
        if (bubble.id == d->cursor.hoveredBubble)
            return spokenBubble(content, bubble);
    }
    if (!d->cursor.x) {
        const auto points = static_cast<int>(content.dots.size() + content.bubbles.size());
        return content.heading.subtitle + QStringLiteral(". ") +
               tr("%n line(s)", nullptr, lineCount()) + QStringLiteral(", ") +
               tr("%n point(s)", nullptr, points) + QStringLiteral(".");
    }
    QString text =
        content.x.title + QLatin1Char(' ') + valueText(content.x, *d->cursor.x) + QLatin1Char('.');
    std::optional<double> selected;
    for (const CrosshairRow &row : crosshairRows()) {
        if (d->cursor.current >= 0 && row.series != d->cursor.current)
            continue;
        text += QLatin1Char(' ') + row.name + QStringLiteral(": ") + row.text +
                QStringLiteral(", ") + kindWord(row.kind) + QLatin1Char('.');
    }
    for (const PlotLine &line : content.lines) {
        if (line.emphasis == LineEmphasis::Selected && !selected) {
            const double value =
                valueAt(line, *d->cursor.x, d->layout.mapping.x, d->layout.mapping.y);
            if (d->layout.mapping.y.canShow(value))
                selected = value;
        }
    }
    for (const PlotLimit &limit : content.limits) {
        if (!selected || limit.orientation != Qt::Horizontal)
            continue;
        const bool met =
            limit.allowed == Allowed::Below ? *selected <= limit.value : *selected >= limit.value;
        text +=
            QLatin1Char(' ') + limit.text + QLatin1Char(' ') + (met ? tr("met.") : tr("missed."));
    }
    return text;
}

} // namespace ui
