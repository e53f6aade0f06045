// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/scenario_panel.h"

#include <array>
#include <cmath>

#include <QHBoxLayout>
#include <QLineEdit>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include "app/explore/inventory.h"
#include "ui/widgets/format.h"
#include "ui/widgets/text_label.h"

namespace ui {
namespace {

constexpr std::array kMixes{1.0, 3.0, 10.0};
constexpr double kLowestPrice = 0.01; // dollars an hour
constexpr double kHighestPrice = 100;
constexpr double kMicro = 1e6;

QString formatName(engine::DType type)
{
    return QString::fromLatin1(engine::dtypeName(type).data(),
                               static_cast<qsizetype>(engine::dtypeName(type).size()))
        .toUpper();
}

int mixIndex(double inputPerOutput)
{
    for (std::size_t i = 0; i < kMixes.size(); ++i) {
        if (kMixes[i] == inputPerOutput)
            return static_cast<int>(i);
    }
    return -1;
}

void showRange(LogSlider *slider, const app::AxisRange &range, app::AxisRange &shown)
{
    if (range == shown)
        return;
    if (range.lowest != shown.lowest || range.highest != shown.highest) {
        slider->setScale(
            binaryScale(static_cast<double>(range.lowest), static_cast<double>(range.highest)));
    }
    shown = range;
    QList<double> measured;
    for (std::int64_t value : range.measured)
        measured.append(static_cast<double>(value));
    slider->setMeasured(measured);
    slider->setLastFitting(range.lastFitting
                               ? std::optional<double>(static_cast<double>(*range.lastFitting))
                               : std::nullopt);
}

} // namespace

ScenarioPanel::ScenarioPanel(app::Explorer *explorer, QWidget *parent)
    : QWidget(parent), m_explorer(explorer)
{
    auto *content = new QWidget;
    auto *groups = new QVBoxLayout(content);
    groups->setContentsMargins(14, 10, 14, 8);
    groups->setSpacing(6);
    buildWhat(groups);
    buildLoad(groups);
    buildMoney(groups);
    buildLimits(groups);
    groups->addStretch();

    m_scroll = new QScrollArea(this);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setWidget(content);

    auto *pin = new Button(Button::Kind::Standard, tr("Pin as ghost"), this);
    pin->setObjectName(QStringLiteral("pinButton"));
    pin->setToolTip(tr("Keeps these curves on the charts, pale, to compare with (P)"));
    connect(pin, &QAbstractButton::clicked, this, &ScenarioPanel::pinRequested);
    auto *reset = new Button(Button::Kind::Standard, tr("Reset"), this);
    reset->setObjectName(QStringLiteral("resetButton"));
    connect(reset, &QAbstractButton::clicked, this,
            [this] { m_explorer->setScenario(app::defaultScenario(m_explorer->inventory())); });
    auto *bottom = new QHBoxLayout;
    bottom->setContentsMargins(14, 8, 14, 12);
    bottom->setSpacing(8);
    bottom->addWidget(pin);
    bottom->addWidget(reset);
    bottom->addStretch();

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 1, 0);
    layout->setSpacing(0);
    layout->addWidget(m_scroll, 1);
    layout->addLayout(bottom);

    connect(m_explorer, &app::Explorer::inventoryChanged, this, [this] {
        fillModels();
        fillDevices();
    });
    connect(m_explorer, &app::Explorer::scenarioChanged, this, &ScenarioPanel::showScenario);
    fillModels();
    fillDevices();
    setFindings(*m_explorer->findings());
    showScenario(m_explorer->scenario());
}

void ScenarioPanel::addTitle(QVBoxLayout *layout, const QString &text)
{
    auto *title = new TextLabel(Type::Note, Tone::Text3, this);
    title->setWeight(600);
    title->setText(text);
    layout->addWidget(title);
}

