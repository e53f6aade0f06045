// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/theme/color_science.h"
#include "ui/theme/digits.h"
#include "ui/theme/glyphs.h"
#include "ui/theme/theme.h"

#include <QDirIterator>
#include <QFontInfo>
#include <QImage>
#include <QRegularExpression>
#include <QTest>

#include <set>

using ui::Theme;
using ui::ThemeKind;

namespace {

struct Named
{
    const char *name;
    QColor color;
};

QList<Named> surfaces(const Theme &t)
{
    return {{"window", t.window}, {"rail", t.rail},   {"card", t.card},     {"raised", t.raised},
            {"input", t.input},   {"hover", t.hover}, {"select", t.select}, {"goodBg", t.goodBg},
            {"warnBg", t.warnBg}, {"badBg", t.badBg}};
}

QByteArray kindName(ThemeKind kind)
{
    return kind == ThemeKind::Dark ? "dark" : kind == ThemeKind::Light ? "light" : "high contrast";
}

} // namespace

class ThemeTest : public QObject
{
    Q_OBJECT

private slots:
    void ciede2000MatchesPublishedPairs();
    void textIsReadableOnEverySurface_data() { kinds(); }
    void textIsReadableOnEverySurface();
    void strokesStandOutOnTheCard_data() { kinds(); }
    void strokesStandOutOnTheCard();
    void seriesDifferForEveryEye_data() { kinds(); }
    void seriesDifferForEveryEye();
    void textOnSeriesIsReadable_data() { kinds(); }
    void textOnSeriesIsReadable();
    void publishedSmallestDifferencesHold();
    void noTextIsUnderElevenPixels();
    void chineseNotesAreLarger();
    void fontsNameBothFamilies();
    void seriesPastTheEighthIsDashed();
    void highContrastTellsLinesApartWithoutColour();
    void mixesAreOpaqueAndExact();
    void styleSheetHasNoOpenToken_data() { kinds(); }
    void styleSheetHasNoOpenToken();
    void onlyTheThemeNamesColours();
    void tabularDigitsKeepTheirWidth();
    void everyProvenanceHasAShapeOfItsOwn();

private:
    void kinds();
};

void ThemeTest::kinds()
{
    QTest::addColumn<int>("kind");
    for (const ThemeKind kind : {ThemeKind::Dark, ThemeKind::Light, ThemeKind::HighContrast})
        QTest::newRow(kindName(kind).constData()) << static_cast<int>(kind);
}

void ThemeTest::ciede2000MatchesPublishedPairs()
{
    // Pairs 1, 7, 13, 17 and 25 of the test data of Sharma, Wu and Dalal (2005).
    const auto difference = [](color::Vector a, color::Vector b) { return color::ciede2000(a, b); };
    QVERIFY(std::fabs(difference({50, 2.6772, -79.7751}, {50, 0, -82.7485}) - 2.0425) < 1e-4);
    QVERIFY(std::fabs(difference({50, 0, 0}, {50, -1, 2}) - 2.3669) < 1e-4);
    QVERIFY(std::fabs(difference({50, -0.001, 2.49}, {50, 0.0011, -2.49}) - 4.7461) < 1e-4);
    QVERIFY(std::fabs(difference({50, 2.5, 0}, {73, 25, -18}) - 27.1492) < 1e-4);
    QVERIFY(std::fabs(difference({60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}) -
                      1.2644) < 1e-4);
}

void ThemeTest::textIsReadableOnEverySurface()
{
    QFETCH(int, kind);
    const Theme t = ui::makeTheme(static_cast<ThemeKind>(kind));
    const QList<Named> texts = {{"text1", t.text1},   {"text2", t.text2}, {"text3", t.text3},
                                {"accent", t.accent}, {"good", t.good},   {"warn", t.warn},
                                {"bad", t.bad}};
    for (const Named &surface : surfaces(t)) {
        for (const Named &text : texts) {
            const double ratio = color::contrast(text.color, surface.color);
            QVERIFY2(ratio >= 4.5,
                     qPrintable(QStringLiteral("%1 on %2: %3")
                                    .arg(QLatin1String(text.name), QLatin1String(surface.name))
                                    .arg(ratio)));
        }
        const double titles = t.kind == ThemeKind::HighContrast ? 10.4 : 12.1;
        QVERIFY(color::contrast(t.text1, surface.color) >= titles);
    }
    QVERIFY(color::contrast(t.onAccent, t.accent) >= 4.5);
    QVERIFY(color::contrast(t.onCrossChip, t.crossChip) >= 4.5);
}

void ThemeTest::strokesStandOutOnTheCard()
{
    QFETCH(int, kind);
    const Theme t = ui::makeTheme(static_cast<ThemeKind>(kind));
    QVERIFY(color::contrast(t.strokeControl, t.card) >= 3.0);
    QVERIFY(color::contrast(t.axis, t.card) >= 3.0);
    for (int i = 0; i < ui::kSeriesCount; ++i)
        QVERIFY2(color::contrast(t.seriesColor(i), t.card) >= 3.0, qPrintable(QString::number(i)));
}

