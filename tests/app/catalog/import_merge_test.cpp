// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QTest>

#include "app/catalog/catalog_file.h"
#include "app/catalog/catalog_store.h"
#include "app/catalog/edits.h"
#include "tests/app/catalog/price_lists.h"
#include "tests/app/catalog/scratch_catalog.h"

using namespace app;
using Micro = std::optional<MicroPerMillion>;
using Status = ImportReport::Status;

namespace {

// Twenty hosts' models at 1 dollar, but for the first, whose price is given.
QByteArray listOf(double first, int count = 20)
{
    QList<double> inputs(count, 1.0);
    inputs[0] = first;
    return lists::litellmOf(inputs);
}

QByteArray genai(const QByteArray &prices)
{
    return "[{'id': 'anthropic', 'name': 'Anthropic', 'api_pattern': 'x', 'models': [{'id': "
           "'claude-sonnet-5', 'name': 'Sonnet 5', 'prices': " +
           prices + "}]}]";
}

const QByteArray kAnnounced =
    genai("[{'prices': {'input_mtok': 2, 'output_mtok': 10}}, {'constraint': {'start_date': "
          "'2026-09-01'}, 'prices': {'input_mtok': 3, 'output_mtok': 15}}]");
const QByteArray kCalledOff = genai("[{'prices': {'input_mtok': 2, 'output_mtok': 10}}]");
const QString kSonnet = QStringLiteral("anthropic/claude-sonnet-5");

const char *const kVersions = "SELECT count(*) FROM price_version";

} // namespace

class ImportMergeTest : public QObject
{
    Q_OBJECT

private slots:
    void SecondImportOfAFileWritesNothing_data();
    void SecondImportOfAFileWritesNothing();
    void FreshCopyOfAnUnchangedListOnlyConfirms();
    void OrderOfReadingDoesNotMatter_data();
    void OrderOfReadingDoesNotMatter();
    void OldListGoesIntoTheMiddleAndNeverReopens();
    void O3CostsTenBeforeTheCutAndTwoAfterIt();
    void BrokenListsLeaveTheCatalogAsItWas_data();
    void BrokenListsLeaveTheCatalogAsItWas();
    void ListThatShrankIsRefusedUnlessForced();
    void ListThatLostAFieldIsRefused();
    void PriceIsHeld_data();
    void PriceIsHeld();
    void ZeroAfterAPriceIsHeld();
    void WindowCutByHalfIsHeld();
    void OutlierOfAModelIsHeld();
    void TooManyHeldRecordsRefuseTheList();
    void HeldRecordIsAskedOnlyOnce();
    void AcceptedPriceEntersTheHistoryAndCanBeTakenBack();
    void RejectedPriceStaysOut();
    void SecondSourceConfirmsAJump();
    void AnnouncedPriceWaitsForItsDay();
    void AnnouncedPriceIsCancelledWhereItIsGone();
    void ClosedPeriodThatReadsOtherwiseIsACorrection();
    void CorrectionKeepsWhatWasShownBefore();
    void OfferThatIsGoneTwiceIsWithdrawn();
    void SourcesThatDisagreeAreShownSideBySide();
    void GatewayNeverPricesAFirstPartyOffer();
    void NewSpellingIsNoPriceMove();
    void DryRunWritesNothing();
    void ListOfTheFutureIsRefused();
    void OwnJsonAddsWithoutReplacing();
    void OwnCsvKeepsTheHistory();
};

void ImportMergeTest::SecondImportOfAFileWritesNothing_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("litellm") << lists::kLitellm;
    QTest::newRow("models.dev") << lists::kModelsDev;
    QTest::newRow("OpenRouter models") << lists::kOpenRouterModels;
    QTest::newRow("OpenRouter endpoints") << lists::kOpenRouterEndpoints;
    QTest::newRow("genai-prices") << lists::kGenai;
    QTest::newRow("llm-prices") << lists::kLlmPrices;
}

