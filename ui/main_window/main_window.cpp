// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/main_window.h"

#include <array>

#include <QApplication>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMimeData>
#include <QProxyStyle>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "app/storage/export.h"
#include "app/storage/scenario_file.h"
#include "ui/views/curves_view.h"
#include "ui/views/providers_view.h"
#include "ui/views/rail.h"
#include "ui/views/readout_strip.h"
#include "ui/views/run_bar.h"
#include "ui/views/scenario_panel.h"
#include "ui/views/sweep_plan.h"
#include "ui/views/top_bar.h"
#include "ui/views/words.h"
#include "ui/widgets/error_block.h"
#include "ui/widgets/toast.h"

namespace ui {
namespace {

constexpr QSize kSmallest(960, 640);
constexpr int kLargeWidth = 1600;
constexpr int kNarrowWidth = 1100;
constexpr int kLowHeight = 720;
constexpr int kPointIntervalMs = 250; // live points in a CPU sweep: four times a second

// Widths and heights of the regions at a window size (logical pixels).
struct Regions
{
    int topBar;
    int rail;
    int panel;
    int strip;
    int tiles;
    int margin;
    int gap;
};

Regions regionsFor(const QSize &size)
{
    const bool large = size.width() >= kLargeWidth;
    const bool low = size.height() < kLowHeight;
    Regions regions =
        large ? Regions{52, 84, 288, 84, 6, 12, 12} : Regions{48, 76, 248, 72, 5, 10, 8};
    if (low)
        regions.strip = 60;
    return regions;
}

struct ThemeWord
{
    ThemeKind kind;
    const char *name;
    const char *word;
    Icon icon;
};
constexpr std::array kThemes{
    ThemeWord{ThemeKind::Dark, "dark", QT_TRANSLATE_NOOP("ui::MainWindow", "Dark"), Icon::Moon},
    ThemeWord{ThemeKind::Light, "light", QT_TRANSLATE_NOOP("ui::MainWindow", "Light"), Icon::Sun},
    ThemeWord{ThemeKind::HighContrast, "contrast",
              QT_TRANSLATE_NOOP("ui::MainWindow", "High contrast"), Icon::Contrast},
};

const ThemeWord &wordOf(ThemeKind kind)
{
    for (const ThemeWord &theme : kThemes) {
        if (theme.kind == kind)
            return theme;
    }
    return kThemes.front();
}

// Fusion, without lines under the menus' letters; Alt finds them all the same.
class QuietStyle : public QProxyStyle
{
public:
    QuietStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

    int styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                  QStyleHintReturn *result) const override
    {
        if (hint == SH_UnderlineShortcut)
            return 0;
        return QProxyStyle::styleHint(hint, option, widget, result);
    }
};

// A folder or config.json is a model, any other file a scenario.
bool isModelPath(const QString &path)
{
    const QFileInfo info(path);
    return info.isDir() || info.fileName() == QLatin1String("config.json");
}

} // namespace

MainWindow::MainWindow(app::Explorer *explorer, app::BenchRunner *runner,
                       const app::MeasurementLog *log, QWidget *parent)
    : QMainWindow(parent), m_explorer(explorer), m_runner(runner), m_log(log)
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(QStringLiteral("Paretoscope"));
    setMinimumSize(kSmallest);
    setAcceptDrops(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    if (!dynamic_cast<QuietStyle *>(QApplication::style()))
        QApplication::setStyle(new QuietStyle);
    buildRegions();
    buildMenus();
    buildShortcuts();
    connectParts();
    applyThemeKind(ThemeKind::Dark);
    showFindings(m_explorer->findings());
    runnerChanged(m_runner->state());
    showView(m_view);
}

MainWindow::~MainWindow() = default;

