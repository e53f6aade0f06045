// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include <QApplication>
#include <QCoreApplication>
#include <QPainter>

#include "app/explore/findings.h"
#include "ui/main_window/render.h"
#include "ui/plot/plot.h"
#include "ui/views/words.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/digits.h"
#include "ui/widgets/icons.h"

namespace ui {
namespace {

constexpr int kWidthPixels = 1600;
constexpr int kHeightPixels = 2100;
constexpr double kScale = 1.6;
constexpr double kWidth = kWidthPixels / kScale;
constexpr double kHeight = kHeightPixels / kScale;
constexpr double kMargin = 40;
constexpr double kGap = 12;
constexpr double kSmallestChart = 268;
constexpr double kLargestChart = 400;
constexpr double kTableHead = 42;
constexpr double kRowHeight = 21;
constexpr double kFooter = 66;

QString translated(const char *text)
{
    return QCoreApplication::translate("ui::report", text);
}

std::optional<double> number(const engine::Environment &values, const std::string &key)
{
    const auto found = values.find(key);
    if (found == values.end())
        return std::nullopt;
    if (const auto *real = std::get_if<double>(&found->second))
        return *real;
    if (const auto *whole = std::get_if<std::int64_t>(&found->second))
        return static_cast<double>(*whole);
    return std::nullopt;
}

QString text(const engine::Environment &values, const std::string &key)
{
    const auto found = values.find(key);
    if (found == values.end())
        return {};
    if (const auto *words = std::get_if<std::string>(&found->second))
        return QString::fromStdString(*words);
    if (const auto *whole = std::get_if<std::int64_t>(&found->second))
        return QString::number(*whole);
    const std::optional<double> value = number(values, key);
    return value ? significant(*value) : QString();
}

// What a chart of the report takes from a point.
struct ReportMetric
{
    app::Metric metric;
    std::optional<double> (*value)(const engine::Point &);
    std::optional<Range> (*interval)(const engine::Point &);
};

std::optional<Range> rangeOf(const engine::MedianInterval &median)
{
    if (!median.lo || !median.hi)
        return std::nullopt;
    return Range{*median.lo, *median.hi};
}

const std::array kReportMetrics{
    ReportMetric{app::Metric::Ttft, [](const engine::Point &p) { return p.ttftMs.p50; },
                 [](const engine::Point &p) { return rangeOf(p.ttftMs); }},
    ReportMetric{app::Metric::Speed,
                 [](const engine::Point &p) {
                     return p.tpotMs.p50 ? std::optional<double>(1e3 / *p.tpotMs.p50)
                                         : std::nullopt;
                 },
                 [](const engine::Point &p) -> std::optional<Range> {
                     if (!p.tpotMs.lo || !p.tpotMs.hi)
                         return std::nullopt;
                     return Range{1e3 / *p.tpotMs.hi, 1e3 / *p.tpotMs.lo};
                 }},
    ReportMetric{app::Metric::Throughput, [](const engine::Point &p) { return p.outputTps; },
                 [](const engine::Point &) { return std::optional<Range>(); }},
    ReportMetric{app::Metric::EndToEnd, [](const engine::Point &p) { return p.e2eMs.p50; },
                 [](const engine::Point &p) { return rangeOf(p.e2eMs); }},
};

class Page
{
public:
    Page(const Report &report, const Theme &theme, QPainter &painter)
        : m_report(report), m_theme(theme), m_painter(painter)
    {
        for (const engine::Point &point : report.points)
            m_contexts.insert(point.workload.contextTokens);
    }

    void paint()
    {
        m_painter.fillRect(QRectF(0, 0, kWidth, kHeight), m_theme.window);
        double top = paintHead();
        top = paintFacts(top);
        top = paintCharts(top);
        paintTable(top);
        paintFooter();
    }

private:
    void write(const QRectF &box, Type type, const QColor &color, const QString &words,
               int weight = 0, int flags = Qt::AlignLeft | Qt::AlignVCenter)
    {
        m_painter.setFont(weight > 0 ? m_theme.font(type, weight) : m_theme.font(type));
        m_painter.setPen(color);
        const QString fitted =
            flags & Qt::TextWordWrap
                ? words
                : QFontMetricsF(m_painter.font()).elidedText(words, Qt::ElideRight, box.width());
        m_painter.drawText(box, flags, fitted);
    }