void ImportMergeTest::SecondImportOfAFileWritesNothing()
{
    QFETCH(QByteArray, text);
    ScratchCatalog catalog;
    QCOMPARE(catalog.import(text, QStringLiteral("2026-08-01")).status, Status::Applied);
    const qint64 changes = catalog.changes();
    QVERIFY(changes > 10);
    QCOMPARE(catalog.import(text, QStringLiteral("2026-08-01")).status, Status::NoChange);
    QCOMPARE(catalog.changes(), changes);
}

void ImportMergeTest::FreshCopyOfAnUnchangedListOnlyConfirms()
{
    ScratchCatalog catalog;
    catalog.import(listOf(1), QStringLiteral("2026-01-01"));
    QCOMPARE(catalog.import(listOf(1), QStringLiteral("2026-02-01")).status, Status::NoChange);
    QCOMPARE(catalog.value(kVersions).toInt(), 20);
    QCOMPARE(catalog.snapshot(QStringLiteral("2026-02-01"))->find("host/m0")->provenance.date,
             QDate(2026, 2, 1));
}

void ImportMergeTest::OrderOfReadingDoesNotMatter_data()
{
    QTest::addColumn<QList<double>>("prices"); // one a month, from January 2026
    QTest::newRow("rises") << QList<double>{1, 2, 3};
    QTest::newRow("falls and comes back") << QList<double>{2, 1, 2};
    QTest::newRow("stays, then moves") << QList<double>{1, 1, 2};
    QTest::newRow("moves, then stays") << QList<double>{1, 2, 2};
    QTest::newRow("to and fro") << QList<double>{1, 2, 1, 2};
    QTest::newRow("never moves") << QList<double>{1, 1, 1};
}

void ImportMergeTest::OrderOfReadingDoesNotMatter()
{
    QFETCH(QList<double>, prices);
    std::vector<int> order;
    for (int i = 0; i < prices.size(); ++i)
        order.push_back(i);
    const auto read = [&prices](const std::vector<int> &months) {
        ScratchCatalog catalog;
        for (const int month : months) {
            // Another file each time, whatever the price.
            QByteArray text = listOf(prices[month]);
            text.insert(1, QByteArray(month + 1, ' '));
            catalog.import(text, QStringLiteral("2026-0%1-01").arg(month + 1));
        }
        return catalog.content();
    };
    const QString usual = read(order);
    while (std::next_permutation(order.begin(), order.end()))
        QCOMPARE(read(order), usual);
}

void ImportMergeTest::OldListGoesIntoTheMiddleAndNeverReopens()
{
    ScratchCatalog catalog;
    catalog.import(listOf(1), QStringLiteral("2026-01-01"));
    catalog.import(listOf(3), QStringLiteral("2026-03-01"));
    catalog.import(listOf(2), QStringLiteral("2026-02-01"));
    const auto at = [&](const char *day) {
        return catalog.input(QStringLiteral("host/m0"), QLatin1String(day));
    };
    QCOMPARE(at("2026-01-15"), Micro(1'000'000));
    QCOMPARE(at("2026-02-15"), Micro(2'000'000));
    QCOMPARE(at("2026-03-15"), Micro(3'000'000));
    QCOMPARE(catalog
                 .value("SELECT count(*) FROM price_version x JOIN offer o ON o.id = x.offer_id "
                        "WHERE o.key = 'host/m0' AND x.valid_to IS NULL AND x.superseded_at IS "
                        "NULL")
                 .toInt(),
             1);
}

void ImportMergeTest::O3CostsTenBeforeTheCutAndTwoAfterIt()
{
    ScratchCatalog catalog;
    catalog.import(lists::kGenai, QStringLiteral("2025-07-12"));
    const auto at = [&](const char *day) {
        const auto snapshot = catalog.snapshot(QLatin1String(day));
        const Prices prices = snapshot->find(QStringLiteral("openai/o3"))->card.base;
        return std::pair(prices.input, prices.output);
    };
    QCOMPARE(at("2025-06-09"), std::pair(Micro(10'000'000), Micro(40'000'000)));
    QCOMPARE(at("2025-06-11"), std::pair(Micro(2'000'000), Micro(8'000'000)));
    // Half-open: the cut's first second belongs to the new price.
    const UnixSeconds cut = parseInstant(QStringLiteral("2025-06-10")).value();
    const auto input = [&](UnixSeconds instant) {
        return take(readSnapshot(catalog.database(), instant))->find("openai/o3")->card.base.input;
    };
    QCOMPARE(input(cut - 1), Micro(10'000'000));
    QCOMPARE(input(cut), Micro(2'000'000));
}

