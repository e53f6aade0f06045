// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLineEdit>
#include <QListView>
#include <QSignalSpy>
#include <QTest>

#include "ui/widgets/chip.h"
#include "ui/widgets/digits.h"
#include "ui/widgets/error_block.h"
#include "ui/widgets/limit_row.h"
#include "ui/widgets/log_slider.h"
#include "ui/widgets/progress_row.h"
#include "ui/widgets/row_table.h"
#include "ui/widgets/search_combo.h"
#include "ui/widgets/segmented_switch.h"
#include "ui/widgets/text_label.h"

using namespace ui;

namespace {

constexpr int kGrooveY = 36;

QPoint at(const LogSlider &slider, double value)
{
    return {static_cast<int>(std::lround(slider.positionOf(value))), kGrooveY};
}

std::unique_ptr<LogSlider> batchSlider()
{
    auto slider = std::make_unique<LogSlider>(QStringLiteral("Batch"));
    slider->setScale(binaryScale(1, 256));
    slider->setValue(8);
    slider->resize(240, 62);
    slider->show();
    return slider;
}

} // namespace

class WidgetsTest : public QObject
{
    Q_OBJECT

private slots:
    void SettingAValueSaysNothing()
    {
        const auto slider = batchSlider();
        QSignalSpy previewed(slider.get(), &LogSlider::previewed);
        QSignalSpy settled(slider.get(), &LogSlider::settled);
        slider->setValue(32);
        slider->setScale(binaryScale(1, 128));
        QCOMPARE(slider->value(), 32.0);
        QCOMPARE(slider->field()->text(), QStringLiteral("32"));
        QCOMPARE(previewed.size() + settled.size(), 0);
    }

    void DragPreviewsEachTickAndSettlesOnce()
    {
        const auto slider = batchSlider();
        QSignalSpy previewed(slider.get(), &LogSlider::previewed);
        QSignalSpy settled(slider.get(), &LogSlider::settled);
        QTest::mousePress(slider.get(), Qt::LeftButton, {}, at(*slider, 8));
        QTest::mouseMove(slider.get(), at(*slider, 16) + QPoint(2, 0));
        QTest::mouseMove(slider.get(), at(*slider, 64) - QPoint(2, 0));
        // What comes back while the hand is on the slider must not move it.
        slider->setValue(8);
        QCOMPARE(slider->value(), 64.0);
        QTest::mouseRelease(slider.get(), Qt::LeftButton, {}, at(*slider, 64));
        QCOMPARE(previewed.size(), 2);
        QCOMPARE(settled.size(), 1);
        QCOMPARE(settled.first().first().toDouble(), 64.0);
    }

    void ShiftIsFreeAndControlIsAnEighth()
    {
        const auto slider = batchSlider();
        const QPoint between(static_cast<int>(slider->positionOf(20)), kGrooveY);
        QTest::mousePress(slider.get(), Qt::LeftButton, Qt::ShiftModifier, between);
        QTest::mouseRelease(slider.get(), Qt::LeftButton, Qt::ShiftModifier, between);
        QVERIFY(std::abs(slider->value() - 20) <= 1);
        QTest::mousePress(slider.get(), Qt::LeftButton, Qt::ControlModifier, between);
        QTest::mouseRelease(slider.get(), Qt::LeftButton, Qt::ControlModifier, between);
        // Eighths of the step from 16 to 32: 16 x 2^(k/8).
        const double eighths = std::log2(slider->value() / 16) * 8;
        QVERIFY(std::abs(eighths - std::lround(eighths)) < 0.35);
    }

    void KeysStepByTicksAndAHeldKeyIsOneStep()
    {
        const auto slider = batchSlider();
        slider->setFocus();
        QSignalSpy settled(slider.get(), &LogSlider::settled);
        QTest::keyClick(slider.get(), Qt::Key_Right);
        QCOMPARE(slider->value(), 16.0);
        QTest::keyClick(slider.get(), Qt::Key_PageUp);
        QCOMPARE(slider->value(), 256.0);
        QTest::keyClick(slider.get(), Qt::Key_Home);
        QCOMPARE(slider->value(), 1.0);
        QTest::keyClick(slider.get(), Qt::Key_End);
        QCOMPARE(slider->value(), 256.0);
        QCOMPARE(settled.size(), 4);
        QTest::keyPress(slider.get(), Qt::Key_Left);
        QTest::keyPress(slider.get(), Qt::Key_Left);
        QTest::keyRelease(slider.get(), Qt::Key_Left);
        QCOMPARE(slider->value(), 64.0);
        QCOMPARE(settled.size(), 5);
    }