    double paintHead()
    {
        paintMark(m_painter, QRectF(kMargin, 30, 22, 22), m_theme.text3, m_theme.seriesColor(1),
                  m_theme.seriesColor(0));
        write({kMargin + 32, 30, 300, 22}, Type::Body, m_theme.text1, QStringLiteral("Paretoscope"),
              600);
        const double badge = badgeWidth(Provenance::Measured, BadgeForm::Word, m_theme);
        paintBadge(m_painter, {kWidth - kMargin - badge, 32}, Provenance::Measured, BadgeForm::Word,
                   m_theme, m_theme.window);
        write({kMargin, 66, kWidth - 2 * kMargin, 34}, Type::Figure, m_theme.text1, m_report.title,
              600);
        const auto measured = std::count_if(
            m_report.points.begin(), m_report.points.end(),
            [](const engine::Point &point) { return point.status == engine::PointStatus::Ok; });
        const QString what =
            translated("%1 of %2 points measured by this program's own engine, %3.")
                .arg(measured)
                .arg(m_report.points.size())
                .arg(text(m_report.environment, "started_utc").isEmpty()
                         ? translated("date not recorded")
                         : text(m_report.environment, "started_utc"));
        write({kMargin, 102, kWidth - 2 * kMargin, 20}, Type::Body, m_theme.text2, what);
        return 134;
    }

    double paintFacts(double top)
    {
        const engine::Environment &env = m_report.environment;
        QString cpu = text(env, "cpu_model");
        if (const QString threads = text(env, "cpu_threads_used"); !threads.isEmpty())
            cpu += translated(", %1 threads").arg(threads);
        QString engineText = text(env, "app_version");
        if (const QString isa = text(env, "engine_isa"); !isa.isEmpty())
            engineText += QStringLiteral(", ") + isa;
        const QString read =
            number(env, "ceiling_read_gbs")
                ? significant(*number(env, "ceiling_read_gbs")) + QStringLiteral(" GB/s")
                : absentText();
        const QString dense =
            number(env, "ceiling_dense_tflops")
                ? significant(*number(env, "ceiling_dense_tflops")) + QStringLiteral(" TFLOP/s")
                : absentText();
        QString model = text(m_report.model, "name");
        if (const std::optional<double> count = number(m_report.model, "parameters"))
            model += QStringLiteral(", ") + formatParameters(std::llround(*count));
        const QString dtype = text(m_report.model, "dtype");
        if (!dtype.isEmpty())
            model += QStringLiteral(", ") + dtype;
        const std::array<std::array<QString, 2>, 6> facts{{
            {translated("Device"), cpu.isEmpty() ? absentText() : cpu},
            {translated("Model"), model.isEmpty() ? absentText() : model},
            {translated("Engine"), engineText.isEmpty() ? absentText() : engineText},
            {translated("Memory"), formatBytes(number(env, "mem_bytes")).text()},
            {translated("Measured read ceiling"), read},
            {translated("Measured dense ceiling"), dense},
        }};
        const QRectF card(kMargin, top, kWidth - 2 * kMargin, 92);
        paintCard(card);
        const double column = (card.width() - 32) / 2;
        for (std::size_t i = 0; i < facts.size(); ++i) {
            const double x = card.left() + 16 + (i < 3 ? 0 : column + 16);
            const double y = card.top() + 10 + 24 * static_cast<double>(i % 3);
            write({x, y, 150, 24}, Type::Axis, m_theme.text3, facts[i][0]);
            const double left = i < 3 ? 70 : 150;
            write({x + left, y, column - left - 8, 24}, Type::Axis, m_theme.text1, facts[i][1]);
        }
        return card.bottom() + kGap;
    }

    void paintCard(const QRectF &rect)
    {
        m_painter.setPen(QPen(m_theme.strokeCard, 1));
        m_painter.setBrush(m_theme.card);
        m_painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), m_theme.radiusCard,
                                  m_theme.radiusCard);
    }

    double paintCharts(double top)
    {
        // A short table leaves its room to the charts.
        const double table = kTableHead + kRowHeight * double(m_report.points.size());
        const double room = kHeight - kFooter - top - table - 2 * kGap;
        const double chartHeight = std::clamp(room / 2, kSmallestChart, kLargestChart);
        const double width = (kWidth - 2 * kMargin - kGap) / 2;
        for (std::size_t i = 0; i < kReportMetrics.size(); ++i) {
            const QRectF box(kMargin + (i % 2 == 0 ? 0 : width + kGap),
                             top + (i < 2 ? 0 : chartHeight + kGap), width, chartHeight);
            Plot plot;
            plot.setTheme(m_theme);
            plot.resize(box.size().toSize());
            fill(plot, kReportMetrics[i]);
            plot.renderTo(m_painter, box);
        }
        return top + 2 * chartHeight + 2 * kGap;
    }