void ScenarioPanel::buildWhat(QVBoxLayout *layout)
{
    const auto labelled = [this](const QString &text, QWidget *control) {
        auto *column = new QVBoxLayout;
        column->setSpacing(4);
        auto *label = new TextLabel(Type::Body, Tone::Text2, this);
        label->setText(text);
        column->addWidget(label);
        column->addWidget(control);
        return column;
    };
    addTitle(layout, tr("What"));
    m_model = new SearchCombo(tr("Model"), this);
    m_model->setObjectName(QStringLiteral("modelCombo"));
    m_device = new SearchCombo(tr("Where"), this);
    m_device->setObjectName(QStringLiteral("deviceCombo"));
    m_format = new SearchCombo(tr("Numbers"), this);
    m_format->setObjectName(QStringLiteral("formatCombo"));
    layout->addLayout(labelled(tr("Model"), m_model));
    layout->addSpacing(2);
    layout->addLayout(labelled(tr("Where"), m_device));
    layout->addSpacing(2);
    layout->addLayout(labelled(tr("Number format"), m_format));
    layout->addSpacing(12);
    connect(m_model, &SearchCombo::chosen, this, [this](const QString &id) {
        m_explorer->setScenario(
            app::withModel(m_explorer->scenario(), m_explorer->inventory(), id));
    });
    connect(m_device, &SearchCombo::chosen, this, [this](const QString &id) {
        m_explorer->setScenario(app::onDevice(m_explorer->scenario(), m_explorer->inventory(), id));
    });
    connect(m_format, &SearchCombo::chosen, this, [this](const QString &id) {
        const std::optional<engine::DType> type = engine::dtypeFromName(id.toStdString());
        if (!type)
            return;
        edit([type](app::Scenario &scenario) { scenario.dtype = *type; }, app::Edit::Settle);
    });
}

void ScenarioPanel::buildLoad(QVBoxLayout *layout)
{
    addTitle(layout, tr("Load"));
    m_batch = new LogSlider(tr("Batch"), this);
    m_batch->setObjectName(QStringLiteral("batchSlider"));
    m_batch->setToolTip(tr("Requests that are served together"));
    m_context = new LogSlider(tr("Context"), this);
    m_context->setObjectName(QStringLiteral("contextSlider"));
    m_context->setUnit(tr("in"));
    m_context->setToolTip(tr("Tokens of each prompt"));
    m_output = new LogSlider(tr("Output"), this);
    m_output->setObjectName(QStringLiteral("outputSlider"));
    m_output->setUnit(tr("tokens"));
    m_output->setToolTip(tr("Tokens of each answer"));
    for (LogSlider *slider : {m_batch, m_context, m_output})
        layout->addWidget(slider);
    layout->addSpacing(8);
    bind(m_batch, [](app::Scenario &scenario, double value) {
        scenario.workload.batch = std::llround(value);
    });
    bind(m_context, [](app::Scenario &scenario, double value) {
        scenario.workload.contextTokens = std::llround(value);
    });
    bind(m_output, [](app::Scenario &scenario, double value) {
        scenario.workload.outputTokens = std::llround(value);
    });
}

void ScenarioPanel::buildMoney(QVBoxLayout *layout)
{
    addTitle(layout, tr("Money"));
    m_price = new LogSlider(tr("Price of the device"), this);
    m_price->setObjectName(QStringLiteral("priceSlider"));
    m_price->setUnit(tr("/ h"));
    m_price->setScale(moneyScale(kLowestPrice, kHighestPrice));
    m_utilisation = new LogSlider(tr("Utilisation"), this);
    m_utilisation->setObjectName(QStringLiteral("utilisationSlider"));
    m_utilisation->setScale(percentScale(0.1));
    m_utilisation->setToolTip(tr("Share of the hour that is paid work"));
    m_cached = new LogSlider(tr("Cached share of the input"), this);
    m_cached->setObjectName(QStringLiteral("cachedSlider"));
    m_cached->setScale(percentScale(0));
    m_mix = new SegmentedSwitch({tr("1 : 1"), tr("3 : 1"), tr("10 : 1")}, this);
    m_mix->setObjectName(QStringLiteral("mixSwitch"));
    m_mix->setStretched(true);
    m_mix->setAccessibleName(tr("Input : output"));
    auto *mixLabel = new TextLabel(Type::Body, Tone::Text1, this);
    mixLabel->setText(tr("Input : output"));
    layout->addWidget(m_price);
    layout->addWidget(m_utilisation);
    layout->addWidget(mixLabel);
    layout->addWidget(m_mix);
    layout->addSpacing(6);
    layout->addWidget(m_cached);
    layout->addSpacing(8);
    bind(m_price, [](app::Scenario &scenario, double value) {
        scenario.usdPerHour = std::llround(value * kMicro);
    });
    bind(m_utilisation,
         [](app::Scenario &scenario, double value) { scenario.utilisation = value; });
    bind(m_cached, [](app::Scenario &scenario, double value) { scenario.cachedShare = value; });
    connect(m_mix, &SegmentedSwitch::chosen, this, [this](int index) {
        const double mix = kMixes.at(static_cast<std::size_t>(index));
        edit([mix](app::Scenario &scenario) { scenario.inputPerOutput = mix; }, app::Edit::Settle);
    });
}