void ImportMergeTest::BrokenListsLeaveTheCatalogAsItWas_data()
{
    QTest::addColumn<QByteArray>("text");
    QByteArray cut = listOf(2);
    cut.chop(1);
    QTest::newRow("invalid JSON") << cut;
    QTest::newRow("empty list") << QByteArray("[]");
    QTest::newRow("another shape") << QByteArray("[{'model': 'a', 'providers': []}]");
    QTest::newRow("fewer than 70%") << listOf(1, 13);
    QTest::newRow("unit error everywhere") << lists::litellmOf(QList<double>(20, 1e6));
    QTest::newRow("all at zero") << lists::litellmOf(QList<double>(20, 0));
}

void ImportMergeTest::BrokenListsLeaveTheCatalogAsItWas()
{
    QFETCH(QByteArray, text);
    ScratchCatalog catalog;
    catalog.import(listOf(1), QStringLiteral("2026-01-01"));
    const QString before = catalog.content();
    const int runs = catalog.value("SELECT count(*) FROM import_run").toInt();
    const auto outcome =
        catalog.tryImport(text, ScratchCatalog::request(QStringLiteral("2026-02-01")));
    const std::string message = outcome ? outcome->message.toStdString() : outcome.error().message;
    QVERIFY(!outcome || outcome->status == Status::Rejected);
    QVERIFY2(message.size() > 20 && message.ends_with('.'), message.c_str());
    QCOMPARE(catalog.content(), before);
    QCOMPARE(catalog.value("SELECT count(*) FROM import_run").toInt(), runs);
}

void ImportMergeTest::ListThatShrankIsRefusedUnlessForced()
{
    ScratchCatalog catalog;
    catalog.import(listOf(1), QStringLiteral("2026-01-01"));
    QCOMPARE(catalog.import(listOf(1, 14), QStringLiteral("2026-01-02")).status, Status::Applied);
    ImportRequest request = ScratchCatalog::request(QStringLiteral("2026-01-03"));
    const ImportReport refused = take(catalog.tryImport(listOf(1, 9), request));
    QCOMPARE(refused.status, Status::Rejected);
    QVERIFY(refused.message.contains(QLatin1String("9 offers")));
    request.force = true;
    QCOMPARE(take(catalog.tryImport(listOf(1, 9), request)).status, Status::Applied);
}

void ImportMergeTest::ListThatLostAFieldIsRefused()
{
    ScratchCatalog catalog;
    catalog.import(listOf(1), QStringLiteral("2026-01-01"));
    QByteArray renamed = listOf(1);
    renamed.replace("max_input_tokens", "context_tokens_renamed");
    const ImportReport refused = catalog.import(renamed, QStringLiteral("2026-02-01"));
    QCOMPARE(refused.status, Status::Rejected);
    QVERIFY(refused.message.contains(QLatin1String("context window")));
}

void ImportMergeTest::PriceIsHeld_data()
{
    QTest::addColumn<double>("before");
    QTest::addColumn<double>("after");
    QTest::addColumn<bool>("held");
    QTest::newRow("eight times dearer") << 1.0 << 8.0 << true;
    QTest::newRow("just below eight times") << 1.0 << 7.9 << false;
    QTest::newRow("an eighth") << 1.0 << 0.125 << true;
    QTest::newRow("above a thousand") << 240.0 << 250.1 << true; // its output
    QTest::newRow("a thousand") << 240.0 << 250.0 << false;
    QTest::newRow("per token in a field per million") << 0.2 << 2e-07 << true;
    QTest::newRow("litellm's hundred thousand times") << 1.35 << 135000.0 << true;
    QTest::newRow("a percent too much") << 1.0 << 100.0 << true;
}

