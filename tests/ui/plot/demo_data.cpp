// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/plot/demo_data.h"

#include <cmath>
#include <limits>

namespace demo {

namespace {

struct Machine
{
    const char *name;
    double teraflops;
    double bandwidth; // TB/s
    double memory;    // GB
    double dollarsPerHour;
};

constexpr std::array<Machine, 8> kMachines = {{{"4x H200 FP8", 4000, 19, 520, 14.4},
                                               {"2x B200 FP8", 4600, 16, 350, 11.0},
                                               {"4x H100 FP8", 4000, 13, 300, 10.8},
                                               {"4x MI300X FP8", 5000, 20, 700, 11.8},
                                               {"8x A100 BF16", 1250, 8, 590, 12.8},
                                               {"8x L40S FP8", 2900, 6, 350, 7.6},
                                               {"16-core CPU", 4, 0.3, 128, 0.6},
                                               {"RTX 4090", 330, 1.0, 100, 0.7}}};

double wait(const Machine &m, double batch, double context)
{
    const double flops = 2 * 70e9 * context + 1.3e6 * context * context;
    return (flops / (m.teraflops * 1e12 * 0.5) + 0.012) * (1 + 0.5 * (batch - 1)) * 1000;
}

double step(const Machine &m, double batch, double context)
{
    const double memory = (70e9 + batch * context * 160e3) / (m.bandwidth * 1e12 * 0.7);
    const double compute = 2 * 70e9 * batch / (m.teraflops * 1e12 * 0.55);
    return std::hypot(memory, compute) + 0.003;
}

bool fits(const Machine &m, double batch, double context)
{
    return 70e9 + batch * context * 160e3 < m.memory * 1e9;
}

QString name(int machine)
{
    return QString::fromLatin1(kMachines[machine].name);
}

struct Words
{
    const char *title;
    const char *subtitle;
    const char *titleZh;
    const char *subtitleZh;
    ui::LabelKind labels;
};

const Words &wordsOf(Metric metric)
{
    static const Words kWords[] = {
        {"Time to first token", "log", "首 token 延迟", "对数", ui::LabelKind::Milliseconds},
        {"Speed per user", "tok/s", "每用户速度", "token/秒", ui::LabelKind::Count},
        {"Throughput", "output tok/s", "吞吐量", "每秒输出 token", ui::LabelKind::Count},
        {"Cost", "$ per million tokens", "成本", "美元/百万 token", ui::LabelKind::Dollars},
        {"Time per output token", "log", "每 token 时间", "对数", ui::LabelKind::Milliseconds},
        {"Memory", "weights and cache", "内存", "权重与缓存", ui::LabelKind::Bytes}};
    return kWords[static_cast<int>(metric)];
}

} // namespace

double valueOf(Metric metric, int machine, double batch, double context)
{
    const Machine &m = kMachines[machine];
    if (!fits(m, batch, context))
        return std::numeric_limits<double>::quiet_NaN();
    const double seconds = step(m, batch, context);
    switch (metric) {
    case Metric::Wait:
        return wait(m, batch, context);
    case Metric::Speed:
        return 1 / seconds;
    case Metric::Throughput:
        return batch / seconds;
    case Metric::Cost:
        return m.dollarsPerHour / 3600 * seconds / batch * 1e6;
    case Metric::TokenTime:
        return seconds * 1000;
    case Metric::Memory:
        break;
    }
    return 70e9 + batch * context * 160e3;
}

void refill(ui::Plot &plot, Metric metric, double context, const Options &options)
{
    QList<ui::PlotLine> lines;
    QList<ui::PlotStop> stops;
    ui::PlotBand band{.id = QStringLiteral("line0"), .series = 0};
    for (int machine = 0; machine < options.machines; ++machine) {
        ui::PlotLine line{
            .id = QStringLiteral("line%1").arg(machine), .name = name(machine), .series = machine};
        if (options.labels)
            line.label = line.name;
        if (machine == 0)
            line.emphasis = ui::LineEmphasis::Selected;
        for (int i = 0; i < options.points; ++i) {
            const double batch = std::exp2(9.0 * i / (options.points - 1));
            const double value = valueOf(metric, machine, batch, context);
            line.points.append({batch, value});
            if (machine == 0) {
                const double spread = 1.06 + 0.16 * i / options.points;
                band.points.append({batch, value / spread, value * spread});
            }
        }
        for (qsizetype i = 1; i < line.points.size(); ++i) {
            if (std::isnan(line.points[i].y()) && !std::isnan(line.points[i - 1].y()))
                stops.append({machine, line.points[i - 1], QString()});
        }
        lines.append(line);
    }
    QList<ui::PlotDot> dots;
    for (int i = 0; i < 9; ++i) {
        const double batch = std::exp2(i);
        const double value = valueOf(metric, 0, batch, context) * (1 + 0.05 * std::sin(i * 2.1));
        dots.append({.id = QStringLiteral("dot%1").arg(i),
                     .lineId = QStringLiteral("line0"),
                     .name = name(0),
                     .series = 0,
                     .at = {batch, value},
                     .whisker = ui::Range{value / 1.06, value * 1.06},
                     .kind = ui::Provenance::Measured,
                     .hollow = i > 6});
    }
    plot.setLines(lines);
    plot.setBands({band});
    plot.setDots(dots);
    plot.setStops(stops);
}

void fill(ui::Plot &plot, Metric metric, double context, const Options &options)
{
    const Words &words = wordsOf(metric);
    plot.setHeading({QString::fromUtf8(options.chinese ? words.titleZh : words.title),
                     QString::fromUtf8(options.chinese ? words.subtitleZh : words.subtitle)});
    plot.setXAxis({.scale = ui::Scale::Log2,
                   .range = ui::Range{1, 512},
                   .title = options.chinese ? QStringLiteral("批大小") : QStringLiteral("Batch"),
                   .labels = ui::LabelKind::Binary});
    plot.setYAxis({.scale = ui::Scale::Log10, .labels = words.labels});
    if (options.limit && metric == Metric::Wait) {
        plot.setLimits({{.id = QStringLiteral("ttft"),
                         .value = 2000,
                         .allowed = ui::Allowed::Below,
                         .text = QStringLiteral("TTFT ≤ 2 s")}});
    }
    refill(plot, metric, context, options);
}

void fillScatter(ui::ScatterPlot &plot, bool chinese)
{
    using ui::Bubble;
    using ui::OpenSide;
    using ui::Provenance;
    plot.setHeading(
        {chinese ? QStringLiteral("首 token 延迟") : QStringLiteral("Time to first token"),
         chinese ? QStringLiteral("对数；没有公布的放在下面一栏")
                 : QStringLiteral("log; claimed bounds, and a lane for the rest")});
    plot.setXAxis({.scale = ui::Scale::Log10,
                   .range = ui::Range{0.2, 12},
                   .title = chinese ? QStringLiteral("混合价，美元/百万 token（3:1）")
                                    : QStringLiteral("Blended price, $ per million tokens, 3 : 1"),
                   .labels = ui::LabelKind::Dollars});
    plot.setYAxis({.scale = ui::Scale::Log10,
                   .range = ui::Range{500, 120000},
                   .labels = ui::LabelKind::Milliseconds});
    plot.setLaneTitle(chinese ? QStringLiteral("未公布等待时间：只有价格")
                              : QStringLiteral("Wait not published: price only"));
    plot.setWeightKey({32768, 65536, 131072, 163840},
                      chinese ? QStringLiteral("上下文") : QStringLiteral("context"),
                      ui::LabelKind::Binary);
    const auto claimed = [](const char *name, double price, double ms, double context,
                            OpenSide open, int series = -1) {
        return Bubble{.id = QString::fromUtf8(name),
                      .name = QString::fromUtf8(name),
                      .series = series,
                      .x = price,
                      .y = ms,
                      .weight = context,
                      .kind = Provenance::Claimed,
                      .open = open,
                      .selected = series >= 0};
    };
    const auto unknown = [](const char *name, double price, double context) {
        return Bubble{.id = QString::fromUtf8(name),
                      .name = QString::fromUtf8(name),
                      .x = price,
                      .weight = context,
                      .kind = Provenance::Observed};
    };
    QList<Bubble> bubbles = {
        claimed("DeepSeek API", 0.96, 25000, 65536, OpenSide::Up, 1),
        claimed("Hyperbolic", 0.25, 5000, 131072, OpenSide::Down),
        claimed("Lambda", 0.30, 5000, 131072, OpenSide::Down),
        claimed("DeepInfra, OpenRouter floor", 0.91, 5000, 163840, OpenSide::Down),
        claimed("Novita", 1.15, 5000, 131072, OpenSide::Down),
        claimed("Nebius", 1.20, 5000, 163840, OpenSide::Down),
        claimed("Fireworks", 4.25, 5000, 163840, OpenSide::Down),
        {.id = QStringLiteral("gateway"),
         .name = QStringLiteral("Gateway p50"),
         .note = QStringLiteral("n = 214"),
         .x = 2.4,
         .y = 1630,
         .weight = 131072,
         .kind = Provenance::Observed},
        unknown("DeepSeek off-peak", 0.24, 65536),
        unknown("Fireworks basic", 0.96, 131072),
        unknown("Lambda (R1)", 0.80, 131072),
        unknown("Azure, AWS Bedrock", 2.36, 131072),
        unknown("Together", 4.0, 163840),
        unknown("SambaNova", 5.5, 32768)};
    Bubble range = unknown("Parasail, Friendli", 2.8, 131072);
    range.xRange = ui::Range{2, 4};
    bubbles.append(range);
    bubbles[0].note = QStringLiteral("$0.96 · at least 25 s · 64K");
    plot.setBubbles(bubbles);
    ui::PlotLine own{.id = QStringLiteral("own"),
                     .name = chinese ? QStringLiteral("本机") : QStringLiteral("Yours: 8x H200"),
                     .series = 0,
                     .style = ui::LineStyle::Measured,
                     .kind = Provenance::Imported,
                     .label = chinese ? QStringLiteral("本机，批增大")
                                      : QStringLiteral("Yours, as batch grows")};
    QList<ui::PlotDot> dots;
    const double prices[] = {7.5, 4.7, 3.8, 2.17, 1.46, 1.48};
    const double waits[] = {990, 1750, 3350, 7650, 14100, 67000};
    for (int i = 0; i < 6; ++i) {
        own.points.append({prices[i], waits[i]});
        dots.append({.id = QStringLiteral("own%1").arg(i),
                     .lineId = own.id,
                     .name = own.name,
                     .series = 0,
                     .at = {prices[i], waits[i]},
                     .kind = Provenance::Imported,
                     .label = QString::number(4 << i)});
    }
    plot.setLines({own});
    plot.setDots(dots);
}

} // namespace demo
