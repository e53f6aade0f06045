// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/import/foreign_file.h"

#include <algorithm>

#include <QTest>

#include "app/catalog/import/foreign_builder.h"
#include "tests/app/catalog/price_lists.h"
#include "tests/app/catalog/support.h"

using namespace app;

namespace {

engine::Result<ForeignFile> tryRead(QByteArray text)
{
    return readForeignFile(text.replace('\'', '"'), QStringLiteral("list"));
}

ForeignFile read(const QByteArray &text)
{
    return take(tryRead(text));
}

const ForeignOffer &find(const ForeignFile &file, const char *key)
{
    const auto found =
        std::find_if(file.offers.begin(), file.offers.end(), [key](const ForeignOffer &offer) {
            return offerKey(offer.offer) == QLatin1String(key);
        });
    if (found == file.offers.end())
        qFatal("no offer %s", key);
    return *found;
}

// "input 1250000 | output 10000000 | input>200000 2500000": the order is that of the card.
QString card(const FilePrice &price)
{
    QStringList parts;
    for (const FileComponent &component : price.components) {
        QString part = component.component;
        if (component.aboveInputTokens > 0)
            part += QStringLiteral(">%1").arg(component.aboveInputTokens);
        if (!component.schedule.isEmpty())
            part += QStringLiteral("@sched");
        parts.append(part + QStringLiteral(" %1").arg(component.amount));
    }
    return parts.join(QStringLiteral(" | "));
}

const QString kGemini = QStringLiteral(
    "cache_read 125000 | input 1250000 | output 10000000 | cache_read>200000 250000 | "
    "input>200000 2500000 | output>200000 15000000");

} // namespace

class ForeignFileTest : public QObject
{
    Q_OBJECT

private slots:
    void FormatIsRecognisedByShape_data();
    void FormatIsRecognisedByShape();
    void ThreeWaysToWriteGeminisTierComeOutEqual();
    void LitellmHandCheckedPrices();
    void LitellmPrefixedKeySaysMoreThanABareOne();
    void LitellmOffPeakReplacesByTheHour();
    void ModelsDevHandCheckedPrices();
    void ModelsDevZeroIsNoPrice();
    void OpenRouterModelsHandCheckedPrices();
    void OpenRouterEndpointsHandCheckedPrices();
    void WaitInAnUnclearUnitIsRefused();
    void GenaiPricesHandCheckedPrices();
    void GenaiDiscountFirstIsTurnedRound();
    void LlmPricesHandCheckedPrices();
    void UnknownFieldsAreCounted();
    void AmountsAreExactIntegers_data();
    void AmountsAreExactIntegers();
    void WhatIsNoPriceIsNone_data();
    void WhatIsNoPriceIsNone();
    void BrokenTextIsRefusedInOneSentence_data();
    void BrokenTextIsRefusedInOneSentence();
    void ModelKeysMeetAcrossSellers_data();
    void ModelKeysMeetAcrossSellers();
};

void ForeignFileTest::FormatIsRecognisedByShape_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("importer");
    QTest::addColumn<int>("offers");
    QTest::newRow("litellm") << lists::kLitellm << "litellm" << 5;
    QTest::newRow("models.dev") << lists::kModelsDev << "models.dev" << 6;
    QTest::newRow("OpenRouter models") << lists::kOpenRouterModels << "openrouter-models" << 3;
    QTest::newRow("OpenRouter endpoints")
        << lists::kOpenRouterEndpoints << "openrouter-endpoints" << 2;
    QTest::newRow("genai-prices") << lists::kGenai << "genai-prices" << 2;
    QTest::newRow("llm-prices") << lists::kLlmPrices << "llm-prices" << 2;
    QTest::newRow("our CSV") << QByteArray("provider,model_id,input,output,source,source_url,date\n"
                                           "a,m,0.5,2,mine,https://example.org/,2025-07-03\n")
                             << "paretoscope-csv" << 1;
}

void ForeignFileTest::FormatIsRecognisedByShape()
{
    QFETCH(QByteArray, text);
    const ForeignFile file = read(text);
    QTEST(file.importer, "importer");
    QTEST(static_cast<int>(file.offers.size()), "offers");
}

