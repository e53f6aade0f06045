// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window/main_window.h"

#include <array>

#include <QAction>
#include <QApplication>
#include <QHBoxLayout>
#include <QProxyStyle>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/views/curves_view.h"
#include "ui/views/doors.h"
#include "ui/views/providers_view.h"
#include "ui/views/rail.h"
#include "ui/views/readout_strip.h"
#include "ui/views/run_bar.h"
#include "ui/views/scenario_panel.h"
#include "ui/views/top_bar.h"
#include "ui/views/value_strip.h"
#include "ui/views/words.h"
#include "ui/widgets/error_block.h"
#include "ui/widgets/toast.h"

namespace ui {
namespace {

constexpr QSize kSmallest(960, 640);
constexpr int kLargeWidth = 1600;
constexpr int kNarrowWidth = 1100;
constexpr int kLowHeight = 720;

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

    m_doors = new Doors(m_content);
    m_doors->setObjectName(QStringLiteral("doors"));
    m_doors->hide();
    m_values = new ValueStrip(m_content);
    m_values->setObjectName(QStringLiteral("valueStrip"));
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
    content->addWidget(m_doors);
    content->addWidget(m_values);
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
    connect(m_curves, &CurvesView::priceEditRequested, this, &MainWindow::editPrice);
    connect(m_providers, &ProvidersView::priceEditRequested, this, &MainWindow::editPrice);
    connect(m_panel, &ScenarioPanel::pinRequested, this, &MainWindow::pin);
    connect(m_values, &QAbstractButton::clicked, this, &MainWindow::togglePanel);
    connect(m_doors, &Doors::compareRequested, this, [this] {
        setDoorsShown(false);
        showView(QStringLiteral("providers"));
    });
    connect(m_doors, &Doors::measureRequested, this, [this] {
        setDoorsShown(false);
        measure(true);
    });
    connect(m_doors, &Doors::openRequested, this, [this] { chooseModel(); });
    connect(m_doors, &Doors::hideRequested, this, [this] { setDoorsShown(false); });
    connect(m_explorer, &app::Explorer::pinsChanged, this, &MainWindow::showTiles);
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
    m_values->setFindings(*findings);
    showTiles();
    m_curves->setFindings(findings);
    m_providers->setFindings(findings);
    m_runBar->setFindings(*findings);
    m_topBar->setTitle(scenarioTitle(*findings), tr("on %1").arg(findings->deviceName));
    setWindowTitle(scenarioTitle(*findings) + QStringLiteral(" - Paretoscope"));
}

// Beside pinned scenarios the tiles compare with the newest of them.
void MainWindow::showTiles()
{
    const std::vector<app::Pinned> &pins = m_explorer->pins();
    const app::Findings &findings = *m_explorer->findings();
    const bool other = !pins.empty() && pins.back().scenario != findings.scenario;
    m_strip->setFindings(findings, other ? pins.back().findings.get() : nullptr);
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
    placeDoors();
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
    emit settingsChanged();
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
    m_values->setVisible(narrow);
    m_strip->setLayoutFor(narrow ? 4 : regions.tiles, regions.strip, regions.gap, low);
    const bool large = width() >= kLargeWidth;
    m_curves->setLayoutFor(large, regions.gap, low);
    m_providers->setLayoutFor(large, regions.gap);
    m_doors->setLayoutFor(large, regions.gap, low);
    placeDoors();
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

void MainWindow::togglePanel()
{
    const bool shown = m_panel->isVisible();
    (width() < kNarrowWidth ? m_panelOverlaid : m_panelWanted) = !shown;
    layOut();
}

void MainWindow::editPrice()
{
    if (!m_panel->isVisible())
        togglePanel();
    m_panel->editPrice();
}

void MainWindow::setDoorsShown(bool shown)
{
    if (m_doorsWanted == shown)
        return;
    m_doorsWanted = shown;
    placeDoors();
    emit settingsChanged();
}

// A small window needs all its height for the offers; who is there has found that door.
void MainWindow::placeDoors()
{
    m_doors->setVisible(m_doorsWanted &&
                        (width() >= kLargeWidth || m_view == QLatin1String("curves")));
}

void MainWindow::pin()
{
    if (m_explorer->pin())
        tell(tr("Pinned %1.").arg(pinTitle(*m_explorer->pins().back().findings)), false);
    else if (m_explorer->pins().size() >= app::Explorer::kMostPins)
        tell(tr("No more than %1 scenarios can be pinned: take one away first.")
                 .arg(app::Explorer::kMostPins),
             false);
    else
        tell(tr("This scenario is pinned already."), false);
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
