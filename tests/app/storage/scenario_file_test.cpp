// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include "app/storage/scenario_file.h"
#include "app/storage/settings.h"

namespace {

app::Scenario fullScenario()
{
    app::Scenario scenario;
    scenario.name = QStringLiteral("八张卡 \"quoted\"");
    scenario.model = QStringLiteral("/models/a b");
    scenario.device = QStringLiteral("cpu");
    scenario.dtype = engine::DType::Fp8;
    scenario.kvDtype = engine::DType::Bf16;
    scenario.workload = {12, 3000, 77};
    scenario.usdPerHour = 2'490'001;
    scenario.utilisation = 0.37;
    scenario.inputPerOutput = 0.1;
    scenario.cachedShare = 0.25;
    scenario.axis = app::CurveAxis::Context;
    scenario.limits.ttftMs = {true, 1234.5};
    scenario.limits.tokensPerSecond = {false, 17};
    scenario.limits.usdPerMillion = {true, 0.333};
    scenario.offers = QStringLiteral("kimi-k2");
    scenario.offersAsOf = QDate(2025, 8, 31);
    return scenario;
}

// A whole file with one key replaced.
QByteArray with(const QString &key, const QJsonValue &value)
{
    QJsonObject object = QJsonDocument::fromJson(app::toJson(fullScenario())).object();
    object.insert(key, value);
    return QJsonDocument(object).toJson();
}

class ScenarioFileTest : public QObject
{
    Q_OBJECT

private slots:
    void whatIsWrittenIsReadBackEqual()
    {
        const app::Scenario scenario = fullScenario();
        const auto read = app::parseScenario(app::toJson(scenario), m_inventory);
        QVERIFY(read.has_value());
        QVERIFY(*read == scenario);
        const auto usual = app::parseScenario(app::toJson(app::Scenario()), m_inventory);
        QVERIFY(*usual == app::Scenario());
    }