void MainWindow::buildRegions()
{
    auto *root = new QWidget(this);
    root->setProperty("surface", "window");
    root->setAttribute(Qt::WA_StyledBackground);
    m_topBar = new TopBar(root);
    m_body = new QWidget(root);
    m_runBar = new RunBar(m_explorer, m_runner, root);
    auto *rows = new QVBoxLayout(root);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(0);
    rows->addWidget(m_topBar);
    rows->addWidget(m_body, 1);
    rows->addWidget(m_runBar);

    m_rail = new Rail(m_body);
    m_rail->addView(QStringLiteral("curves"), Icon::Curves, tr("Curves"));
    m_rail->addView(QStringLiteral("providers"), Icon::Providers, tr("Providers"));
    m_panel = new ScenarioPanel(m_explorer, m_body);
    m_content = new QWidget(m_body);
    auto *columns = new QHBoxLayout(m_body);
    columns->setContentsMargins(0, 0, 0, 0);
    columns->setSpacing(0);
    columns->addWidget(m_rail);
    columns->addWidget(m_panel);
    columns->addWidget(m_content, 1);

    m_strip = new ReadoutStrip(m_content);
    m_error = new ErrorBlock(m_content);
    m_error->setObjectName(QStringLiteral("errorBlock"));
    m_error->hide();
    m_views = new QStackedWidget(m_content);
    m_curves = new CurvesView(m_explorer, m_views);
    m_providers = new ProvidersView(m_explorer, m_views);
    m_views->addWidget(m_curves);
    m_views->addWidget(m_providers);
    auto *content = new QVBoxLayout(m_content);
    content->addWidget(m_strip);
    content->addWidget(m_error);
    content->addWidget(m_views, 1);
    setCentralWidget(root);
    m_toast = new Toast(root);
    m_toast->setObjectName(QStringLiteral("toast"));
}

void MainWindow::connectParts()
{
    connect(m_explorer, &app::Explorer::findingsChanged, this, &MainWindow::showFindings);
    connect(m_explorer, &app::Explorer::undoChanged, this, [this] {
        m_topBar->setUndo(m_explorer->canUndo(), m_explorer->canRedo());
        m_undoAction->setEnabled(m_explorer->canUndo());
        m_redoAction->setEnabled(m_explorer->canRedo());
    });
    connect(m_topBar->undoButton(), &QAbstractButton::clicked, m_explorer, &app::Explorer::undo);
    connect(m_topBar->redoButton(), &QAbstractButton::clicked, m_explorer, &app::Explorer::redo);
    connect(m_rail, &Rail::chosen, this, &MainWindow::showView);
    connect(m_panel, &ScenarioPanel::heldChanged, this, [this](bool held) {
        m_curves->setHeld(held);
        m_providers->setHeld(held);
    });
    connect(m_curves, &CurvesView::limitEditRequested, this, [this](const QString &id) {
        LimitRow *row = id == QLatin1String("ttft")    ? m_panel->ttftLimit()
                        : id == QLatin1String("speed") ? m_panel->speedLimit()
                                                       : m_panel->costLimit();
        row->setFocus(Qt::OtherFocusReason);
    });
    connect(m_runBar, &RunBar::measureRequested, this, [this] { measure(false); });
    connect(m_runBar, &RunBar::stopRequested, this, &MainWindow::stop);
    connect(m_runBar, &RunBar::themeRequested, this, &MainWindow::nextTheme);
    connect(m_runner, &app::BenchRunner::stateChanged, this, &MainWindow::runnerChanged);
    connect(m_runner, &app::BenchRunner::finished, this, &MainWindow::runnerFinished);
    connect(m_error, &ErrorBlock::actionRequested, this, [this] {
        m_error->hide();
        if (m_restartable)
            resume();
        else
            measure(false);
    });
    connect(m_error, &ErrorBlock::dismissed, m_error, &QWidget::hide);
    connect(m_toast, &Toast::actionRequested, m_explorer, &app::Explorer::undo);
    emit m_explorer->undoChanged();
}

void MainWindow::showFindings(const std::shared_ptr<const app::Findings> &findings)
{
    m_panel->setFindings(*findings);
    m_strip->setFindings(*findings);
    m_curves->setFindings(findings);
    m_providers->setFindings(findings);
    m_runBar->setFindings(*findings);
    m_topBar->setTitle(scenarioTitle(*findings), tr("on %1").arg(findings->deviceName));
    setWindowTitle(scenarioTitle(*findings) + QStringLiteral(" - Paretoscope"));
}