void ForeignFileTest::ThreeWaysToWriteGeminisTierComeOutEqual()
{
    const ForeignFile modelsDev = read(lists::kGeminiModelsDev);
    const ForeignFile genai = read(lists::kGeminiGenai);
    const ForeignFile openRouter = read(lists::kGeminiOpenRouter);
    const ForeignFile litellm = read(lists::kLitellm);
    QCOMPARE(card(find(modelsDev, "google/gemini-2.5-pro").offer.prices[0]), kGemini);
    QCOMPARE(card(find(genai, "google/gemini-2.5-pro").offer.prices[0]), kGemini);
    QCOMPARE(card(find(openRouter, "openrouter/google/gemini-2.5-pro").offer.prices[0]), kGemini);
    QCOMPARE(card(find(litellm, "google/gemini-2.5-pro").offer.prices[0]), kGemini);
    QCOMPARE(cardHash(find(modelsDev, "google/gemini-2.5-pro").offer.prices[0]),
             cardHash(find(genai, "google/gemini-2.5-pro").offer.prices[0]));
    QCOMPARE(cardHash(find(modelsDev, "google/gemini-2.5-pro").offer.prices[0]),
             cardHash(find(openRouter, "openrouter/google/gemini-2.5-pro").offer.prices[0]));
}

