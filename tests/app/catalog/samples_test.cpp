// SPDX-License-Identifier: GPL-3.0-or-later
// Reads real lists from the folder that PARETOSCOPE_SAMPLES names, one folder a format and a
// folder "broken"; the project itself holds none of them.
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTest>

#include "app/catalog/import/foreign_file.h"
#include "tests/app/catalog/scratch_catalog.h"

using namespace app;
using Micro = std::optional<MicroPerMillion>;

class SamplesTest : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void SamplesAreRecognisedAndImported_data();
    void SamplesAreRecognisedAndImported();
    void ThreeWaysToWriteGeminisTierComeOutEqual();
    void BrokenSamplesLeaveTheCatalogAsItWas();

private:
    QByteArray content(const QString &path) const
    {
        QFile file(QDir(m_folder).filePath(path));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    QString m_folder = qEnvironmentVariable("PARETOSCOPE_SAMPLES");
};

void SamplesTest::init()
{
    if (m_folder.isEmpty())
        QSKIP("PARETOSCOPE_SAMPLES names no folder of real price lists");
}

void SamplesTest::SamplesAreRecognisedAndImported_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("importer");
    QTest::addColumn<int>("atLeast");
    QTest::addColumn<QString>("offer");
    QTest::addColumn<qint64>("input");
    const auto row = [](const char *path, const char *importer, int atLeast, const char *offer,
                        qint64 input) {
        QTest::newRow(path) << QString::fromLatin1(path) << QString::fromLatin1(importer) << atLeast
                            << QString::fromLatin1(offer) << input;
    };
    row("litellm/model_prices_and_context_window.trimmed.json", "litellm", 20,
        "deepseek/deepseek-chat", 280'000);
    row("models.dev/api.trimmed.json", "models.dev", 20, "google/gemini-2.5-pro", 1'250'000);
    row("openrouter/api_v1_models.trimmed.json", "openrouter-models", 5,
        "openrouter/qwen/qwen3.7-flash", 30'000);
    row("openrouter/endpoints.docs_example.json", "openrouter-endpoints", 1,
        "openai/openai/gpt-4@openrouter+fp16", 30'000'000);
    row("genai-prices/data_v2.trimmed.json", "genai-prices", 15, "openai/o3", 2'000'000);
    row("llm-prices/current-v1.shape.json", "llm-prices", 10, "deepseek/deepseek-v4-pro",
        1'740'000);
    row("llm-prices/historical-v1.shape.json", "llm-prices", 5, "deepseek/deepseek-chat", 270'000);
    row("llm-prices/data/openai.json", "llm-prices", 20, "openai/gpt-4o", 2'500'000);
    row("llm-prices/data/deepseek.json", "llm-prices", 4, "deepseek/deepseek-chat", 270'000);
}

void SamplesTest::SamplesAreRecognisedAndImported()
{
    QFETCH(QString, path);
    QFETCH(QString, offer);
    QFETCH(qint64, input);
    QFETCH(int, atLeast);
    ScratchCatalog catalog;
    const QByteArray text = content(path);
    const ImportReport report = take(importPriceList(
        catalog.database(), text, ScratchCatalog::request(QStringLiteral("2026-11-24"))));
    QCOMPARE(report.status, ImportReport::Status::Applied);
    QTEST(report.importer, "importer");
    QVERIFY2(report.seen >= atLeast, qPrintable(QString::number(report.seen)));
    QCOMPARE(catalog.input(offer, QStringLiteral("2026-11-24")), Micro(input));
    const qint64 changes = catalog.changes();
    QCOMPARE(take(importPriceList(catalog.database(), text,
                                  ScratchCatalog::request(QStringLiteral("2026-11-24"))))
                 .status,
             ImportReport::Status::NoChange);
    QCOMPARE(catalog.changes(), changes);
}

void SamplesTest::ThreeWaysToWriteGeminisTierComeOutEqual()
{
    const auto card = [this](const char *path, const char *key) {
        ScratchCatalog catalog;
        (void)take(importPriceList(catalog.database(), content(QLatin1String(path)),
                                   ScratchCatalog::request(QStringLiteral("2026-11-24"))));
        const auto snapshot = catalog.snapshot(QStringLiteral("2026-11-24"));
        const Offer *offer = snapshot->find(QLatin1String(key));
        if (!offer)
            qFatal("%s has no %s", path, key);
        const Prices above = pricesAt(offer->card, 200'001, 0);
        const Prices base = pricesAt(offer->card, 200'000, 0);
        return QList<Micro>{base.input,  base.output,  base.cacheRead,
                            above.input, above.output, above.cacheRead};
    };
    const QList<Micro> expected{1'250'000, 10'000'000, 125'000, 2'500'000, 15'000'000, 250'000};
    QCOMPARE(card("models.dev/api.trimmed.json", "google/gemini-2.5-pro"), expected);
    QCOMPARE(card("genai-prices/data_v2.trimmed.json", "google/gemini-2.5-pro"), expected);
    QCOMPARE(card("openrouter/api_v1_models.trimmed.json", "openrouter/google/gemini-2.5-pro"),
             expected);
}

void SamplesTest::BrokenSamplesLeaveTheCatalogAsItWas()
{
    ScratchCatalog catalog;
    (void)take(importPriceList(catalog.database(), content("models.dev/api.trimmed.json"),
                               ScratchCatalog::request(QStringLiteral("2026-07-02"))));
    const QString before = catalog.content();
    int tried = 0;
    QDirIterator files(QDir(m_folder).filePath(QStringLiteral("broken")), QDir::Files);
    while (files.hasNext()) {
        QFile file(files.next());
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto report = importPriceList(catalog.database(), file.readAll(),
                                            ScratchCatalog::request(QStringLiteral("2026-11-24")));
        QVERIFY2(!report || report->status == ImportReport::Status::Rejected,
                 qPrintable(file.fileName()));
        if (!report)
            QVERIFY(report.error().message.ends_with('.'));
        ++tried;
    }
    QVERIFY(tried > 3);
    QCOMPARE(catalog.content(), before);
}

QTEST_GUILESS_MAIN(SamplesTest)
#include "samples_test.moc"