bool MainWindow::showView(const QString &name)
{
    QWidget *view = name == QLatin1String("curves")      ? static_cast<QWidget *>(m_curves)
                    : name == QLatin1String("providers") ? static_cast<QWidget *>(m_providers)
                                                         : nullptr;
    if (!view)
        return false;
    if (name != m_view)
        m_lastView = m_view;
    m_view = name;
    m_rail->setCurrent(name);
    m_views->setCurrentWidget(view);
    emit viewChanged(name);
    return true;
}

void MainWindow::setThemeName(const QString &name)
{
    for (const ThemeWord &theme : kThemes) {
        if (name == QLatin1String(theme.name)) {
            applyThemeKind(theme.kind);
            return;
        }
    }
    applyThemeKind(ThemeKind::Dark);
}

QString MainWindow::themeName() const
{
    return QString::fromLatin1(wordOf(m_theme->kind).name);
}

void MainWindow::applyThemeKind(ThemeKind kind)
{
    if (m_theme && m_theme->kind == kind)
        return;
    m_theme = std::make_shared<const Theme>(makeTheme(kind));
    setFont(m_theme->font(Type::Body));
    setPalette(themePalette(*m_theme));
    setStyleSheet(ui::styleSheet(*m_theme));
    applyTheme(centralWidget(), m_theme);
    const ThemeWord &word = wordOf(kind);
    m_runBar->setThemeWord(tr(word.word), word.icon);
    emit themeNameChanged(QString::fromLatin1(word.name));
}

void MainWindow::nextTheme()
{
    for (std::size_t i = 0; i < kThemes.size(); ++i) {
        if (kThemes[i].kind == m_theme->kind) {
            applyThemeKind(kThemes[(i + 1) % kThemes.size()].kind);
            return;
        }
    }
}

void MainWindow::resizeEvent(QResizeEvent *event)
{
    QMainWindow::resizeEvent(event);
    layOut();
}

void MainWindow::layOut()
{
    const Regions regions = regionsFor(size());
    const bool narrow = width() < kNarrowWidth;
    const bool low = height() < kLowHeight;
    m_topBar->setFixedHeight(regions.topBar);
    m_topBar->setNarrow(narrow);
    m_rail->setFixedWidth(regions.rail);
    m_panel->setFixedWidth(regions.panel);
    m_content->layout()->setContentsMargins(regions.margin, regions.margin, regions.margin,
                                            regions.margin);
    m_content->layout()->setSpacing(regions.gap);
    placePanel(narrow);
    m_strip->setLayoutFor(narrow ? 4 : regions.tiles, regions.strip, regions.gap, low);
    const bool large = width() >= kLargeWidth;
    m_curves->setLayoutFor(large, regions.gap, low);
    m_providers->setLayoutFor(large, regions.gap);
    m_runBar->setNarrow(narrow);
}

void MainWindow::placePanel(bool overlaid)
{
    auto *columns = static_cast<QHBoxLayout *>(m_body->layout());
    if (overlaid) {
        columns->removeWidget(m_panel);
        m_panel->setVisible(m_panelOverlaid);
        m_panel->setGeometry(m_rail->width(), 0, m_panel->maximumWidth(), m_body->height());
        m_panel->raise();
        return;
    }
    m_panelOverlaid = false;
    if (columns->indexOf(m_panel) < 0)
        columns->insertWidget(1, m_panel);
    m_panel->setVisible(m_panelWanted);
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() == 1 && urls.first().isLocalFile())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.isEmpty())
        return;
    const QString path = urls.first().toLocalFile();
    if (isModelPath(path))
        openModel(path);
    else
        openScenario(path);
    event->acceptProposedAction();
}

void MainWindow::openModel(const QString &path)
{
    if (const engine::Result<void> opened = m_explorer->openModel(path); !opened) {
        fail(opened.error(), {}, {});
        return;
    }
    m_error->hide();
    tell(tr("Opened %1.").arg(QFileInfo(path).fileName()), true);
}

void MainWindow::openScenario(const QString &path)
{
    const engine::Result<app::Scenario> scenario = app::readScenario(path);
    if (!scenario) {
        fail(scenario.error(), {}, {});
        return;
    }
    m_error->hide();
    m_explorer->setScenario(*scenario);
    tell(tr("Opened %1.").arg(QFileInfo(path).fileName()), true);
}