    void StepFromBetweenTicksGoesToTheNextTick()
    {
        const auto slider = batchSlider();
        slider->setValue(20);
        slider->stepBy(1);
        QCOMPARE(slider->value(), 32.0);
        slider->setValue(20);
        slider->stepBy(-1);
        QCOMPARE(slider->value(), 16.0);
    }

    void TypedValuesAreTakenClampedAndSaid()
    {
        const auto slider = batchSlider();
        slider->setScale(binaryScale(64, 131072));
        QSignalSpy settled(slider.get(), &LogSlider::settled);
        QLineEdit *field = slider->field();
        const auto type = [&](const QString &text) {
            field->setFocus();
            field->selectAll();
            QTest::keyClicks(field, text);
            QTest::keyClick(field, Qt::Key_Return);
        };
        type(QStringLiteral("8K"));
        QCOMPARE(slider->value(), 8192.0);
        QCOMPARE(field->text(), QStringLiteral("8K"));
        QVERIFY(slider->notice().isEmpty());
        type(QStringLiteral("3000"));
        QCOMPARE(slider->value(), 3000.0);
        type(QStringLiteral("9M"));
        QCOMPARE(slider->value(), 131072.0);
        QVERIFY(slider->notice().contains(QStringLiteral("128K")));
        type(QStringLiteral("nonsense"));
        QCOMPARE(slider->value(), 131072.0);
        QVERIFY(!slider->notice().isEmpty());
        QCOMPARE(settled.size(), 3);
    }

    void EscapeRestoresTheField()
    {
        const auto slider = batchSlider();
        QSignalSpy settled(slider.get(), &LogSlider::settled);
        slider->field()->setFocus();
        slider->field()->selectAll();
        QTest::keyClicks(slider->field(), QStringLiteral("99"));
        QTest::keyClick(slider->field(), Qt::Key_Escape);
        QCOMPARE(slider->field()->text(), QStringLiteral("8"));
        QCOMPARE(settled.size(), 0);
    }

    void HandleAndValueAreInverse()
    {
        const auto slider = batchSlider();
        for (double value : {1.0, 3.0, 17.0, 256.0})
            QVERIFY(std::abs(slider->valueAt(slider->positionOf(value)) / value - 1) < 1e-9);
    }

    void SwitchAnnouncesTheUsersChoiceOnly()
    {
        SegmentedSwitch words({QStringLiteral("Batch"), QStringLiteral("Context")});
        words.resize(words.sizeHint());
        words.show();
        QSignalSpy chosen(&words, &SegmentedSwitch::chosen);
        words.setCurrent(1);
        QCOMPARE(chosen.size(), 0);
        QTest::mouseClick(&words, Qt::LeftButton, {}, QPoint(6, 10));
        QCOMPARE(words.current(), 0);
        QTest::keyClick(&words, Qt::Key_Right);
        QTest::keyClick(&words, Qt::Key_Right);
        QCOMPARE(words.current(), 1);
        QCOMPARE(chosen.size(), 2);
    }

    void ComboFiltersByTypingAndRefusesTheUnavailable()
    {
        SearchCombo combo(QStringLiteral("Model"));
        combo.setEntries({{QStringLiteral("a"), QStringLiteral("Alpha 7B"), {}, {}, {}},
                          {QStringLiteral("b"),
                           QStringLiteral("Beta 8B"),
                           {},
                           {},
                           QStringLiteral("does not fit")},
                          {QStringLiteral("g"), QStringLiteral("Gamma 9B"), {}, {}, {}}});
        combo.setCurrent(QStringLiteral("a"));
        combo.resize(200, 32);
        combo.show();
        QSignalSpy chosen(&combo, &SearchCombo::chosen);
        const auto pick = [&](const QString &text) {
            combo.openList();
            auto *filter = combo.findChild<QLineEdit *>(QStringLiteral("comboFilter"));
            QVERIFY(filter);
            QTest::keyClicks(filter, text);
            QTest::keyClick(filter, Qt::Key_Return);
            if (QWidget *popup = filter->window(); popup->isVisible())
                popup->close();
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        };
        pick(QStringLiteral("gam"));
        QCOMPARE(combo.current(), QStringLiteral("g"));
        pick(QStringLiteral("beta"));
        QCOMPARE(combo.current(), QStringLiteral("g"));
        QCOMPARE(chosen.size(), 1);
    }