void ScenarioPanel::buildLimits(QVBoxLayout *layout)
{
    addTitle(layout, tr("Limits"));
    m_ttftLimit = new LimitRow(tr("First token"), LimitRow::Relation::AtMost, this);
    m_ttftLimit->setObjectName(QStringLiteral("ttftLimit"));
    m_ttftLimit->setTexts([](double ms) { return formatDuration(ms / 1e3).trimmed().text(); },
                          [](const QString &text) -> std::optional<double> {
                              QString digits = text.trimmed();
                              double unit = 1;
                              if (digits.endsWith(QLatin1String("ms")))
                                  digits.chop(2);
                              else if (digits.endsWith(QLatin1Char('s'))) {
                                  digits.chop(1);
                                  unit = 1e3;
                              } else {
                                  unit = 1e3;
                              }
                              const std::optional<double> value = parseNumber(digits);
                              return value ? std::optional<double>(*value * unit) : std::nullopt;
                          });
    m_speedLimit = new LimitRow(tr("Speed"), LimitRow::Relation::AtLeast, this);
    m_speedLimit->setObjectName(QStringLiteral("speedLimit"));
    m_speedLimit->setTexts(
        [](double rate) { return formatRate(rate).trimmed().text(); },
        [](QString text) { return parseNumber(text.remove(QStringLiteral("tok/s"))); });
    m_costLimit = new LimitRow(tr("Cost"), LimitRow::Relation::AtMost, this);
    m_costLimit->setObjectName(QStringLiteral("costLimit"));
    m_costLimit->setTexts([](double usd) { return formatMoney(usd).trimmed().text(); },
                          [](const QString &text) { return parseNumber(text); });
    for (LimitRow *row : {m_ttftLimit, m_speedLimit, m_costLimit})
        layout->addWidget(row);
    connect(m_ttftLimit, &LimitRow::edited, this, [this](bool on, double value) {
        edit(
            [=](app::Scenario &scenario) {
                scenario.limits.ttftMs = {on, value};
            },
            app::Edit::Settle);
    });
    connect(m_speedLimit, &LimitRow::edited, this, [this](bool on, double value) {
        edit(
            [=](app::Scenario &scenario) {
                scenario.limits.tokensPerSecond = {on, value};
            },
            app::Edit::Settle);
    });
    connect(m_costLimit, &LimitRow::edited, this, [this](bool on, double value) {
        edit(
            [=](app::Scenario &scenario) {
                scenario.limits.usdPerMillion = {on, value};
            },
            app::Edit::Settle);
    });
}

void ScenarioPanel::bind(LogSlider *slider, std::function<void(app::Scenario &, double)> set)
{
    connect(slider, &LogSlider::previewed, this, [this, set](double value) {
        emit heldChanged(true);
        edit([&](app::Scenario &scenario) { set(scenario, value); }, app::Edit::Preview);
    });
    connect(slider, &LogSlider::settled, this, [this, set](double value) {
        edit([&](app::Scenario &scenario) { set(scenario, value); }, app::Edit::Settle);
        emit heldChanged(false);
    });
}