void ThemeTest::seriesDifferForEveryEye()
{
    QFETCH(int, kind);
    const Theme t = ui::makeTheme(static_cast<ThemeKind>(kind));
    using color::Vision;
    for (const Vision vision :
         {Vision::Normal, Vision::Protanopia, Vision::Deuteranopia, Vision::Tritanopia}) {
        for (int a = 0; a < ui::kSeriesCount; ++a) {
            for (int b = a + 1; b < ui::kSeriesCount; ++b) {
                const double difference = color::ciede2000(
                    color::lab(color::seen(color::linear(t.seriesColor(a)), vision)),
                    color::lab(color::seen(color::linear(t.seriesColor(b)), vision)));
                const double least = b < 4 ? 12 : 10.5;
                QVERIFY2(difference >= least, qPrintable(QStringLiteral("series %1 and %2: %3")
                                                             .arg(a + 1)
                                                             .arg(b + 1)
                                                             .arg(difference)));
            }
        }
    }
}

void ThemeTest::publishedSmallestDifferencesHold()
{
    // The figures that the palette was chosen by: smallest difference for deuteranopia.
    const auto smallest = [](ThemeKind kind, color::Vision vision) {
        const Theme t = ui::makeTheme(kind);
        double least = 1e9;
        for (int a = 0; a < ui::kSeriesCount; ++a) {
            for (int b = a + 1; b < ui::kSeriesCount; ++b) {
                least = std::min(
                    least, color::ciede2000(
                               color::lab(color::seen(color::linear(t.seriesColor(a)), vision)),
                               color::lab(color::seen(color::linear(t.seriesColor(b)), vision))));
            }
        }
        return least;
    };
    QVERIFY(std::fabs(smallest(ThemeKind::Dark, color::Vision::Deuteranopia) - 11.1) < 0.1);
    QVERIFY(std::fabs(smallest(ThemeKind::Light, color::Vision::Deuteranopia) - 12.6) < 0.1);
    QVERIFY(std::fabs(smallest(ThemeKind::Dark, color::Vision::Normal) - 20.1) < 0.1);
}

void ThemeTest::textOnSeriesIsReadable()
{
    QFETCH(int, kind);
    const Theme t = ui::makeTheme(static_cast<ThemeKind>(kind));
    for (int i = 0; i < ui::kSeriesCount; ++i) {
        QVERIFY2(color::contrast(t.textOnSeries(i), t.seriesColor(i)) >= 4.5,
                 qPrintable(QString::number(i + 1)));
    }
}

void ThemeTest::noTextIsUnderElevenPixels()
{
    for (const double scale : {0.5, 0.9, 1.0, 1.6, 9.0}) {
        for (const bool chinese : {false, true}) {
            const Theme t =
                ui::makeTheme(ThemeKind::Dark, {.chinese = chinese, .typeScale = scale});
            for (const ui::TypeStyle &style : t.types) {
                QVERIFY(style.pixelSize >= 11);
                QVERIFY(style.lineHeight > style.pixelSize);
            }
        }
    }
}

void ThemeTest::chineseNotesAreLarger()
{
    const Theme english = ui::makeTheme(ThemeKind::Light);
    const Theme chinese = ui::makeTheme(ThemeKind::Light, {.chinese = true});
    QCOMPARE(english.type(ui::Type::Note).pixelSize, 11);
    QCOMPARE(chinese.type(ui::Type::Note).pixelSize, 12);
    QCOMPARE(chinese.type(ui::Type::Body).lineHeight, english.type(ui::Type::Body).lineHeight + 2);
}

void ThemeTest::fontsNameBothFamilies()
{
    const Theme t = ui::makeTheme(ThemeKind::Dark);
    const QStringList families = t.font(ui::Type::Body).families();
    QCOMPARE(families.value(0), QStringLiteral("Inter"));
    QCOMPARE(families.value(1), QStringLiteral("Noto Sans CJK SC"));
    QCOMPARE(t.font(ui::Type::Body).hintingPreference(), QFont::PreferNoHinting);
    QCOMPARE(t.font(ui::Type::Heading).weight(), QFont::DemiBold);
}

void ThemeTest::seriesPastTheEighthIsDashed()
{
    const Theme t = ui::makeTheme(ThemeKind::Dark);
    QCOMPARE(t.seriesColor(8), t.seriesColor(0));
    QVERIFY(t.seriesDash(7).isEmpty());
    QCOMPARE(t.seriesDash(8), QList<qreal>({9, 4}));
    QCOMPARE(t.seriesDash(16), QList<qreal>({9, 3, 2, 3}));
}

void ThemeTest::highContrastTellsLinesApartWithoutColour()
{
    const Theme t = ui::makeTheme(ThemeKind::HighContrast);
    QVERIFY(t.options.dashBySeries);
    QVERIFY(t.seriesDash(0) != t.seriesDash(1));
    QVERIFY(t.seriesDash(1) != t.seriesDash(2));
}