void ImportMergeTest::PriceIsHeld()
{
    QFETCH(double, before);
    QFETCH(double, after);
    QFETCH(bool, held);
    ScratchCatalog catalog;
    catalog.import(listOf(before), QStringLiteral("2026-01-01"));
    const ImportReport report = catalog.import(listOf(after), QStringLiteral("2026-02-01"));
    QCOMPARE(report.status, Status::Applied);
    QCOMPARE(report.held.size(), held ? 1U : 0U);
    // What is held keeps its old price, with a mark.
    const auto snapshot = catalog.snapshot(QStringLiteral("2026-02-02"));
    const Offer *offer = snapshot->find(QStringLiteral("host/m0"));
    QCOMPARE(offer->card.base.input, Micro(std::llround((held ? before : after) * 1e6)));
    QCOMPARE(offer->heldForReview, held);
}

void ImportMergeTest::ZeroAfterAPriceIsHeld()
{
    ScratchCatalog catalog;
    catalog.import(listOf(1), QStringLiteral("2026-06-24"));
    const ImportReport report = catalog.import(listOf(0), QStringLiteral("2026-06-25"));
    QCOMPARE(report.held.size(), 1U);
    QVERIFY(report.held[0].rule.contains(QLatin1String("nothing")));
    QCOMPARE(catalog.input(QStringLiteral("host/m0"), QStringLiteral("2026-06-25")),
             Micro(1'000'000));
    // The next list is well again.
    QByteArray next = listOf(1);
    next.insert(1, ' ');
    QCOMPARE(catalog.import(next, QStringLiteral("2026-06-26")).held.size(), 0U);
}