    void LimitKeepsItsValueWhileOffAndTypingSwitchesItOn()
    {
        LimitRow row(QStringLiteral("Cost"), LimitRow::Relation::AtMost);
        row.setTexts([](double value) { return QString::number(value); },
                     [](const QString &text) { return parseNumber(text); });
        row.setLimit(false, 3);
        row.resize(240, 32);
        row.show();
        QSignalSpy edited(&row, &LimitRow::edited);
        QTest::mouseClick(row.check(), Qt::LeftButton);
        QCOMPARE(edited.size(), 1);
        QTest::mouseClick(row.check(), Qt::LeftButton);
        QCOMPARE(row.value(), 3.0);
        row.field()->setFocus();
        row.field()->selectAll();
        QTest::keyClicks(row.field(), QStringLiteral("5"));
        QTest::keyClick(row.field(), Qt::Key_Return);
        QVERIFY(row.isOn());
        QCOMPARE(edited.last().at(1).toDouble(), 5.0);
    }

    void DoubleClickSolosAChipAndLeavesItOn()
    {
        Chip chip(0, QStringLiteral("estimated"));
        chip.resize(chip.sizeHint());
        chip.show();
        QSignalSpy solo(&chip, &Chip::soloRequested);
        QTest::mouseDClick(&chip, Qt::LeftButton);
        QCOMPARE(solo.size(), 1);
        QVERIFY(chip.isChecked());
        QTest::mouseClick(&chip, Qt::LeftButton);
        QVERIFY(!chip.isChecked());
    }

    void DigitsHaveOneWidth()
    {
        const QFont font = makeTheme(ThemeKind::Dark).font(Type::Figure);
        QCOMPARE(digitsWidth(QStringLiteral("111"), font),
                 digitsWidth(QStringLiteral("888"), font));
        QVERIFY(digitsWidth(QStringLiteral("1.11"), font) >
                digitsWidth(QStringLiteral("111"), font));
    }

    void TableIsChosenByMouseAndKeysAndCopiesAsText()
    {
        RowTable table({QStringLiteral("offer"), QStringLiteral("price")});
        table.setRows({{QStringLiteral("a"), {}, {QStringLiteral("A"), QStringLiteral("$1")}},
                       {QStringLiteral("b"), {}, {QStringLiteral("B"), QStringLiteral("$2")}}});
        table.resize(300, 120);
        table.show();
        QSignalSpy chosen(&table, &RowTable::chosen);
        QTest::mouseClick(&table, Qt::LeftButton, {}, table.rowRect(1).center().toPoint());
        QCOMPARE(table.selected(), QStringLiteral("b"));
        QTest::keyClick(&table, Qt::Key_Up);
        QCOMPARE(table.selected(), QStringLiteral("a"));
        QCOMPARE(chosen.size(), 2);
        QCOMPARE(table.text(), QStringLiteral("offer\tprice\nA\t$1\nB\t$2"));
    }

    void NamesFromOutsideAreNeverMarkup()
    {
        TextLabel label(Type::Body, Tone::Text1);
        label.setText(QStringLiteral("<b>A</b> & ") + strong(QStringLiteral("B")));
        QCOMPARE(label.accessibleName(), QStringLiteral("<b>A</b> & B"));
    }

    void TimeLeftAppearsLateAndDoesNotFlicker()
    {
        ProgressRow row;
        row.begin();
        row.setProgress(0.1, QStringLiteral("1 of 10 points"), 100);
        QCOMPARE(row.words(), QStringLiteral("1 of 10 points"));
        QTRY_VERIFY_WITH_TIMEOUT((row.setProgress(0.2, QStringLiteral("2 of 10 points"), 95),
                                  row.words().contains(QStringLiteral("left"))),
                                 4000);
        const QString before = row.words();
        row.setProgress(0.2, QStringLiteral("2 of 10 points"), 110);
        QCOMPARE(row.words(), before);
        row.setProgress(0.2, QStringLiteral("2 of 10 points"), 400);
        QVERIFY(row.words() != before);
    }

    void ErrorKeepsItsLogBehindDetails()
    {
        ErrorBlock block;
        block.tell(QStringLiteral("The engine stopped"), QStringLiteral("It was killed."),
                   QStringLiteral("Restart"), {QStringLiteral("last line")});
        QSignalSpy action(&block, &ErrorBlock::actionRequested);
        QVERIFY(block.isVisible());
        QCOMPARE(block.logText(), QStringLiteral("last line"));
        QTest::mouseClick(block.detailsButton(), Qt::LeftButton);
        QTest::mouseClick(block.actionButton(), Qt::LeftButton);
        QCOMPARE(action.size(), 1);
    }
};

QTEST_MAIN(WidgetsTest)
#include "widgets_test.moc"
