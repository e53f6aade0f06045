// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/error_block.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPainter>
#include <QPlainTextEdit>
#include <QVBoxLayout>

#include "ui/theme/glyphs.h"

namespace ui {
namespace {

constexpr int kLogHeight = 120;
constexpr int kDrawing = 48;

} // namespace

ErrorBlock::ErrorBlock(QWidget *parent)
    : QWidget(parent),
      m_title(new TextLabel(Type::Body, Tone::Text1, this)),
      m_message(new TextLabel(Type::Body, Tone::Text2, this)),
      m_action(new Button(Button::Kind::Standard, {}, this)),
      m_details(new Button(Button::Kind::Link, tr("Details"), this)),
      m_copy(new Button(Button::Kind::Link, tr("Copy"), this)),
      m_close(new Button(Icon::Close, tr("Dismiss"), this)),
      m_log(new QPlainTextEdit(this))
{
    m_title->setWeight(600);
    m_message->setWrapped(true);
    m_log->setReadOnly(true);
    m_log->setFixedHeight(kLogHeight);
    m_log->setVisible(false);
    m_log->setAccessibleName(tr("Last lines of the engine's log"));
    m_copy->setVisible(false);
    m_details->setCheckable(true);
    for (Button *button : {m_action, m_details, m_copy, m_close})
        button->setSmall(true);

    auto *words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(m_title);
    words->addWidget(m_message);
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    row->addLayout(words, 1);
    row->addWidget(m_copy, 0, Qt::AlignTop);
    row->addWidget(m_details, 0, Qt::AlignTop);
    row->addWidget(m_action, 0, Qt::AlignTop);
    row->addWidget(m_close, 0, Qt::AlignTop);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(40, 10, 10, 10);
    layout->setSpacing(8);
    layout->addLayout(row);
    layout->addWidget(m_log);

    connect(m_action, &QAbstractButton::clicked, this, &ErrorBlock::actionRequested);
    connect(m_close, &QAbstractButton::clicked, this, &ErrorBlock::dismissed);
    connect(m_details, &QAbstractButton::toggled, this, [this](bool open) {
        m_log->setVisible(open);
        m_copy->setVisible(open);
    });
    connect(m_copy, &QAbstractButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(plainText(m_title->text()) + QLatin1Char('\n') +
                                              plainText(m_message->text()) + QLatin1Char('\n') +
                                              logText());
    });
}

void ErrorBlock::tell(const QString &title, const QString &message, const QString &action,
                      const QStringList &log)
{
    m_title->setText(title);
    m_message->setText(message);
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    m_log->setPlainText(log.join(QLatin1Char('\n')));
    m_details->setVisible(!log.isEmpty());
    m_details->setChecked(false);
    setAccessibleName(title + QStringLiteral(". ") + message);
    setVisible(true);
}

QString ErrorBlock::logText() const
{
    return m_log->toPlainText();
}

void ErrorBlock::themeChanged()
{
    m_log->setFont(theme().fixedFont);
    update();
}

void ErrorBlock::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool bordered = theme().kind == ThemeKind::HighContrast;
    painter.setPen(bordered ? QPen(theme().bad, 2) : QPen(Qt::NoPen));
    painter.setBrush(theme().badBg);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), theme().radiusControl,
                            theme().radiusControl);
    paintVerdict(painter, Verdict::Bad, {21, 21}, 16, theme().bad, theme().badBg);
}

EmptyState::EmptyState(Icon icon, const QString &sentence, const QString &action, QWidget *parent)
    : QWidget(parent),
      m_icon(icon),
      m_sentence(new TextLabel(Type::Body, Tone::Text2, this)),
      m_action(new Button(Button::Kind::Standard, action, this))
{
    m_sentence->setWrapped(true);
    m_sentence->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    m_sentence->setText(sentence);
    m_action->setVisible(!action.isEmpty());
    auto *layout = new QVBoxLayout(this);
    layout->addStretch();
    layout->addSpacing(kDrawing + 12);
    layout->addWidget(m_sentence);
    layout->addSpacing(12);
    layout->addWidget(m_action, 0, Qt::AlignHCenter);
    layout->addStretch();
    connect(m_action, &QAbstractButton::clicked, this, &EmptyState::actionRequested);
}

void EmptyState::setSentence(const QString &sentence)
{
    m_sentence->setText(sentence);
}

void EmptyState::themeChanged()
{
    update();
}

void EmptyState::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    paintIcon(
        painter, m_icon,
        QRectF((width() - kDrawing) / 2.0, m_sentence->y() - kDrawing - 12.0, kDrawing, kDrawing),
        theme().strokeControl);
}

} // namespace ui
