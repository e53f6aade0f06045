// SPDX-License-Identifier: GPL-3.0-or-later
// Paints demonstration pictures of the plots into a folder: plot_gallery OUTDIR
#include "tests/ui/plot/demo_data.h"

#include <QApplication>
#include <QDir>
#include <QGridLayout>
#include <QMouseEvent>
#include <QPainter>
#include <QPdfWriter>
#include <QSvgGenerator>

#include <cstdio>

namespace {

struct Shot
{
    const char *name;
    ui::ThemeKind kind;
    bool chinese;
    QSize size;
    double scale = 1;
};

void save(QWidget &widget, const QString &path, double scale)
{
    QImage image(widget.size() * scale, QImage::Format_RGB32);
    image.setDevicePixelRatio(scale);
    widget.render(&image);
    if (!image.save(path))
        std::fprintf(stderr, "cannot write %s\n", qPrintable(path));
}

void curves(const Shot &shot, const QDir &out)
{
    const ui::Theme theme = ui::makeTheme(shot.kind, {.chinese = shot.chinese});
    QWidget window;
    QPalette palette;
    palette.setColor(QPalette::Window, theme.window);
    window.setPalette(palette);
    window.resize(shot.size);
    auto *grid = new QGridLayout(&window);
    grid->setContentsMargins(12, 12, 12, 12);
    grid->setSpacing(12);
    using demo::Metric;
    const Metric metrics[] = {Metric::Wait, Metric::Speed,     Metric::Throughput,
                              Metric::Cost, Metric::TokenTime, Metric::Memory};
    std::vector<ui::Plot *> plots;
    for (int i = 0; i < 6; ++i) {
        auto *plot = new ui::Plot(&window);
        plot->setTheme(theme);
        demo::fill(*plot, metrics[i], 4096, {.chinese = shot.chinese});
        plot->setCrosshair(32, i == 1);
        grid->addWidget(plot, i / 3, i % 3);
        plots.push_back(plot);
    }
    plots[5]->setForbidden(
        ui::PlotForbidden{192, QStringLiteral("does not fit: needs 171 GB of 141 GB")});
    window.ensurePolished();
    window.layout()->activate();
    save(window, out.filePath(QString::fromLatin1(shot.name) + QStringLiteral(".png")), shot.scale);
}

// A pointer over the plot, a zoom, direct labels, the table behind a chart.
void hands(const Shot &shot, const QDir &out)
{
    const ui::Theme theme = ui::makeTheme(shot.kind, {.chinese = shot.chinese});
    QWidget window;
    window.setStyleSheet(ui::styleSheet(theme));
    QPalette palette;
    palette.setColor(QPalette::Window, theme.window);
    window.setPalette(palette);
    window.resize(shot.size);
    auto *grid = new QGridLayout(&window);
    std::vector<ui::Plot *> plots;
    for (int i = 0; i < 4; ++i) {
        auto *plot = new ui::Plot(&window);
        plot->setTheme(theme);
        demo::fill(*plot, demo::Metric::TokenTime, 4096, {.labels = i == 1});
        plot->setCrosshair(32);
        grid->addWidget(plot, i / 2, i % 2);
        plots.push_back(plot);
    }
    window.show();
    window.layout()->activate();
    plots[2]->pushZoom({.x = ui::Range{4, 64}, .y = ui::Range{6, 30}});
    plots[3]->setTableVisible(true);
    QMouseEvent move(QEvent::MouseMove, plots[0]->mapping().toPixel({60, 60}), QPointF(),
                     Qt::NoButton, Qt::NoButton, Qt::NoModifier);
    QApplication::sendEvent(plots[0], &move);
    plots[1]->setFocus(Qt::TabFocusReason);
    save(window, out.filePath(QString::fromLatin1(shot.name) + QStringLiteral(".png")), shot.scale);
}

void presenter(const Shot &shot, const QDir &out)
{
    ui::Plot plot;
    plot.resize(shot.size);
    plot.setTheme(ui::makeTheme(shot.kind, {.chinese = shot.chinese, .presenter = true}));
    demo::fill(plot, demo::Metric::Wait, 4096, {.chinese = shot.chinese, .labels = true});
    plot.setCrosshair(32);
    save(plot, out.filePath(QString::fromLatin1(shot.name) + QStringLiteral(".png")), shot.scale);
}

void scatter(const Shot &shot, const QDir &out)
{
    const ui::Theme theme = ui::makeTheme(shot.kind, {.chinese = shot.chinese});
    ui::ScatterPlot plot;
    plot.resize(shot.size);
    plot.setTheme(theme);
    demo::fillScatter(plot, shot.chinese);
    save(plot, out.filePath(QString::fromLatin1(shot.name) + QStringLiteral(".png")), shot.scale);
}

void exports(const QDir &out)
{
    ui::Plot plot;
    plot.resize(700, 460);
    plot.setTheme(ui::makeTheme(ui::ThemeKind::Light));
    demo::fill(plot, demo::Metric::Wait, 4096, {});
    plot.setCrosshair(32);
    QSvgGenerator svg;
    svg.setFileName(out.filePath(QStringLiteral("export.svg")));
    svg.setSize({700, 460});
    svg.setViewBox(QRect(0, 0, 700, 460));
    QPainter painter(&svg);
    plot.renderTo(painter, QRectF(0, 0, 700, 460));
    painter.end();
    QPdfWriter pdf(out.filePath(QStringLiteral("export.pdf")));
    pdf.setPageSize(QPageSize(QSizeF(700, 460), QPageSize::Point));
    pdf.setPageMargins({});
    pdf.setResolution(72);
    painter.begin(&pdf);
    plot.renderTo(painter, QRectF(0, 0, 700, 460));
    painter.end();
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "usage: plot_gallery OUTDIR\n");
        return 2;
    }
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication app(argc, argv);
    const QString folder = QString::fromLocal8Bit(argv[1]);
    if (!QDir().mkpath(folder)) {
        std::fprintf(stderr, "plot_gallery: cannot create %s\n", argv[1]);
        return 1;
    }
    const QDir out(folder);
    using ui::ThemeKind;
    for (const Shot &shot : {Shot{"curves_dark", ThemeKind::Dark, false, {1500, 860}},
                             Shot{"curves_light", ThemeKind::Light, false, {1500, 860}},
                             Shot{"curves_contrast", ThemeKind::HighContrast, false, {1500, 860}},
                             Shot{"curves_zh", ThemeKind::Dark, true, {1500, 860}},
                             Shot{"curves_small_x2", ThemeKind::Light, false, {940, 560}, 2}})
        curves(shot, out);
    for (const Shot &shot : {Shot{"scatter_dark", ThemeKind::Dark, false, {1096, 760}},
                             Shot{"scatter_light_zh", ThemeKind::Light, true, {1096, 760}},
                             Shot{"scatter_small", ThemeKind::Dark, false, {560, 420}}})
        scatter(shot, out);
    hands({"hands_dark", ThemeKind::Dark, false, {1300, 860}}, out);
    hands({"hands_light", ThemeKind::Light, false, {1300, 860}}, out);
    presenter({"presenter_zh", ThemeKind::Dark, true, {1400, 800}}, out);
    exports(out);
    return 0;
}