void ImportMergeTest::WindowCutByHalfIsHeld()
{
    ScratchCatalog catalog;
    catalog.import(listOf(1), QStringLiteral("2026-01-01"));
    QByteArray cut = listOf(1);
    cut.replace(cut.indexOf("128000"), 6, "63999 ");
    const ImportReport report = catalog.import(cut, QStringLiteral("2026-02-01"));
    QCOMPARE(report.held.size(), 1U);
    QVERIFY(report.held[0].rule.contains(QLatin1String("context window")));
    const auto snapshot = catalog.snapshot(QStringLiteral("2026-02-01"));
    QCOMPARE(snapshot->find(QStringLiteral("host/m0"))->contextWindow,
             std::optional<std::int64_t>(128'000));
}

void ImportMergeTest::OutlierOfAModelIsHeld()
{
    // Five hosts sell one model; the last one's price lacks two zeros.
    QByteArray list = "{";
    const double prices[] = {0.30, 0.31, 0.28, 0.30, 0.003};
    for (int i = 0; i < 5; ++i)
        list += QStringLiteral("%1'h%2/minimax-m2.7': {'litellm_provider': 'h%2', 'mode': 'chat', "
                               "'input_cost_per_token': %3e-6, 'output_cost_per_token': 1.2e-6}")
                    .arg(QLatin1String(i == 0 ? "" : ","))
                    .arg(i)
                    .arg(prices[i])
                    .toUtf8();
    ScratchCatalog catalog;
    const ImportReport report = catalog.import(list + "}", QStringLiteral("2026-01-01"));
    QCOMPARE(report.held.size(), 1U);
    QCOMPARE(report.held[0].offer, QStringLiteral("h4/minimax-m2.7"));
    QVERIFY(report.held[0].rule.contains(QLatin1String("50 times")));
    QVERIFY(!catalog.input(QStringLiteral("h4/minimax-m2.7"), QStringLiteral("2026-01-02")));
}

void ImportMergeTest::TooManyHeldRecordsRefuseTheList()
{
    QList<double> inputs(40, 1.0);
    ScratchCatalog catalog;
    catalog.import(lists::litellmOf(inputs), QStringLiteral("2026-01-01"));
    inputs[0] = inputs[1] = 20; // 2 of 40 are 5%, not over it
    QCOMPARE(catalog.import(lists::litellmOf(inputs), QStringLiteral("2026-01-02")).status,
             Status::Applied);
    inputs[2] = 20;
    const ImportReport refused =
        catalog.import(lists::litellmOf(inputs), QStringLiteral("2026-01-03"));
    QCOMPARE(refused.status, Status::Rejected);
    QVERIFY(refused.message.contains(QLatin1String("3 of its 40")));
}

void ImportMergeTest::HeldRecordIsAskedOnlyOnce()
{
    ScratchCatalog catalog;
    catalog.import(listOf(1), QStringLiteral("2026-01-01"));
    for (const char *day : {"2026-02-01", "2026-03-01", "2026-04-01"}) {
        QByteArray text = listOf(20);
        text.insert(1, QByteArray(day[6] - '0', ' '));
        catalog.import(text, QLatin1String(day));
    }
    QCOMPARE(catalog.value("SELECT count(*) FROM quarantine").toInt(), 1);
    QCOMPARE(take(readReview(catalog.database())).size(), 1U);
}

void ImportMergeTest::AcceptedPriceEntersTheHistoryAndCanBeTakenBack()
{
    ScratchCatalog catalog;
    catalog.import(listOf(1), QStringLiteral("2026-01-01"));
    catalog.import(listOf(20), QStringLiteral("2026-02-01"));
    const auto review = take(readReview(catalog.database()));
    QCOMPARE(review.size(), 1U);
    QVERIFY(review[0].canBeAccepted);
    QVERIFY(decideReview(catalog.database(), review[0].id, true, 1'800'000'000));
    const QString offer = QStringLiteral("host/m0");
    QCOMPARE(catalog.input(offer, QStringLiteral("2026-01-31")), Micro(1'000'000));
    QCOMPARE(catalog.input(offer, QStringLiteral("2026-02-01")), Micro(20'000'000));
    QVERIFY(take(readReview(catalog.database())).empty());
    // The same price passes from now on.
    QByteArray next = listOf(20);
    next.insert(1, ' ');
    QCOMPARE(catalog.import(next, QStringLiteral("2026-03-01")).held.size(), 0U);
    QVERIFY(undoEdit(catalog.database(), 1'800'000'001));
    QCOMPARE(catalog.input(offer, QStringLiteral("2026-02-01")), Micro(1'000'000));
    QCOMPARE(take(readReview(catalog.database())).size(), 1U);
    QVERIFY(take(readEdits(catalog.database()))[0].undoneAt);
}

void ImportMergeTest::RejectedPriceStaysOut()
{
    ScratchCatalog catalog;
    catalog.import(listOf(1), QStringLiteral("2026-01-01"));
    catalog.import(listOf(20), QStringLiteral("2026-02-01"));
    const auto review = take(readReview(catalog.database()));
    QVERIFY(decideReview(catalog.database(), review[0].id, false, 1'800'000'000));
    QCOMPARE(catalog.input(QStringLiteral("host/m0"), QStringLiteral("2026-02-01")),
             Micro(1'000'000));
    QByteArray next = listOf(20);
    next.insert(1, ' ');
    QCOMPARE(catalog.import(next, QStringLiteral("2026-03-01")).held.size(), 1U);
    QVERIFY(take(readReview(catalog.database())).empty()); // asked and answered
    QCOMPARE(decideReview(catalog.database(), 99, true, 1).error().kind,
             engine::ErrorKind::NotFound);
}

void ImportMergeTest::SecondSourceConfirmsAJump()
{
    ScratchCatalog catalog;
    const auto deepseek = [](const char *price) {
        QByteArray text = lists::kModelsDev;
        text.replace("'input': 0.28, 'output': 0.42", price);
        return text;
    };
    catalog.import(deepseek("'input': 0.03, 'output': 0.03"), QStringLiteral("2025-09-01"));
    // LiteLLM has the same new price as models.dev will: 0.28 and 0.42, 9 and 14 times as much.
    catalog.import(lists::kLitellm, QStringLiteral("2025-09-30"));
    const ImportReport report = catalog.import(lists::kModelsDev, QStringLiteral("2025-10-01"));
    QCOMPARE(report.held.size(), 0U);
    QCOMPARE(catalog.input(QStringLiteral("deepseek/deepseek-chat"), QStringLiteral("2025-10-01")),
             Micro(280'000));
}

void ImportMergeTest::AnnouncedPriceWaitsForItsDay()
{
    ScratchCatalog catalog;
    const ImportReport first = catalog.import(kAnnounced, QStringLiteral("2026-07-30"));
    QCOMPARE(first.status, Status::Applied);
    const auto history = take(readPriceHistory(catalog.database(), kSonnet));
    QCOMPARE(history.size(), 2U);
    QCOMPARE(history[0].status, PriceStatus::Active);
    QVERIFY(!history[0].validTo);
    QCOMPARE(history[1].status, PriceStatus::Announced);
    QCOMPARE(catalog.input(kSonnet, QStringLiteral("2026-09-10")), Micro(2'000'000));
    // A list of after the day still has it: now it holds.
    QByteArray later = kAnnounced;
    later.insert(1, ' ');
    catalog.import(later, QStringLiteral("2026-09-02"));
    QCOMPARE(catalog.input(kSonnet, QStringLiteral("2026-08-31")), Micro(2'000'000));
    QCOMPARE(catalog.input(kSonnet, QStringLiteral("2026-09-01")), Micro(3'000'000));
}

void ImportMergeTest::AnnouncedPriceIsCancelledWhereItIsGone()
{
    ScratchCatalog catalog;
    catalog.import(kAnnounced, QStringLiteral("2026-07-30"));
    const ImportReport report = catalog.import(kCalledOff, QStringLiteral("2026-09-02"));
    QCOMPARE(report.changes.size(), 1U);
    QCOMPARE(report.changes[0].kind, QStringLiteral("cancelled"));
    QCOMPARE(catalog.input(kSonnet, QStringLiteral("2026-09-10")), Micro(2'000'000));
    const auto history = take(readPriceHistory(catalog.database(), kSonnet));
    QCOMPARE(history.size(), 2U);
    QCOMPARE(history[1].status, PriceStatus::Cancelled);
}

void ImportMergeTest::ClosedPeriodThatReadsOtherwiseIsACorrection()
{
    ScratchCatalog catalog;
    catalog.import(lists::kLlmPrices, QStringLiteral("2026-01-01"));
    QByteArray edited = lists::kLlmPrices;
    edited.replace("'input': 0.14", "'input': 0.15");
    catalog.import(edited, QStringLiteral("2026-02-01"));
    QCOMPARE(catalog.input(QStringLiteral("google/gemini-y"), QStringLiteral("2025-01-01")),
             Micro(150'000));
    QCOMPARE(
        catalog.value("SELECT change_kind FROM price_version ORDER BY id DESC LIMIT 1").toString(),
        QStringLiteral("correction"));
    QCOMPARE(
        catalog.value("SELECT count(*) FROM price_version WHERE superseded_at NOT NULL").toInt(),
        1);
}

void ImportMergeTest::CorrectionKeepsWhatWasShownBefore()
{
    ScratchCatalog catalog;
    ImportRequest request = ScratchCatalog::request(QStringLiteral("2026-01-01"));
    QVERIFY(catalog.tryImport(lists::kLlmPrices, request));
    const UnixSeconds believed = request.now + 60;
    QByteArray edited = lists::kLlmPrices;
    edited.replace("'input': 0.14", "'input': 0.15");
    QVERIFY(catalog.tryImport(edited, ScratchCatalog::request(QStringLiteral("2026-02-01"))));
    SnapshotScope scope;
    const UnixSeconds asOf = parseInstant(QStringLiteral("2025-01-01")).value();
    const auto input = [&] {
        return take(readSnapshot(catalog.database(), asOf, scope))
            ->find("google/gemini-y")
            ->card.base.input;
    };
    QCOMPARE(input(), Micro(150'000));
    scope.believedAt = believed;
    QCOMPARE(input(), Micro(140'000));
}

void ImportMergeTest::OfferThatIsGoneTwiceIsWithdrawn()
{
    ScratchCatalog catalog;
    catalog.import(listOf(1), QStringLiteral("2026-01-01"));
    const QString gone = QStringLiteral("host/m19");
    const auto withdrawn = [&](const char *day) {
        return catalog.snapshot(QLatin1String(day))->find(gone)->withdrawnSince;
    };
    QCOMPARE(catalog.import(listOf(1, 19), QStringLiteral("2026-02-01")).missing, 1);
    QVERIFY(!withdrawn("2026-02-01"));
    QByteArray next = listOf(1.5, 19);
    catalog.import(next, QStringLiteral("2026-03-01"));
    QCOMPARE(withdrawn("2026-03-01"), parseInstant(QStringLiteral("2026-02-01")));
    QCOMPARE(catalog.input(gone, QStringLiteral("2026-03-01")), Micro(1'000'000));
    // It comes back.
    catalog.import(listOf(1.6), QStringLiteral("2026-04-01"));
    QVERIFY(!withdrawn("2026-04-01"));
}

void ImportMergeTest::SourcesThatDisagreeAreShownSideBySide()
{
    ScratchCatalog catalog;
    QByteArray dearer = lists::kModelsDev;
    dearer.replace("'input': 0.28", "'input': 0.57");
    catalog.import(dearer, QStringLiteral("2026-01-01"));
    const ImportReport report = catalog.import(lists::kLitellm, QStringLiteral("2026-02-01"));
    QCOMPARE(report.conflicts.size(), 1U);
    QCOMPARE(report.conflicts[0].component, QStringLiteral("input"));
    QCOMPARE(report.conflicts[0].here, 280'000);
    QCOMPARE(report.conflicts[0].there, 570'000);
    // Equal precedence: the newer one is shown, the other beside it, and no mean of the two.
    const auto snapshot = catalog.snapshot(QStringLiteral("2026-02-01"));
    const Offer *offer = snapshot->find(QStringLiteral("deepseek/deepseek-chat"));
    QCOMPARE(offer->card.base.input, Micro(280'000));
    QCOMPARE(offer->conflicts.size(), 1U);
    QCOMPARE(offer->conflicts[0].prices.input, Micro(570'000));
}

void ImportMergeTest::GatewayNeverPricesAFirstPartyOffer()
{
    ScratchCatalog catalog;
    catalog.import(lists::kGeminiModelsDev, QStringLiteral("2026-01-01"));
    QByteArray gateway = lists::kGeminiOpenRouter;
    gateway.replace("'prompt': '0.00000125'", "'prompt': '0.000002'");
    catalog.import(gateway, QStringLiteral("2026-02-01"));
    QCOMPARE(catalog.input(QStringLiteral("google/gemini-2.5-pro"), QStringLiteral("2026-02-01")),
             Micro(1'250'000));
    QCOMPARE(catalog.input(QStringLiteral("openrouter/google/gemini-2.5-pro"),
                           QStringLiteral("2026-02-01")),
             Micro(2'000'000));
}

void ImportMergeTest::NewSpellingIsNoPriceMove()
{
    ScratchCatalog catalog;
    // The old spelling had no place for the write price.
    catalog.import(lists::kModelsDev, QStringLiteral("2025-06-01"));
    QByteArray renamed = lists::kModelsDev;
    renamed.replace("'inputCached': 0.014", "'cache_read': 0.014, 'cache_write': 0.175");
    catalog.import(renamed, QStringLiteral("2025-06-17"));
    const auto history =
        take(readPriceHistory(catalog.database(), QStringLiteral("deepseek/deepseek-old")));
    QCOMPARE(history.size(), 2U);
    QCOMPARE(history[1].change, ChangeKind::SchemaChange);
    QCOMPARE(history[1].card.base.cacheWrite, Micro(175'000));
}

void ImportMergeTest::DryRunWritesNothing()
{
    ScratchCatalog catalog;
    catalog.import(listOf(1), QStringLiteral("2026-01-01"));
    const qint64 changes = catalog.changes();
    ImportRequest request = ScratchCatalog::request(QStringLiteral("2026-02-01"));
    request.dryRun = true;
    const ImportReport report = take(catalog.tryImport(listOf(2, 21), request));
    QVERIFY(report.dryRun);
    QCOMPARE(report.changed, 1);
    QCOMPARE(report.added, 1);
    QCOMPARE(report.unchanged, 19);
    QVERIFY(reportText(report).contains("host/m0: 1 in, 4 out -> 2 in, 8 out"));
    QCOMPARE(catalog.changes(), changes);
}

void ImportMergeTest::ListOfTheFutureIsRefused()
{
    ScratchCatalog catalog;
    ImportRequest request = ScratchCatalog::request(QStringLiteral("2026-01-01"));
    request.at = *request.at + 10 * 86'400;
    const auto refused = catalog.tryImport(listOf(1), request);
    QVERIFY(!refused);
    QVERIFY(refused.error().message.find("2026-01-11") != std::string::npos);
}

void ImportMergeTest::OwnJsonAddsWithoutReplacing()
{
    const QByteArray file =
        "{'paretoscope_catalog': 1, 'sources': [{'slug': 'mine', 'name': 'My contract',"
        "'kind': 'vendor_page', 'homepage': 'https://example.org/', 'licence': 'mine',"
        "'precedence': 5}], 'providers': [{'slug': 'host', 'name': 'Another name', 'kind': "
        "'host'}], 'models': [{'slug': 'm0', 'name': 'M0', 'family': 'm', 'vendor': 'host'}],"
        "'offers': [{'provider': 'host', 'model_id': 'm0', 'models': [{'model': 'm0'}], 'prices': "
        "[{'from': '2026-02-01', 'basis': 'vendor_declared', 'base': {'input': '0.9', 'output': "
        "'3'}, 'source': 'mine', 'locator': 'https://example.org/contract', 'date': '2026-02-01',"
        "'confidence': 'high'}]}]}";
    ScratchCatalog catalog;
    catalog.import(listOf(1), QStringLiteral("2026-01-01"));
    QCOMPARE(catalog.import(file, QStringLiteral("2026-02-01")).status, Status::Applied);
    const auto snapshot = catalog.snapshot(QStringLiteral("2026-02-02"));
    QCOMPARE(snapshot->offers.size(), 20U); // nobody else is gone
    const Offer *offer = snapshot->find(QStringLiteral("host/m0"));
    QCOMPARE(offer->card.base.input, Micro(900'000)); // the contract goes before the catalogue
    QCOMPARE(offer->conflicts.size(), 1U);
    QCOMPARE(offer->providerName, QStringLiteral("host")); // a file never renames what is known
}

void ImportMergeTest::OwnCsvKeepsTheHistory()
{
    ScratchCatalog catalog;
    const QByteArray first = "provider,model_id,valid_from,input,output,source,source_url,date\n"
                             "a,m,2026-01-01,1,4,mine,https://example.org/,2026-01-01\n";
    QByteArray second = first;
    second.replace("2026-01-01,1,4", "2026-03-01,2,8");
    catalog.import(first, QStringLiteral("2026-01-01"));
    catalog.import(second, QStringLiteral("2026-03-01"));
    QCOMPARE(catalog.input(QStringLiteral("a/m"), QStringLiteral("2026-02-01")), Micro(1'000'000));
    QCOMPARE(catalog.input(QStringLiteral("a/m"), QStringLiteral("2026-03-01")), Micro(2'000'000));
}

QTEST_GUILESS_MAIN(ImportMergeTest)
#include "import_merge_test.moc"
