// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "ui/widgets/format.h"

using namespace ui;

class FormatTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates)); }

    void ThreeSignificantDigits_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("text");
        QTest::newRow("small") << 0.24 << "0.240";
        QTest::newRow("below one") << 0.0012345 << "0.00123";
        QTest::newRow("ten") << 19.34 << "19.3";
        QTest::newRow("rounds up a decade") << 9.996 << "10.0";
        QTest::newRow("tie to even down") << 2.125 << "2.12";
        QTest::newRow("tie to even up") << 2.375 << "2.38";
        QTest::newRow("hundreds") << 512.7 << "513";
        QTest::newRow("thousands keep every digit") << 12288.4 << "12,288";
        QTest::newRow("zero") << 0.0 << "0";
        QTest::newRow("negative") << -0.5 << "-0.500";
    }
    void ThreeSignificantDigits()
    {
        QFETCH(double, value);
        QFETCH(QString, text);
        QCOMPARE(significant(value), text);
    }

    void DurationsChangeUnitWithTheirSize_data()
    {
        QTest::addColumn<double>("seconds");
        QTest::addColumn<QString>("text");
        QTest::newRow("us") << 35.2e-6 << QString::fromUtf8("35.2 µs");
        QTest::newRow("ms") << 0.0113 << "11.3 ms";
        QTest::newRow("almost a second") << 0.9994 << "999 ms";
        QTest::newRow("a second") << 0.9996 << "1.00 s";
        QTest::newRow("seconds") << 7.65 << "7.65 s";
        QTest::newRow("minutes are seconds up to ten") << 75.0 << "75.0 s";
        QTest::newRow("long") << 900.0 << "15.0 min";
        QTest::newRow("hours") << 7200.0 << "2.00 h";
    }
    void DurationsChangeUnitWithTheirSize()
    {
        QFETCH(double, seconds);
        QFETCH(QString, text);
        QCOMPARE(formatDuration(seconds).text(), text);
    }

    void AbsentIsADashAndNeverZero()
    {
        const QString dash(QChar(0x2013));
        QCOMPARE(formatDuration(std::nullopt).text(), dash);
        QCOMPARE(formatRate(std::nullopt).text(), dash);
        QCOMPARE(formatMoney(std::nullopt).text(), dash);
        QCOMPARE(formatPrice(std::nullopt).text(), dash);
        QCOMPARE(formatBytes(std::nullopt).text(), dash);
        QCOMPARE(formatWindow(std::nullopt), dash);
        QCOMPARE(formatDuration(std::nan("")).text(), dash);
        QCOMPARE(formatPrice(0).text(), QStringLiteral("$0"));
    }

    void MoneyKeepsThreeDigitsAndFourOfARequest()
    {
        QCOMPARE(formatPrice(2'170'000).text(), QStringLiteral("$2.17"));
        QCOMPARE(formatPrice(240'000).text(), QStringLiteral("$0.240"));
        QCOMPARE(formatMoney(0.0046912).text(), QStringLiteral("$0.00469"));
        QCOMPARE(formatMoney(0.0046912, 4).text(), QStringLiteral("$0.004691"));
        QCOMPARE(formatPrice(6'750'000, QStringLiteral("CNY")).text(), QString::fromUtf8("¥6.75"));
        QCOMPARE(formatMoney(1234.0).text(), QStringLiteral("$1,234"));
        QCOMPARE(formatMoney(3.29).trimmed().text(), QStringLiteral("$3.29"));
        QCOMPARE(formatMoney(2.0).trimmed().text(), QStringLiteral("$2"));
    }

    void AnAskedPriceIsPrintedToItsLastDigit()
    {
        QCOMPARE(formatAsked(3'000).text(), QStringLiteral("$0.003"));
        QCOMPARE(formatAsked(2'800).text(), QStringLiteral("$0.0028"));
        QCOMPARE(formatAsked(550'000).text(), QStringLiteral("$0.55"));
        QCOMPARE(formatAsked(2'362'500).text(), QStringLiteral("$2.3625"));
        QCOMPARE(formatAsked(5'000'000).text(), QStringLiteral("$5.00"));
        QCOMPARE(formatAsked(1).text(), QStringLiteral("$0.000001"));
        QCOMPARE(formatAsked(0).text(), QStringLiteral("$0"));
        QCOMPARE(formatAsked(4'500'000, QStringLiteral("CNY")).text(), QString::fromUtf8("¥4.50"));
        QCOMPARE(formatAsked(20'000, QStringLiteral("EUR")).text(), QStringLiteral("EUR 0.02"));
        QCOMPARE(formatAsked(std::nullopt).text(), QString(QChar(0x2013)));
    }

    void BytesAreDecimalAndMemoryIsSpokenOfInGigabytes()
    {
        QCOMPARE(formatBytes(171e9).text(), QStringLiteral("171 GB"));
        QCOMPARE(formatBytes(1128e9).text(), QStringLiteral("1,128 GB"));
        QCOMPARE(formatBytes(1.19e9).text(), QStringLiteral("1.19 GB"));
        QCOMPARE(formatBytes(512).text(), QStringLiteral("512 B"));
    }

    void PercentHasOneDecimalBelowTen()
    {
        QCOMPARE(formatPercent(93.26).text(), QStringLiteral("93 %"));
        QCOMPARE(formatPercent(7.34).text(), QStringLiteral("7.3 %"));
    }

    void CountsUseBinaryKOnlyWhereExact()
    {
        QCOMPARE(formatCount(8192), QStringLiteral("8K"));
        QCOMPARE(formatCount(1536), QStringLiteral("1.5K"));
        QCOMPARE(formatCount(1024 * 1024), QStringLiteral("1M"));
        QCOMPARE(formatCount(3000), QStringLiteral("3,000"));
        QCOMPARE(formatWindow(163'840), QStringLiteral("164K"));
        QCOMPARE(formatParameters(8'030'261'248), QStringLiteral("8.03B"));
    }

    void WhatPeopleTypeIsRead_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("value");
        QTest::newRow("8K") << "8K" << 8192.0;
        QTest::newRow("8k") << "8k" << 8192.0;
        QTest::newRow("8192") << "8192" << 8192.0;
        QTest::newRow("thousands") << "8,192" << 8192.0;
        QTest::newRow("1.5M") << "1.5M" << 1572864.0;
        QTest::newRow("8 thousand") << QString::fromUtf8("8千") << 8000.0;
        QTest::newRow("3 ten thousand") << QString::fromUtf8("3万") << 30000.0;
        QTest::newRow("spaces") << " 64 " << 64.0;
    }
    void WhatPeopleTypeIsRead()
    {
        QFETCH(QString, text);
        QFETCH(double, value);
        QCOMPARE(parseCount(text).value_or(-1), value);
    }

    void NonsenseIsRefused()
    {
        for (const char *text : {"", "K", "abc", "-5", "0", "1e999", "8KK", "nan"})
            QVERIFY2(!parseCount(QString::fromLatin1(text)).has_value(), text);
        QCOMPARE(parseNumber(QStringLiteral("$2,50")).value_or(-1), 2.5);
        QCOMPARE(parseNumber(QStringLiteral("1,234.5")).value_or(-1), 1234.5);
    }

    void TimeLeftIsRoundedToWhatCanBeKnown()
    {
        QCOMPARE(formatTimeLeft(3), QStringLiteral("about 5 s left"));
        QCOMPARE(formatTimeLeft(42), QStringLiteral("about 40 s left"));
        QCOMPARE(formatTimeLeft(131), QStringLiteral("about 2 min left"));
        QCOMPARE(formatTimeLeft(149), QStringLiteral("about 2 min 30 s left"));
        QCOMPARE(formatTimeLeft(3700), QStringLiteral("about 1 h 2 min left"));
    }
};

QTEST_MAIN(FormatTest)
#include "format_test.moc"
