// SPDX-License-Identifier: GPL-3.0-or-later
// The program as a user calls it, each time with an application data folder of its own.
#include <csignal>

#include <QDir>
#include <QFile>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include "app/storage/run_store.h"
#include "app/storage/scenario_file.h"
#include "app/storage/settings.h"
#include "engine/protocol/point_json.h"

namespace {

struct Outcome
{
    int code = -1;
    QString output;
    QString errors;
};

class ProgramTest : public QObject
{
    Q_OBJECT

private slots:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(QStringLiteral(".")));
        m_home = std::make_unique<QTemporaryDir>();
    }

    void versionAndHelpAreOnStandardOutput()
    {
        const Outcome version = run({QStringLiteral("--version")});
        QCOMPARE(version.code, 0);
        QVERIFY(version.output.startsWith(QStringLiteral("paretoscope ")));
        const Outcome help = run({QStringLiteral("--help")});
        QCOMPARE(help.code, 0);
        QVERIFY(help.output.contains(QStringLiteral("measure --quick")));
        QVERIFY(!QFile::exists(dataFile(QStringLiteral("runs.sqlite"))));
    }

    void aBadArgumentIsOneSentenceAndACode_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("said");
        const auto row = [](const QString &arguments, const char *said) {
            QTest::newRow(qPrintable(arguments))
                << arguments.split(QLatin1Char(' ')) << QString::fromLatin1(said);
        };
        row(QStringLiteral("--nonsense"), "--nonsense");
        row(QStringLiteral("/nowhere/model"), "/nowhere/model");
        row(QStringLiteral("--scenario /nowhere.paretoscope --render x.png"), "/nowhere");
        row(QStringLiteral("--render x.png --size 12"), "--size");
        row(QStringLiteral("--render x.png --size 1920x1080x2"), "--size");
        row(QStringLiteral("--render x.png --theme pink"), "pink");
        row(QStringLiteral("--render /nowhere/x.png"), "/nowhere/x.png");
        row(QStringLiteral("measure --batch 0"), "batch");
        row(QStringLiteral("measure --batch one"), "batch");
        row(QStringLiteral("measure --dtype fp99"), "fp99");
        row(QStringLiteral("measure --model gpt-9"), "gpt-9");
        row(QStringLiteral("measure somewhere"), "somewhere");
        row(QStringLiteral("measure --out /proc/nowhere"), "/proc/nowhere");
        row(QStringLiteral("catalog"), "needs a command: list");
        row(QStringLiteral("catalog list --provider nobody"), "No offer");
        row(QStringLiteral("catalog list --as-of yesterday"), "yesterday");
        row(QStringLiteral("catalog list --catalog /nowhere.sqlite"), "/nowhere.sqlite");
        row(QStringLiteral("catalog cost --input 1"), "--offer");
        row(QStringLiteral("catalog cost --offer nobody/x --input 1"), "nobody/x");
        row(QStringLiteral("catalog cost --offer azure/deepseek-r1 --input -5"), "--input");
        row(QStringLiteral("catalog cost --offer azure/deepseek-r1 --at noon"), "noon");
        row(QStringLiteral("catalog import /nowhere.json"), "/nowhere.json");
        row(QStringLiteral("catalog import /proc/version"), "/proc/version");
        row(QStringLiteral("catalog check --accept 99"), "99");
        row(QStringLiteral("catalog check --undo"), "undo");
        row(QStringLiteral("catalog refresh nobody"), "nobody");
        row(QStringLiteral("catalog refresh litellm"), "--on");
        row(QStringLiteral("catalog refresh x --url http://example.org/ --on"), "https://");
        row(QStringLiteral("."), "display"); // a window without one
    }

    void aBadArgumentIsOneSentenceAndACode()
    {
        QFETCH(const QStringList, arguments);
        QFETCH(const QString, said);
        const Outcome outcome = run(arguments);
        QVERIFY(outcome.code != 0);
        QVERIFY2(outcome.errors.contains(said), qPrintable(outcome.errors));
        QCOMPARE(outcome.errors.count(QLatin1Char('\n')), 1);
        QVERIFY(outcome.errors.startsWith(QStringLiteral("paretoscope: ")));
    }

    void aDisplayThatDoesNotAnswerIsOneSentence_data()
    {
        QTest::addColumn<QString>("variable");
        QTest::addColumn<QString>("value");
        QTest::newRow("X that is gone") << QStringLiteral("DISPLAY") << QStringLiteral(":4242");
        QTest::newRow("Wayland that is gone")
            << QStringLiteral("WAYLAND_DISPLAY") << QStringLiteral("wayland-4242");
        QTest::newRow("no such platform")
            << QStringLiteral("QT_QPA_PLATFORM") << QStringLiteral("none-such");
    }

    void aDisplayThatDoesNotAnswerIsOneSentence()
    {
        QFETCH(const QString, variable);
        QFETCH(const QString, value);
        QProcess program;
        setUp(program);
        QProcessEnvironment environment = program.processEnvironment();
        environment.insert(variable, value);
        program.setProcessEnvironment(environment);
        const Outcome outcome = finish(program, {});
        QCOMPARE(program.exitStatus(), QProcess::NormalExit);
        QCOMPARE(outcome.code, 1);
        QVERIFY2(outcome.errors.contains(value), qPrintable(outcome.errors));
        QVERIFY(outcome.errors.contains(QStringLiteral("measure --quick")));
        QCOMPARE(outcome.errors.count(QLatin1Char('\n')), 1);
        QVERIFY(outcome.errors.startsWith(QStringLiteral("paretoscope: ")));
    }

    void theOffersOfADayAreListed()
    {
        const QStringList azure{QStringLiteral("catalog"),    QStringLiteral("list"),
                                QStringLiteral("--provider"), QStringLiteral("azure"),
                                QStringLiteral("--as-of"),    QStringLiteral("2025-07-15")};
        const Outcome listed = run(azure);
        QCOMPARE(listed.code, 0);
        QVERIFY(listed.output.contains(QStringLiteral("azure/deepseek-r1")));
        QVERIFY(listed.output.contains(QStringLiteral("2.3625")));
        const Outcome named = run(azure + QStringList{QStringLiteral("--catalog"),
                                                      dataFile(QStringLiteral("catalog.sqlite"))});
        QCOMPARE(named.output, listed.output);
        const Outcome json = run(azure + QStringList{QStringLiteral("--json")});
        QVERIFY(json.output.startsWith(QLatin1Char('{')));
    }

    void aRequestCostsAThirdOfACentAndTwiceThatAtPeak()
    {
        const QStringList cost{
            QStringLiteral("catalog"),  QStringLiteral("cost"),
            QStringLiteral("--offer"),  QStringLiteral("deepseek/deepseek-v4-pro"),
            QStringLiteral("--input"),  QStringLiteral("50000"),
            QStringLiteral("--cached"), QStringLiteral("48000"),
            QStringLiteral("--output"), QStringLiteral("500"),
            QStringLiteral("--json"),   QStringLiteral("--at")};
        const auto total = [&](const char *at) {
            const Outcome outcome = run(cost + QStringList{QLatin1String(at)});
            const QJsonObject object = QJsonDocument::fromJson(outcome.output.toUtf8()).object();
            qint64 parts = 0;
            const QJsonArray list = object.value(QStringLiteral("parts")).toArray();
            for (const QJsonValue &part : list)
                parts += part.toObject().value(QStringLiteral("pico")).toInteger();
            return parts == object.value(QStringLiteral("total_pico")).toInteger()
                       ? object.value(QStringLiteral("total")).toString()
                       : QStringLiteral("the parts do not add up");
        };
        QCOMPARE(total("2026-09-15T12:00:00Z"), QStringLiteral("0.003366"));
        QCOMPARE(total("2026-09-15T02:00:00Z"), QStringLiteral("0.006732"));
    }

    void aPriceListIsImportedOnceAndReviewed()
    {
        const auto write = [this](const char *name, const QByteArray &text) {
            QFile file(m_home->filePath(QLatin1String(name)));
            return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
        };
        const QByteArray list = "{\"host/m\": {\"litellm_provider\": \"host\", \"mode\": "
                                "\"chat\", \"input_cost_per_token\": 1e-06, "
                                "\"output_cost_per_token\": 4e-06}}";
        QVERIFY(write("list.json", list));
        QVERIFY(write("dearer.json", QByteArray(list).replace("1e-06", "20e-06")));
        QVERIFY(write("broken.json", list.left(40)));
        const auto import = [this](const char *name, const QStringList &more) {
            return run(QStringList{QStringLiteral("catalog"), QStringLiteral("import"),
                                   m_home->filePath(QLatin1String(name))} +
                       more);
        };
        const QStringList january{QStringLiteral("--dated"), QStringLiteral("2026-01-01")};
        const QStringList february{QStringLiteral("--dated"), QStringLiteral("2026-02-01")};
        const Outcome dry = import("list.json", january + QStringList{QStringLiteral("--dry-run")});
        QCOMPARE(dry.code, 0);
        QVERIFY2(dry.output.contains(QStringLiteral("would change")), qPrintable(dry.output));
        QVERIFY(import("list.json", january).output.contains(QStringLiteral("1 new")));
        QVERIFY(
            import("list.json", january).output.contains(QStringLiteral("nothing was written")));
        const Outcome broken = import("broken.json", january);
        QVERIFY(broken.code != 0);
        QCOMPARE(broken.errors.count(QLatin1Char('\n')), 1);
        QVERIFY(import("dearer.json", february).output.contains(QStringLiteral("8 times")));
        const QStringList check{QStringLiteral("catalog"), QStringLiteral("check")};
        QVERIFY(run(check).output.contains(QStringLiteral("host/m")));
        const Outcome accepted =
            run(check + QStringList{QStringLiteral("--accept"), QStringLiteral("1")});
        QCOMPARE(accepted.code, 0);
        QVERIFY(accepted.output.contains(QStringLiteral("accepted")));
        const Outcome listed = run({QStringLiteral("catalog"), QStringLiteral("list"),
                                    QStringLiteral("--provider"), QStringLiteral("host")});
        QVERIFY2(listed.output.contains(QRegularExpression(QStringLiteral("host/m +m +USD +20 "))),
                 qPrintable(listed.output));
    }

    void aPictureHasTheSizeAndShowsTheScenario()
    {
        const QString plain = m_home->filePath(QStringLiteral("plain.png"));
        const QString other = m_home->filePath(QStringLiteral("other.png"));
        const QString again = m_home->filePath(QStringLiteral("again.png"));
        const QStringList render{QStringLiteral("--size"), QStringLiteral("1280x800"),
                                 QStringLiteral("--theme"), QStringLiteral("light"),
                                 QStringLiteral("--render")};
        QCOMPARE(run(render + QStringList{plain}).code, 0);
        app::Scenario scenario;
        scenario.device = QStringLiteral("h200-sxm");
        scenario.workload.batch = 32;
        const QString file = m_home->filePath(QStringLiteral("s.paretoscope"));
        QVERIFY(app::writeScenario(file, scenario).has_value());
        QCOMPARE(
            run(QStringList{QStringLiteral("--scenario"), file} + render + QStringList{other}).code,
            0);
        QCOMPARE(run(QStringList{file} + render + QStringList{again}).code, 0);
        const QImage first(plain);
        QCOMPARE(first.size(), QSize(1280, 800));
        QVERIFY(first != QImage(other));
        QVERIFY(QImage(other) == QImage(again));
    }

    void everyViewIsDrawnInEveryTheme()
    {
        QList<QImage> pictures;
        for (const char *view : {"curves", "providers"}) {
            for (const char *theme : {"dark", "light", "contrast"}) {
                const QString file = m_home->filePath(QStringLiteral("view.png"));
                const Outcome outcome = run({QStringLiteral("--render"), file,
                                             QStringLiteral("--view"), QString::fromLatin1(view),
                                             QStringLiteral("--theme"), QString::fromLatin1(theme),
                                             QStringLiteral("--size"), QStringLiteral("960x640")});
                QVERIFY2(outcome.code == 0 && outcome.errors.isEmpty(), qPrintable(outcome.errors));
                const QImage picture(file);
                QCOMPARE(picture.size(), QSize(960, 640));
                QVERIFY(!pictures.contains(picture));
                pictures.append(picture);
            }
        }
    }

    void aScenarioOfANewerVersionIsRefused()
    {
        const QString file = m_home->filePath(QStringLiteral("new.paretoscope"));
        QFile stream(file);
        QVERIFY(stream.open(QIODevice::WriteOnly));
        stream.write(R"({"format": "paretoscope-scenario", "version": 9})");
        stream.close();
        const Outcome outcome = run({QStringLiteral("--render"), QStringLiteral("x.png"), file});
        QVERIFY(outcome.code != 0);
        QVERIFY2(outcome.errors.contains(QStringLiteral("version 9")), qPrintable(outcome.errors));
    }

    void measuringWritesAReportAndKeepsTheRun()
    {
        const QString folder = m_home->filePath(QStringLiteral("report"));
        const Outcome outcome =
            run({QStringLiteral("measure"), QStringLiteral("--quick"), QStringLiteral("--model"),
                 QStringLiteral(PARETOSCOPE_TINY_MODEL), QStringLiteral("--batch"),
                 QStringLiteral("1,2"), QStringLiteral("--context"), QStringLiteral("16,64"),
                 QStringLiteral("--output"), QStringLiteral("8"), QStringLiteral("--out"), folder});
        QVERIFY2(outcome.code == 0, qPrintable(outcome.errors));
        QVERIFY(outcome.output.contains(folder));
        QVERIFY(outcome.errors.contains(QStringLiteral("batch 2, context 64: first token")));
        QVERIFY(!QImage(folder + QStringLiteral("/report.png")).isNull());
        QFile json(folder + QStringLiteral("/run.json"));
        QVERIFY(json.open(QIODevice::ReadOnly));
        const auto document = engine::parseRun(json.readAll().toStdString());
        QVERIFY(document.has_value());
        QCOMPARE(document->points.size(), std::size_t(4));
        QVERIFY(document->environment.contains("ceiling_read_gbs"));
        QFile csv(folder + QStringLiteral("/curves.csv"));
        QVERIFY(csv.open(QIODevice::ReadOnly));
        QCOMPARE(csv.readAll().count('\n'), 5);

        const auto store = app::RunStore::open(dataFile(QStringLiteral("runs.sqlite")));
        QVERIFY(store.has_value());
        const auto runs = (*store)->runs();
        QCOMPARE(runs->size(), std::size_t(1));
        QVERIFY(*(*store)->points(runs->front()->id) == document->points);
    }

    void anInterruptKeepsWhatWasMeasured()
    {
        QProcess program;
        setUp(program);
        const QString folder = m_home->filePath(QStringLiteral("report"));
        program.start(QStringLiteral(PARETOSCOPE_BIN "/paretoscope"),
                      {QStringLiteral("measure"), QStringLiteral("--model"),
                       QStringLiteral(PARETOSCOPE_TINY_MODEL), QStringLiteral("--batch"),
                       QStringLiteral("1,2,3,4,5,6,7,8"), QStringLiteral("--context"),
                       QStringLiteral("64,256,1024"), QStringLiteral("--out"), folder});
        QVERIFY(program.waitForStarted());
        QString errors;
        QTRY_VERIFY_WITH_TIMEOUT((errors += QString::fromUtf8(program.readAllStandardError()))
                                     .contains(QStringLiteral("first token")),
                                 60'000);
        QCOMPARE(kill(static_cast<pid_t>(program.processId()), SIGINT), 0);
        QVERIFY(program.waitForFinished(20'000));
        QCOMPARE(program.exitStatus(), QProcess::NormalExit);
        QCOMPARE(program.exitCode(), 130);
        QVERIFY(QFile::exists(folder + QStringLiteral("/report.png")));
        QVERIFY(QFile::exists(folder + QStringLiteral("/run.json")));
    }

private:
    void setUp(QProcess &program) const
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const char *variable : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
            environment.remove(QString::fromLatin1(variable));
        environment.insert(QStringLiteral("XDG_DATA_HOME"), m_home->path());
        environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), m_home->path());
        program.setProcessEnvironment(environment);
        program.setWorkingDirectory(m_home->path());
    }

    Outcome run(const QStringList &arguments) const
    {
        QProcess program;
        setUp(program);
        return finish(program, arguments);
    }

    static Outcome finish(QProcess &program, const QStringList &arguments)
    {
        program.start(QStringLiteral(PARETOSCOPE_BIN "/paretoscope"), arguments);
        if (!program.waitForFinished(120'000))
            return {};
        return {program.exitCode(), QString::fromUtf8(program.readAllStandardOutput()),
                QString::fromUtf8(program.readAllStandardError())};
    }

    QString dataFile(const QString &name) const
    {
        return m_home->filePath(QStringLiteral("paretoscope/") + name);
    }

    std::unique_ptr<QTemporaryDir> m_home;
};

} // namespace

QTEST_GUILESS_MAIN(ProgramTest)
#include "program_test.moc"