void ThemeTest::mixesAreOpaqueAndExact()
{
    QCOMPARE(ui::mixed(QColor(0, 0, 0), QColor(200, 100, 50), 0.5), QColor(100, 50, 25));
    const Theme t = ui::makeTheme(ThemeKind::Light);
    QCOMPARE(t.bandColor(0).alpha(), 255);
    QCOMPARE(ui::mixed(t.card, t.seriesColor(0), 1), t.seriesColor(0));
}

void ThemeTest::styleSheetHasNoOpenToken()
{
    QFETCH(int, kind);
    const Theme t = ui::makeTheme(static_cast<ThemeKind>(kind));
    const QString sheet = ui::styleSheet(t);
    QVERIFY(!sheet.contains(QLatin1Char('@')));
    QVERIFY(sheet.contains(t.accent.name()));
    QCOMPARE(sheet.count(QLatin1Char('{')), sheet.count(QLatin1Char('}')));
}

void ThemeTest::onlyTheThemeNamesColours()
{
    // A hexadecimal colour, a QColor of numbers or a named Qt colour anywhere else in ui/.
    const QString numbers = QStringLiteral("#[0-9A-Fa-f]{6}\\b|QColor[({]\\s*[0-9\"]|qRgba?[(]");
    const QString names =
        QStringLiteral("|Qt::(white|black|red|green|blue|cyan|magenta|yellow|gray|"
                       "grey|dark[A-Z]\\w+|light[A-Z]\\w+)\\b");
    const QRegularExpression literal(numbers + names);
    QVERIFY(literal.isValid());
    QVERIFY(literal.match(QStringLiteral("QColor(12, 3, 4)")).hasMatch());
    QVERIFY(literal.match(QStringLiteral("color: #A0b1C2;")).hasMatch());
    QStringList found;
    QDirIterator files(QStringLiteral(PARETOSCOPE_UI_SOURCES),
                       {QStringLiteral("*.h"), QStringLiteral("*.cpp")}, QDir::Files,
                       QDirIterator::Subdirectories);
    int seen = 0;
    while (files.hasNext()) {
        QFile file(files.next());
        ++seen;
        if (file.fileName().endsWith(QLatin1String("theme/theme.cpp")))
            continue;
        QVERIFY(file.open(QIODevice::ReadOnly));
        int number = 0;
        for (const QString &line : QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'))) {
            ++number;
            if (literal.match(line).hasMatch())
                found.append(QStringLiteral("%1:%2 %3").arg(file.fileName()).arg(number).arg(line));
        }
    }
    QVERIFY(seen > 5);
    QVERIFY2(found.isEmpty(), qPrintable(found.join(QLatin1Char('\n'))));
}

void ThemeTest::tabularDigitsKeepTheirWidth()
{
    const Theme t = ui::makeTheme(ThemeKind::Dark);
    const QFontMetricsF metrics(t.font(ui::Type::Figure));
    const double wide = ui::tabularWidth(metrics, QStringLiteral("888 ms"));
    QCOMPARE(ui::tabularWidth(metrics, QStringLiteral("111 ms")), wide);
    QCOMPARE(ui::tabularWidth(metrics, QStringLiteral("407 ms")), wide);
    QVERIFY(ui::tabularWidth(metrics, QStringLiteral("88 ms")) < wide);
    QCOMPARE(ui::tabularWidth(metrics, QString()), 0.0);
}

void ThemeTest::everyProvenanceHasAShapeOfItsOwn()
{
    using ui::Provenance;
    const Theme t = ui::makeTheme(ThemeKind::Light);
    QList<QImage> images;
    for (const Provenance kind :
         {Provenance::Measured, Provenance::Recorded, Provenance::Imported, Provenance::Observed,
          Provenance::Estimated, Provenance::Claimed}) {
        QImage image(20, 20, QImage::Format_RGB32);
        image.fill(t.card);
        QPainter painter(&image);
        ui::paintProvenance(painter, kind, {10, 10}, 14, t.text1, t.card);
        painter.end();
        for (const QImage &other : images) {
            int different = 0;
            for (int y = 0; y < 20; ++y) {
                for (int x = 0; x < 20; ++x)
                    different += qGray(image.pixel(x, y)) / 64 != qGray(other.pixel(x, y)) / 64;
            }
            QVERIFY(different > 12);
        }
        images.append(image);
    }
    std::set<QChar> letters;
    for (const Provenance kind : {Provenance::Measured, Provenance::Recorded, Provenance::Imported,
                                  Provenance::Observed, Provenance::Estimated, Provenance::Claimed})
        letters.insert(ui::provenanceLetter(kind));
    QCOMPARE(letters.size(), std::size_t(6));
}

QTEST_MAIN(ThemeTest)
#include "theme_test.moc"