void ForeignFileTest::LitellmHandCheckedPrices()
{
    const ForeignFile file = read(lists::kLitellm);
    // A write price of 0 is a filler: whoever writes pays the input price.
    QCOMPARE(card(find(file, "deepseek/deepseek-chat").offer.prices[0]),
             QStringLiteral("cache_read 28000 | input 280000 | output 420000"));
    QCOMPARE(card(find(file, "google/gemini-2.5-pro!batch").offer.prices[0]),
             QStringLiteral("input 625000 | output 5000000"));
    QCOMPARE(card(find(file, "alibaba/qwen3-max").offer.prices[0]),
             QStringLiteral("input 1200000 | output 6000000 | input>32000 2400000 | "
                            "output>32000 12000000"));
    const FileLimits &limits = find(file, "deepseek/deepseek-chat").offer.limits.front();
    QCOMPARE(limits.contextWindow, std::optional<std::int64_t>(131'072));
    QCOMPARE(limits.maxOutput, std::optional<std::int64_t>(8'192));
    QCOMPARE(file.skipped, 1); // the picture model; the sample record is no record
}

void ForeignFileTest::LitellmPrefixedKeySaysMoreThanABareOne()
{
    const ForeignFile file = read(lists::kLitellm);
    QCOMPARE(find(file, "deepseek/deepseek-chat").key, QStringLiteral("deepseek/deepseek-chat"));
    QVERIFY(std::any_of(file.notes.begin(), file.notes.end(), [](const QString &note) {
        return note.startsWith(QLatin1String("deepseek/deepseek-chat and deepseek-chat"));
    }));
}

void ForeignFileTest::LitellmOffPeakReplacesByTheHour()
{
    const ForeignFile file = read(lists::kLitellm);
    QCOMPARE(card(find(file, "deepseek/deepseek-night").offer.prices[0]),
             QStringLiteral("input 550000 | output 2190000 | input@sched 135000 | "
                            "output@sched 550000"));
    QCOMPARE(file.names.schedules.size(), 1U);
    QCOMPARE(file.names.schedules[0].windows[0], (ScheduleWindow{127, 990, 30}));
}

void ForeignFileTest::ModelsDevHandCheckedPrices()
{
    const ForeignFile file = read(lists::kModelsDev);
    QCOMPARE(card(find(file, "deepseek/deepseek-chat").offer.prices[0]),
             QStringLiteral("cache_read 28000 | input 280000 | output 420000"));
    // The older spelling of the cache price.
    QCOMPARE(card(find(file, "deepseek/deepseek-old").offer.prices[0]),
             QStringLiteral("cache_read 14000 | input 140000 | output 280000"));
    // "context_over_200k" is written for 272k too.
    QCOMPARE(card(find(file, "openai/gpt-5.4").offer.prices[0]),
             QStringLiteral("input 2500000 | output 15000000 | input>272000 5000000 | "
                            "output>272000 22500000"));
    QCOMPARE(card(find(file, "openai/gpt-5.4!fast").offer.prices[0]),
             QStringLiteral("input 5000000 | output 30000000"));
    QCOMPARE(file.date, QDate(2025, 12, 1));
}

void ForeignFileTest::ModelsDevZeroIsNoPrice()
{
    const ForeignFile file = read(lists::kModelsDev);
    const ForeignOffer &zero = find(file, "deepseek/deepseek-zero");
    QVERIFY(zero.offer.prices.empty());
    QVERIFY(zero.unpriced.contains(QLatin1String("at 0")));
    const ForeignOffer &copilot = find(file, "github-copilot/gpt-4o!subscription");
    QVERIFY(copilot.offer.prices.empty());
    QVERIFY(copilot.unpriced.contains(QLatin1String("subscription")));
}

void ForeignFileTest::OpenRouterModelsHandCheckedPrices()
{
    const ForeignFile file = read(lists::kOpenRouterModels);
    QCOMPARE(card(find(file, "openrouter/qwen/qwen3.7-flash").offer.prices[0]),
             QStringLiteral("cache_read 6000 | input 30000 | output 130000 | input@sched 20000 | "
                            "input>32000 100000 | output>32000 400000"));
    QCOMPARE(file.names.schedules[0].windows[0], (ScheduleWindow{127, 990, 30}));
    QVERIFY(find(file, "openrouter/deepseek/deepseek-r1!free").offer.prices.empty());
    // -1 is "it depends", never a price.
    QVERIFY(find(file, "openrouter/openrouter/auto").offer.prices.empty());
}

void ForeignFileTest::OpenRouterEndpointsHandCheckedPrices()
{
    const ForeignFile file = read(lists::kOpenRouterEndpoints);
    const ForeignOffer &offer = find(file, "deepinfra/deepseek/deepseek-r1-0528@openrouter+fp4");
    QCOMPARE(card(offer.offer.prices[0]),
             QStringLiteral("cache_read 350000 | input 500000 | output 2150000"));
    QCOMPARE(offer.offer.observations.size(), 2U);
    QCOMPARE(offer.offer.observations[0].metric, QStringLiteral("ttft_ms"));
    QCOMPARE(offer.offer.observations[0].p99, std::optional<double>(3216.8));
    QCOMPARE(offer.offer.observations[1].p50, std::optional<double>(21));
    QCOMPARE(file.scope, QStringLiteral("deepseek/deepseek-r1-0528"));
}

void ForeignFileTest::WaitInAnUnclearUnitIsRefused()
{
    const ForeignFile file = read(lists::kOpenRouterEndpoints);
    QVERIFY(find(file, "novita/deepseek/deepseek-r1-0528@openrouter").offer.observations.empty());
    QCOMPARE(file.notes.size(), 1U);
    QVERIFY(file.notes[0].contains(QLatin1String("unit")));
}

void ForeignFileTest::GenaiPricesHandCheckedPrices()
{
    const ForeignFile file = read(lists::kGenai);
    const ForeignOffer &o3 = find(file, "openai/o3");
    QVERIFY(o3.declared);
    QCOMPARE(o3.offer.prices.size(), 2U);
    const UnixSeconds cut = parseInstant(QStringLiteral("2025-06-10")).value();
    QVERIFY(!o3.offer.prices[0].from);
    QCOMPARE(o3.offer.prices[0].to, std::optional(cut));
    QCOMPARE(card(o3.offer.prices[0]),
             QStringLiteral("cache_read 500000 | input 10000000 | output 40000000"));
    QCOMPARE(o3.offer.prices[1].from, std::optional(cut));
    QCOMPARE(card(o3.offer.prices[1]),
             QStringLiteral("cache_read 500000 | input 2000000 | output 8000000"));
}

void ForeignFileTest::GenaiDiscountFirstIsTurnedRound()
{
    const ForeignFile file = read(lists::kGenai);
    const FilePrice &price = find(file, "deepseek/deepseek-reasoner").offer.prices[0];
    QCOMPARE(card(price),
             QStringLiteral("cache_read 140000 | input 550000 | output 2190000 | "
                            "cache_read@sched 35000 | input@sched 135000 | output@sched 550000"));
    QCOMPARE(file.names.schedules[0].windows[0], (ScheduleWindow{127, 990, 30}));
    QCOMPARE(file.names.schedules[0].description, QStringLiteral("off-peak"));
}

void ForeignFileTest::LlmPricesHandCheckedPrices()
{
    const ForeignFile file = read(lists::kLlmPrices);
    // The pseudo-model for long prompts is folded into the model that it belongs to.
    QCOMPARE(card(find(file, "google/gemini-x").offer.prices[0]),
             QStringLiteral("input 1250000 | output 10000000 | input>200000 2500000 | "
                            "output>200000 15000000"));
    QVERIFY(!find(file, "google/gemini-x").declared);
    const ForeignOffer &dated = find(file, "google/gemini-y");
    QVERIFY(dated.declared);
    QCOMPARE(dated.offer.prices.size(), 2U);
    QCOMPARE(file.scope, QStringLiteral("google"));
}

void ForeignFileTest::UnknownFieldsAreCounted()
{
    QCOMPARE(read(lists::kLitellm).unknownFields.at(QStringLiteral("new_kind_of_field")), 1);
    QCOMPARE(read(lists::kModelsDev).unknownFields.at(QStringLiteral("mystery")), 1);
    QCOMPARE(read(lists::kOpenRouterModels).unknownFields.at(QStringLiteral("surprise")), 1);
    QCOMPARE(read(lists::kGenai).unknownFields.at(QStringLiteral("audio_mtok")), 1);
}

void ForeignFileTest::AmountsAreExactIntegers_data()
{
    QTest::addColumn<QJsonValue>("value");
    QTest::addColumn<int>("unit");
    QTest::addColumn<qint64>("amount");
    const auto row = [](const char *name, const QJsonValue &value, PriceUnit unit, qint64 amount) {
        QTest::newRow(name) << value << static_cast<int>(unit) << amount;
    };
    row("1.4e-07 a token", 1.4e-07, PriceUnit::PerToken, 140'000);
    row("a third", 8.333333333333334e-08, PriceUnit::PerToken, 83'333);
    row("0.25599999 a million", 0.25599999, PriceUnit::PerMillion, 256'000);
    row("0.003625 a million", 0.003625, PriceUnit::PerMillion, 3'625);
    row("text", QStringLiteral("0.00000125"), PriceUnit::PerToken, 1'250'000);
    row("per thousand requests", 10, PriceUnit::PerThousandRequests, 10'000'000'000);
    row("$135,000", 0.135, PriceUnit::PerToken, 135'000'000'000);
}

void ForeignFileTest::AmountsAreExactIntegers()
{
    QFETCH(QJsonValue, value);
    QFETCH(int, unit);
    QFETCH(qint64, amount);
    QCOMPARE(amountOf(value, static_cast<PriceUnit>(unit)), std::optional<Pico>(amount));
}

void ForeignFileTest::WhatIsNoPriceIsNone_data()
{
    QTest::addColumn<QJsonValue>("value");
    QTest::newRow("negative") << QJsonValue(-1);
    QTest::newRow("negative text") << QJsonValue(QStringLiteral("-1"));
    QTest::newRow("words") << QJsonValue(QStringLiteral("contact sales"));
    QTest::newRow("trailing text") << QJsonValue(QStringLiteral("0.5 USD"));
    QTest::newRow("comma") << QJsonValue(QStringLiteral("0,5"));
    QTest::newRow("infinite") << QJsonValue(QStringLiteral("inf"));
    QTest::newRow("nan") << QJsonValue(QStringLiteral("nan"));
    QTest::newRow("huge") << QJsonValue(1e300);
    QTest::newRow("null") << QJsonValue(QJsonValue::Null);
    QTest::newRow("object") << QJsonValue(QJsonObject());
    QTest::newRow("true") << QJsonValue(true);
}

void ForeignFileTest::WhatIsNoPriceIsNone()
{
    QFETCH(QJsonValue, value);
    QVERIFY(!amountOf(value, PriceUnit::PerToken));
    QVERIFY(!amountOf(value, PriceUnit::PerMillion));
}

void ForeignFileTest::BrokenTextIsRefusedInOneSentence_data()
{
    QTest::addColumn<QByteArray>("text");
    QByteArray cut = lists::kModelsDev;
    cut.chop(1);
    QTest::newRow("last brace missing") << cut;
    QTest::newRow("trailing comma") << QByteArray("{'vendor': 'openai', 'models': [],}");
    QTest::newRow("empty list") << QByteArray("[]");
    QTest::newRow("empty") << QByteArray(" \n ");
    QTest::newRow("a number") << QByteArray("[1, 2, 3]");
    QTest::newRow("web page") << QByteArray("<!doctype html><title>Sign in</title>");
    QTest::newRow("other JSON") << QByteArray("{'hello': 'world'}");
    QTest::newRow("half-scraped") << QByteArray("[{'model': 'openai/x', 'providers': []}]");
    QTest::newRow("deep") << QByteArray(5'000, '[');
    QTest::newRow("own CSV, open quote") << QByteArray("provider,model_id\na,\"m");
    QTest::newRow("own CSV, no source") << QByteArray("provider,model_id,input\na,m,1\n");
    QTest::newRow("own CSV, few cells") << QByteArray("provider,model_id,input\na,m\n");
    QTest::newRow("own JSON, no version") << QByteArray("{'paretoscope_catalog': 9}");
}

void ForeignFileTest::BrokenTextIsRefusedInOneSentence()
{
    QFETCH(QByteArray, text);
    const auto refused = tryRead(text);
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, engine::ErrorKind::BadInput);
    QVERIFY(refused.error().message.ends_with('.'));
    QVERIFY(refused.error().message.size() < 300);
}

void ForeignFileTest::ModelKeysMeetAcrossSellers_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("key");
    QTest::newRow("path") << "deepseek-ai/DeepSeek-R1-0528"
                          << "deepseek-r1-0528";
    QTest::newRow("bedrock") << "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
                             << "claude-sonnet-4-5";
    QTest::newRow("dated") << "claude-sonnet-4-20250514"
                           << "claude-sonnet-4";
    QTest::newRow("variant") << "deepseek/deepseek-r1:free"
                             << "deepseek-r1";
    QTest::newRow("plain") << "o3"
                           << "o3";
}

void ForeignFileTest::ModelKeysMeetAcrossSellers()
{
    QFETCH(QString, id);
    QTEST(modelKey(id), "key");
}

QTEST_GUILESS_MAIN(ForeignFileTest)
#include "foreign_file_test.moc"