    void aFileOfTheFirstVersionStillReads()
    {
        QFile file(QStringLiteral(PARETOSCOPE_TEST_DATA "/version1.paretoscope"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto scenario = app::parseScenario(file.readAll(), m_inventory);
        QVERIFY2(scenario.has_value(), scenario ? "" : scenario.error().message.c_str());
        QCOMPARE(scenario->name, QStringLiteral("Eight users on one H200"));
        QCOMPARE(scenario->model, QStringLiteral("qwen3-8b"));
        QCOMPARE(scenario->device, QStringLiteral("h200-sxm"));
        QCOMPARE(scenario->dtype, engine::DType::Bf16);
        QVERIFY((scenario->workload == engine::Workload{8, 4096, 800}));
        QCOMPARE(scenario->usdPerHour, engine::MicroUsd(2'500'000));
        QCOMPARE(scenario->utilisation, 0.6);
        QCOMPARE(scenario->inputPerOutput, 4.0);
        QCOMPARE(scenario->cachedShare, 0.5);
        QCOMPARE(scenario->axis, app::CurveAxis::Context);
        QVERIFY((scenario->limits.ttftMs == app::Limit{true, 10'000}));
        QCOMPARE(scenario->offers, QStringLiteral("deepseek-r1"));
    }

    void unknownKeysComeBackWhereTheyWere()
    {
        QJsonObject object = QJsonDocument::fromJson(app::toJson(fullScenario())).object();
        object.insert(QStringLiteral("parallel"), QJsonObject{{QStringLiteral("tp"), 8}});
        object.insert(QStringLiteral("pinned"), QJsonArray{1, QStringLiteral("x"), true});
        QJsonObject limits = object.value(QStringLiteral("limits")).toObject();
        limits.insert(QStringLiteral("joules"), QJsonObject{{QStringLiteral("on"), true}});
        QJsonObject ttft = limits.value(QStringLiteral("ttft_ms")).toObject();
        ttft.insert(QStringLiteral("percentile"), 90);
        limits.insert(QStringLiteral("ttft_ms"), ttft);
        object.insert(QStringLiteral("limits"), limits);

        const auto read = app::parseScenario(QJsonDocument(object).toJson(), m_inventory);
        QVERIFY(read.has_value());
        QCOMPARE(QJsonDocument::fromJson(app::toJson(*read)).object(), object);
        app::Scenario edited = *read;
        edited.workload.batch = 99;
        object.insert(QStringLiteral("batch"), 99);
        QCOMPARE(QJsonDocument::fromJson(app::toJson(edited)).object(), object);
    }

    void missingKeysHaveTheirDefaults()
    {
        const auto read = app::parseScenario(
            R"({"format": "paretoscope-scenario", "version": 1, "batch": 3})", m_inventory);
        QVERIFY(read.has_value());
        app::Scenario wanted;
        wanted.workload.batch = 3;
        wanted.usdPerHour = app::rentOf(m_inventory, wanted.device);
        QVERIFY(*read == wanted);
    }

    void aFileWithoutAPriceTakesTheRentOfItsDevice()
    {
        const auto read = [this](const char *device, const QJsonValue &price = {}) {
            QJsonObject object{{QStringLiteral("format"), QStringLiteral("paretoscope-scenario")},
                               {QStringLiteral("version"), 1},
                               {QStringLiteral("device"), QString::fromLatin1(device)}};
            if (!price.isNull())
                object.insert(QStringLiteral("micro_usd_per_hour"), price);
            return app::parseScenario(QJsonDocument(object).toJson(), m_inventory)
                .value()
                .usdPerHour;
        };
        const app::DeviceEntry *h200 = m_inventory.device(QStringLiteral("h200-sxm"));
        QVERIFY(h200 && !h200->spec.prices.empty());
        const engine::MicroUsd rent = h200->spec.prices.front().perHour;
        QVERIFY(rent > 0);
        QCOMPARE(read("h200-sxm"), rent);
        QCOMPARE(read("h200-sxm", 0), engine::MicroUsd(0));
        QCOMPARE(read("h200-sxm", 17), engine::MicroUsd(17));
        QCOMPARE(read("nobody-knows-it"), engine::MicroUsd(0));
    }

    void aNewerFormatIsRefusedByItsNumber()
    {
        const auto read = app::parseScenario(with(QStringLiteral("version"), 2), m_inventory);
        QVERIFY(!read.has_value());
        QCOMPARE(read.error().kind, engine::ErrorKind::Unsupported);
        QVERIFY(read.error().message.find("version 2") != std::string::npos);
    }

    void hostileInputIsRefusedWithTheKey_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QString>("said");
        const auto row = [](const char *name, const QByteArray &json, const char *said) {
            QTest::newRow(name) << json << QString::fromLatin1(said);
        };
        row("empty", "", "JSON");
        row("cut off", app::toJson(fullScenario()).left(100), "JSON");
        row("not an object", "[1]", "format");
        row("other format", R"({"format": "gguf", "version": 1})", "format");
        row("no version", R"({"format": "paretoscope-scenario"})", "version");
        row("deep", QByteArray(100'000, '['), "JSON");
        row("large", QByteArray(2 << 20, ' '), "1 MiB");
        row("batch text", with(QStringLiteral("batch"), QStringLiteral("8")), "\"batch\"");
        row("batch zero", with(QStringLiteral("batch"), 0), "\"batch\"");
        row("batch huge", with(QStringLiteral("batch"), 1e300), "\"batch\"");
        row("batch half", with(QStringLiteral("batch"), 1.5), "\"batch\"");
        row("price below zero", with(QStringLiteral("micro_usd_per_hour"), -1),
            "\"micro_usd_per_hour\"");
        row("share over one", with(QStringLiteral("cached_share"), 1.01), "\"cached_share\"");
        row("no share of the hour", with(QStringLiteral("utilisation"), 0), "\"utilisation\"");
        row("format", with(QStringLiteral("dtype"), QStringLiteral("fp128")), "\"dtype\"");
        row("axis", with(QStringLiteral("axis"), QStringLiteral("time")), "\"axis\"");
        row("name", with(QStringLiteral("name"), QString(5000, QLatin1Char('x'))), "\"name\"");
        row("day", with(QStringLiteral("offers_as_of"), QStringLiteral("July")),
            "\"offers_as_of\"");
        row("limits", with(QStringLiteral("limits"), 3), "\"limits\"");
        row("limit on",
            with(QStringLiteral("limits"),
                 QJsonObject{{QStringLiteral("ttft_ms"), QJsonObject{{QStringLiteral("on"), 1}}}}),
            "\"limits.ttft_ms.on\"");
    }

    void hostileInputIsRefusedWithTheKey()
    {
        QFETCH(const QByteArray, json);
        QFETCH(const QString, said);
        const auto read = app::parseScenario(json, m_inventory);
        QVERIFY(!read.has_value());
        QCOMPARE(read.error().kind, engine::ErrorKind::BadInput);
        const QString message = QString::fromStdString(read.error().message);
        QVERIFY2(message.contains(said), qPrintable(message));
        QVERIFY(message.endsWith(QLatin1Char('.')));
    }

    void filesAreWrittenAsAWholeAndFaultsNameThePath()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("a.paretoscope"));
        QVERIFY(app::writeScenario(path, fullScenario()).has_value());
        QVERIFY(*app::readScenario(path, m_inventory) == fullScenario());
        const auto nowhere =
            app::readScenario(folder.filePath(QStringLiteral("none")), m_inventory);
        QCOMPARE(nowhere.error().kind, engine::ErrorKind::NotFound);
        QVERIFY(nowhere.error().detail.find("none") != std::string::npos);
        QCOMPARE(app::readScenario(folder.path(), m_inventory).error().kind, engine::ErrorKind::Io);
        const auto refused =
            app::writeScenario(folder.filePath(QStringLiteral("no/folder")), fullScenario());
        QCOMPARE(refused.error().kind, engine::ErrorKind::Io);
    }

    void settingsAndSessionComeBack()
    {
        const QTemporaryDir folder;
        QVERIFY(!app::readSession(m_inventory, folder.path()).has_value());
        QVERIFY(app::readSettings(folder.path()) == app::Settings());
        app::Settings settings;
        settings.theme = QStringLiteral("light");
        settings.view = QStringLiteral("providers");
        settings.windowGeometry = QByteArray("\0\1geo", 5);
        settings.workerCommand = {QStringLiteral("ssh"), QStringLiteral("box"),
                                  QStringLiteral("paretoscope-engine"), QStringLiteral("worker")};
        settings.firstRunStripHidden = true;
        settings.recentFiles = {QStringLiteral("/a, b"), QStringLiteral("/c")};
        app::writeSettings(settings, folder.path());
        QVERIFY(app::readSettings(folder.path()) == settings);
        QVERIFY(app::writeSession(fullScenario(), folder.path()).has_value());
        QVERIFY(*app::readSession(m_inventory, folder.path()) == fullScenario());
    }

private:
    const app::Inventory m_inventory = app::loadInventory().value();
};

} // namespace

QTEST_GUILESS_MAIN(ScenarioFileTest)
#include "scenario_file_test.moc"