void ScenarioPanel::edit(const Change &change, app::Edit kind)
{
    app::Scenario scenario = m_explorer->scenario();
    change(scenario);
    m_explorer->setScenario(scenario, kind);
}

void ScenarioPanel::fillModels()
{
    QList<ComboEntry> entries;
    for (const app::ModelEntry &model : m_explorer->inventory().models) {
        const bool opened = !model.path.isEmpty();
        entries.append({.id = model.id,
                        .name = model.name,
                        .detail = formatParameters(model.parameters),
                        .section = opened ? tr("Opened from this computer") : tr("Known shapes"),
                        .unavailable = {}});
    }
    m_model->setEntries(entries);
}

void ScenarioPanel::fillDevices()
{
    QList<ComboEntry> entries;
    for (const app::DeviceEntry &device : m_explorer->inventory().devices) {
        const QString memory = formatBytes(device.spec.memory.value).text();
        entries.append({.id = device.id,
                        .name = device.name,
                        .detail = memory,
                        .section = device.thisMachine ? tr("This machine, can be measured")
                                                      : tr("By data sheet, estimated"),
                        .unavailable = {}});
    }
    m_device->setEntries(entries);
}

void ScenarioPanel::fillFormats(const QString &device)
{
    const app::DeviceEntry *entry = m_explorer->inventory().device(device);
    QList<ComboEntry> entries;
    for (engine::DType type : engine::kAllDTypes) {
        const bool offered = !entry || entry->spec.denseRate.contains(type);
        const double bytes = engine::bytesPerElement(type);
        entries.append({.id = formatName(type).toLower(),
                        .name = formatName(type),
                        .detail = tr("%1 bytes a weight").arg(QString::number(bytes, 'g', 3)),
                        .section = {},
                        .unavailable = offered ? QString() : tr("not offered by this device")});
    }
    m_format->setEntries(entries);
}

void ScenarioPanel::setFindings(const app::Findings &findings)
{
    showRange(m_batch, findings.batch, m_batchRange);
    showRange(m_context, findings.context, m_contextRange);
    showRange(m_output, findings.output, m_outputRange);
    showScenario(m_explorer->scenario());
}

void ScenarioPanel::showScenario(const app::Scenario &scenario)
{
    if (m_device->current() != scenario.device || m_format->entries().isEmpty())
        fillFormats(scenario.device);
    m_model->setCurrent(scenario.model);
    m_device->setCurrent(scenario.device);
    m_format->setCurrent(formatName(scenario.dtype).toLower());
    m_batch->setValue(static_cast<double>(scenario.workload.batch));
    m_context->setValue(static_cast<double>(scenario.workload.contextTokens));
    m_output->setValue(static_cast<double>(scenario.workload.outputTokens));
    m_price->setValue(static_cast<double>(scenario.usdPerHour) / kMicro);
    m_utilisation->setValue(scenario.utilisation);
    m_cached->setValue(scenario.cachedShare);
    m_mix->setCurrent(mixIndex(scenario.inputPerOutput));
    m_ttftLimit->setLimit(scenario.limits.ttftMs.on, scenario.limits.ttftMs.value);
    m_speedLimit->setLimit(scenario.limits.tokensPerSecond.on,
                           scenario.limits.tokensPerSecond.value);
    m_costLimit->setLimit(scenario.limits.usdPerMillion.on, scenario.limits.usdPerMillion.value);
}

void ScenarioPanel::editPrice()
{
    m_scroll->ensureWidgetVisible(m_price);
    m_price->field()->setFocus(Qt::OtherFocusReason);
    m_price->field()->selectAll();
}

void ScenarioPanel::themeChanged()
{
    update();
}

void ScenarioPanel::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), theme().card);
    painter.setPen(QPen(theme().strokeCard, 1));
    painter.drawLine(QPointF(width() - 0.5, 0), QPointF(width() - 0.5, height()));
}

} // namespace ui
