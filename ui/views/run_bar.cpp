// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/run_bar.h"

#include <algorithm>

#include <QHBoxLayout>
#include <QPainter>

#include "ui/widgets/format.h"

namespace ui {
namespace {

constexpr int kProgressIntervalMs = 250;

QString phaseText(const engine::SweepProgress &progress)
{
    if (progress.phase == "loading")
        return RunBar::tr("Loading the model");
    if (progress.phase == "ceilings")
        return RunBar::tr("Measuring what this machine can do at best");
    QString text = RunBar::tr("%1 of %2 points").arg(progress.cellsDone).arg(progress.cellsTotal);
    if (progress.round > 1)
        text += RunBar::tr(", round %1").arg(progress.round);
    if (progress.batch > 0) {
        text += QStringLiteral(" · ") + RunBar::tr("batch %1, context %2")
                                            .arg(progress.batch)
                                            .arg(formatCount(progress.contextTokens));
    }
    return text;
}

} // namespace

RunBar::RunBar(app::Explorer *explorer, app::BenchRunner *runner, QWidget *parent)
    : QWidget(parent),
      m_explorer(explorer),
      m_runner(runner),
      m_measure(new Button(Button::Kind::Primary, tr("Measure"), this)),
      m_badge(new Badge(Provenance::Measured, BadgeForm::Word, this)),
      m_status(new TextLabel(Type::Axis, Tone::Text2, this)),
      m_progress(new ProgressRow(this)),
      m_catalog(new TextLabel(Type::Axis, Tone::Text3, this)),
      m_theme(new Button(Button::Kind::Quiet, tr("Dark"), this))
{
    m_measure->setObjectName(QStringLiteral("measureButton"));
    m_measure->setSmall(true);
    m_theme->setObjectName(QStringLiteral("themeButton"));
    m_theme->setSmall(true);
    m_theme->setToolTip(tr("Dark, light, high contrast"));
    m_status->setObjectName(QStringLiteral("statusText"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(16, 0, 10, 0);
    layout->setSpacing(12);
    layout->addWidget(m_measure);
    layout->addWidget(m_badge);
    layout->addWidget(m_status, 1);
    layout->addWidget(m_progress, 1);
    layout->addWidget(m_catalog);
    layout->addWidget(m_theme);
    setFixedHeight(44);

    connect(m_measure, &QAbstractButton::clicked, this, [this] {
        if (m_runner->isBusy())
            emit stopRequested();
        else
            emit measureRequested();
    });
    connect(m_theme, &QAbstractButton::clicked, this, &RunBar::themeRequested);
    connect(m_runner, &app::BenchRunner::stateChanged, this, &RunBar::showState);
    connect(m_runner, &app::BenchRunner::finished, this, &RunBar::showStatus);
    m_progressFrame.setSingleShot(true);
    m_progressFrame.setInterval(kProgressIntervalMs);
    connect(&m_progressFrame, &QTimer::timeout, this, &RunBar::showProgress);
    connect(m_runner, &app::BenchRunner::progressChanged, this, [this] {
        if (!m_progressFrame.isActive())
            m_progressFrame.start();
    });
    const app::CatalogPtr catalog = explorer->catalog();
    if (catalog && catalog->seedDate.isValid())
        m_catalog->setText(tr("Catalog %1").arg(catalog->seedDate.toString(Qt::ISODate)));
    showState();
}

void RunBar::setFindings(const app::Findings &findings)
{
    std::size_t measured = 0;
    for (const app::Curve &curve : findings.curves)
        measured = std::max(measured, curve.dots.size());
    m_here = findings.deviceIsThisMachine;
    m_measured = measured;
    showStatus();
}

void RunBar::setThemeWord(const QString &word, Icon icon)
{
    m_theme->setText(word);
    m_theme->setIconKind(icon);
    m_theme->updateGeometry();
}

void RunBar::setNarrow(bool narrow)
{
    m_catalog->setVisible(!narrow);
}

void RunBar::showState()
{
    const bool busy = m_runner->isBusy();
    const bool stopping = m_runner->state() == app::BenchState::Stopping;
    m_measure->setText(busy ? tr("Stop") : m_here ? tr("Measure") : tr("Measure this machine"));
    m_measure->setKind(busy ? Button::Kind::Standard : Button::Kind::Primary);
    m_measure->setEnabled(!stopping);
    m_measure->setAccessibleName(m_measure->text());
    m_measure->updateGeometry();
    m_progress->setVisible(busy);
    m_status->setVisible(!busy);
    m_badge->setVisible(!busy && m_measured > 0);
    if (m_runner->state() == app::BenchState::Starting) {
        m_progress->begin();
        m_progress->setProgress(0, tr("Starting the engine"), std::nullopt);
    }
    showStatus();
}

void RunBar::showProgress()
{
    if (!m_runner->isBusy())
        return;
    const engine::SweepProgress &progress = m_runner->progress();
    m_progress->setProgress(progress.fraction, phaseText(progress), progress.secondsLeft);
}

void RunBar::showStatus()
{
    if (m_runner->isBusy())
        return;
    m_measure->setText(m_here ? tr("Measure") : tr("Measure this machine"));
    m_measure->updateGeometry();
    m_badge->setVisible(m_measured > 0);
    if (m_measured > 0) {
        const std::optional<app::BenchOutcome> &outcome = m_runner->lastOutcome();
        const QString points =
            tr("%n points on these curves", nullptr, static_cast<int>(m_measured));
        m_status->setText(outcome && outcome->resumable
                              ? points + tr("; the sweep can go on (Measure > Go on)")
                              : points);
        return;
    }
    QString found = tr("this machine");
    for (const app::DeviceEntry &device : m_explorer->inventory().devices) {
        if (device.thisMachine)
            found = tr("%1, %2").arg(device.name, formatBytes(device.spec.memory.value).text());
    }
    m_status->setText(
        tr("Found: %1. Estimates and offers work without measuring.").arg(strong(found)));
}

void RunBar::themeChanged()
{
    update();
}

void RunBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), theme().rail);
    painter.setPen(QPen(theme().strokeCard, 1));
    painter.drawLine(QPointF(0, 0.5), QPointF(width(), 0.5));
}

} // namespace ui