    void fill(Plot &plot, const ReportMetric &chosen)
    {
        plot.setHeading({metricTitle(chosen.metric), metricUnit(chosen.metric)});
        plot.setHeadline(QString());
        Axis x;
        x.scale = Scale::Log2;
        x.labels = LabelKind::Binary;
        x.title = translated("Requests served together (batch)");
        plot.setXAxis(x);
        Axis y;
        y.labels = metricLabels(chosen.metric);
        plot.setYAxis(y);
        QList<PlotLine> lines;
        QList<PlotBand> bands;
        QList<PlotDot> dots;
        addEstimate(chosen.metric, lines, bands);
        int series = 0;
        for (std::int64_t context : m_contexts) {
            PlotLine line;
            line.id = QStringLiteral("context%1").arg(context);
            line.name = translated("context %1").arg(formatCount(context));
            line.label = formatCount(context);
            line.series = series;
            line.style = LineStyle::Measured;
            line.kind = Provenance::Measured;
            for (const engine::Point &point : m_report.points) {
                const std::optional<double> value = chosen.value(point);
                if (point.workload.contextTokens != context || !value)
                    continue;
                const double batch = static_cast<double>(point.workload.batch);
                line.points.append({batch, *value});
                PlotDot dot;
                dot.id = line.id + QString::number(point.workload.batch);
                dot.lineId = line.id;
                dot.series = series;
                dot.at = {batch, *value};
                dot.hollow = point.hasFlag("provisional");
                if (!dot.hollow)
                    dot.whisker = chosen.interval(point);
                dots.append(dot);
            }
            std::sort(line.points.begin(), line.points.end(),
                      [](const QPointF &a, const QPointF &b) { return a.x() < b.x(); });
            lines.append(line);
            ++series;
        }
        plot.setLines(lines);
        plot.setBands(bands);
        plot.setDots(dots);
    }

    // The estimate is one of the findings' own context: drawn in that context's colour.
    void addEstimate(app::Metric metric, QList<PlotLine> &lines, QList<PlotBand> &bands)
    {
        const std::shared_ptr<const app::Findings> &findings = m_report.findings;
        if (!findings || findings->scenario.axis != app::CurveAxis::Batch ||
            m_report.points.empty())
            return;
        const auto place = m_contexts.find(findings->scenario.workload.contextTokens);
        if (place == m_contexts.end())
            return;
        double last = 0;
        for (const engine::Point &point : m_report.points)
            last = std::max(last, static_cast<double>(point.workload.batch));
        PlotLine line;
        PlotBand band;
        line.id = band.id = QStringLiteral("estimate");
        line.name = translated("estimated");
        line.series = band.series = static_cast<int>(std::distance(m_contexts.begin(), place));
        for (const app::CurvePoint &point : findings->curve(metric).estimate) {
            if (point.x > last)
                break;
            line.points.append({point.x, point.mid});
            band.points.append({point.x, point.low, point.high});
        }
        if (line.points.isEmpty())
            return;
        lines.append(line);
        bands.append(band);
    }

    QStringList cells(const engine::Point &point) const
    {
        const auto milliseconds = [](const engine::MedianInterval &median) {
            return formatDuration(median.p50 ? std::optional<double>(*median.p50 / 1e3)
                                             : std::nullopt)
                .text();
        };
        QString state;
        switch (point.status) {
        case engine::PointStatus::Ok:
            state = point.hasFlag("provisional") ? translated("one round") : translated("settled");
            break;
        case engine::PointStatus::DoesNotFit:
            state = translated("does not fit");
            break;
        case engine::PointStatus::Cancelled:
            state = translated("stopped");
            break;
        case engine::PointStatus::Failed:
            state = translated("failed");
            break;
        }
        return {formatCount(point.workload.contextTokens),
                QString::number(point.workload.batch),
                milliseconds(point.ttftMs),
                milliseconds(point.tpotMs),
                point.outputTps ? significant(*point.outputTps) : absentText(),
                point.prefillTps ? significant(*point.prefillTps) : absentText(),
                formatPercent(point.bwPct).text(),
                formatPercent(point.prefillFlopPct).text(),
                formatBytes(point.memPeakBytes ? std::optional<double>(double(*point.memPeakBytes))
                                               : std::nullopt)
                    .text(),
                state};
    }