void MainWindow::saveScenario(const QString &path)
{
    if (const engine::Result<void> saved = app::writeScenario(path, m_explorer->scenario()); !saved)
        fail(saved.error(), {}, {});
    else
        tell(tr("Saved %1.").arg(QFileInfo(path).fileName()), false);
}

void MainWindow::exportPicture(const QString &path)
{
    if (m_views->currentWidget()->grab().save(path))
        tell(tr("Exported %1.").arg(QFileInfo(path).fileName()), false);
    else
        fail({engine::ErrorKind::Io,
              tr("%1 cannot be written: choose a folder of your own and a name that ends in .png.")
                  .arg(path)
                  .toStdString(),
              {}},
             {}, {});
}

void MainWindow::exportData(const QString &path)
{
    const app::RunPtr run = m_runner->run()                   ? m_runner->run()
                            : m_log && !m_log->runs().empty() ? m_log->runs().back()
                                                              : nullptr;
    if (!run || !m_log)
        return;
    const std::vector<engine::Point> points = m_log->pointsOf(run->id);
    const engine::Result<void> written = path.endsWith(QLatin1String(".json"))
                                             ? app::exportJson(path, *run, points)
                                             : app::exportCsv(path, points);
    if (!written)
        fail(written.error(), {}, {});
    else
        tell(tr("Exported %n points.", nullptr, static_cast<int>(points.size())), false);
}

void MainWindow::measure(bool quick)
{
    if (m_runner->isBusy())
        return;
    const app::Scenario before = m_explorer->scenario();
    const std::optional<app::Scenario> here = measurable(before, m_explorer->inventory());
    if (!here) {
        fail({engine::ErrorKind::NotFound,
              tr("No device of this machine is known, so nothing can be measured here.")
                  .toStdString(),
              {}},
             {}, {});
        return;
    }
    m_error->hide();
    m_explorer->setScenario(*here);
    if (m_explorer->scenario().device != before.device ||
        m_explorer->scenario().model != before.model) {
        m_explorer->evaluateNow();
        const auto &findings = m_explorer->findings();
        tell(tr("Measuring %1 on this machine.").arg(findings->modelName), true);
    }
    const engine::SweepRequest request = sweepOf(m_explorer->scenario(), quick);
    if (const engine::Result<void> started = m_runner->start(request); !started) {
        m_restartable = false;
        fail(started.error(), tr("Try again"), m_runner->logTail());
    }
}

void MainWindow::stop()
{
    m_runner->stop();
}

void MainWindow::resume()
{
    m_error->hide();
    if (const engine::Result<void> resumed = m_runner->resume(); !resumed) {
        m_restartable = m_runner->canResume();
        fail(resumed.error(), tr("Try again"), m_runner->logTail());
    }
}

void MainWindow::runnerChanged(app::BenchState state)
{
    const bool busy = state != app::BenchState::Idle;
    m_measureAction->setEnabled(!busy);
    m_quickAction->setEnabled(!busy);
    m_stopAction->setEnabled(busy);
    m_resumeAction->setEnabled(!busy && m_runner->canResume());
    m_exportDataAction->setEnabled(m_log && !m_log->runs().empty());
    // What is drawn is taken from what is measured, on the same cores.
    const bool sharesCores = busy && m_explorer->findings()->deviceIsThisMachine;
    m_explorer->setPointInterval(sharesCores ? kPointIntervalMs : 0);
}

void MainWindow::runnerFinished(const app::BenchOutcome &outcome)
{
    m_resumeAction->setEnabled(m_runner->canResume());
    if (outcome.how != engine::SweepFinished::How::Failed || !outcome.error)
        return;
    m_restartable = outcome.resumable;
    fail(*outcome.error, outcome.resumable ? tr("Restart") : tr("Try again"), m_runner->logTail());
}

void MainWindow::fail(const engine::Error &error, const QString &action, const QStringList &log)
{
    QStringList details = log;
    if (details.isEmpty() && !error.detail.empty())
        details = QString::fromStdString(error.detail).split(QLatin1Char('\n'));
    m_error->tell(errorTitle(error.kind), QString::fromStdString(error.message), action, details);
}

void MainWindow::tell(const QString &sentence, bool undoable)
{
    m_toast->tell(sentence, undoable && m_explorer->canUndo() ? tr("Undo") : QString(),
                  m_runBar->height());
}

} // namespace ui