    void paintTable(double top)
    {
        const QStringList titles{translated("context"),      translated("batch"),
                                 translated("TTFT"),         translated("TPOT"),
                                 translated("out tok/s"),    translated("in tok/s"),
                                 translated("read ceiling"), translated("dense ceiling"),
                                 translated("memory"),       translated("state")};
        const double needed = kTableHead + kRowHeight * double(m_report.points.size());
        const QRectF card(kMargin, top, kWidth - 2 * kMargin,
                          std::min(needed, kHeight - kFooter - top));
        paintCard(card);
        std::vector<const engine::Point *> points;
        for (const engine::Point &point : m_report.points)
            points.push_back(&point);
        std::sort(points.begin(), points.end(), [](const auto *a, const auto *b) {
            return std::pair(a->workload.contextTokens, a->workload.batch) <
                   std::pair(b->workload.contextTokens, b->workload.batch);
        });
        const double inner = card.width() - 32;
        const double column = inner / static_cast<double>(titles.size());
        const auto right = [&](qsizetype i) {
            return card.left() + 16 + column * double(i + 1) - 6;
        };
        double y = card.top() + 8;
        for (qsizetype i = 0; i < titles.size(); ++i)
            write({right(i) - column - 6, y, column + 6, 24}, Type::Note, m_theme.text3, titles[i],
                  600, Qt::AlignRight | Qt::AlignVCenter);
        y += 24;
        const auto room = static_cast<std::size_t>(
            std::max(0.0, std::floor((card.bottom() - 10 - y) / kRowHeight)));
        const std::size_t shown = points.size() > room ? room - 1 : points.size();
        const QColor rule = m_theme.gridMinor.isValid() ? m_theme.gridMinor : m_theme.gridMajor;
        const QFont font = m_theme.font(Type::Axis);
        const QFontMetricsF metrics(font);
        for (std::size_t row = 0; row < shown; ++row) {
            m_painter.setPen(QPen(rule, 1));
            m_painter.drawLine(QPointF(card.left() + 16, y), QPointF(card.right() - 16, y));
            const QStringList values = cells(*points[row]);
            const double baseline = y + (kRowHeight + metrics.ascent() - metrics.descent()) / 2;
            for (qsizetype i = 0; i < values.size(); ++i) {
                m_painter.setPen(i + 1 == values.size() ? m_theme.text3 : m_theme.text1);
                paintDigits(m_painter, {right(i) - digitsWidth(values[i], font), baseline},
                            values[i], font);
            }
            y += kRowHeight;
        }
        if (shown < points.size())
            write({card.left() + 16, y, inner, kRowHeight}, Type::Note, m_theme.text3,
                  translated("and %1 more in curves.csv").arg(points.size() - shown));
    }

    void paintFooter()
    {
        const QString words = translated(
            "TTFT: the median wait of all prompts of a batch that arrive at once at an idle "
            "engine; "
            "TPOT: one decode step at that context. Whiskers: 95 % interval of the median; hollow: "
            "one round only. Points joined by dots promise nothing between them; a solid line with "
            "its band is an estimate. All figures and their conditions: run.json.");
        write({kMargin, kHeight - kFooter + 10, kWidth - 2 * kMargin, kFooter - 16}, Type::Note,
              m_theme.text3, words, 0, Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap);
    }

    const Report &m_report;
    const Theme &m_theme;
    QPainter &m_painter;
    std::set<std::int64_t> m_contexts;
};

} // namespace

QImage renderReport(const Report &report)
{
    const Theme theme =
        makeTheme(report.theme == QLatin1String("dark")       ? ThemeKind::Dark
                  : report.theme == QLatin1String("contrast") ? ThemeKind::HighContrast
                                                              : ThemeKind::Light);
    QImage image(kWidthPixels, kHeightPixels, QImage::Format_RGB32);
    image.setDevicePixelRatio(kScale);
    QPainter painter(&image);
    painter.setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
    Page(report, theme, painter).paint();
    return image;
}

} // namespace ui
