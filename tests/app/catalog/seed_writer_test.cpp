// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/seed_writer.h"

#include <QFile>
#include <QSqlDatabase>
#include <QTemporaryDir>
#include <QTest>

#include "app/catalog/database.h"
#include "app/catalog/snapshot.h"
#include "tests/app/catalog/support.h"

using namespace app;

namespace {

// A catalog of two hosts, in apostrophes; %1 is the revision, %2 the price of the first, %3 its
// note.
constexpr auto kSeed =
    "{'paretoscope_catalog': 1, 'revision': %1,"
    " 'sources': [{'slug': 'seed-page', 'name': 'A page', 'kind': 'vendor_page',"
    "   'homepage': 'https://example.org/', 'licence': 'facts', 'precedence': 10}],"
    " 'providers': [{'slug': 'a', 'name': 'Host A', 'kind': 'host'},"
    "   {'slug': 'b', 'name': 'Host B', 'kind': 'host'}],"
    " 'models': [{'slug': 'm', 'name': 'M', 'family': 'm', 'vendor': 'a',"
    "   'released_on': '2025-01-01'}],"
    " 'offers': [{'provider': 'a', 'model_id': 'm', 'models': [{'model': 'm'}],"
    "   'prices': [{'from': '2025-01-01', 'basis': 'vendor_declared',"
    "     'base': {'input': '%2', 'output': '2.5'}, 'source': 'seed-page',"
    "     'locator': 'https://example.org/prices', 'date': '2025-01-02',"
    "     'confidence': 'high', 'note': '%3'}]}%4]}";
constexpr auto kSecondHost = ", {'provider': 'b', 'model_id': 'm', 'models': [{'model': 'm'}],"
                             "   'prices': [{'from': '2025-01-01', 'basis': 'vendor_declared',"
                             "     'base': {'input': '1', 'output': '2'}, 'source': 'seed-page',"
                             "     'locator': 'https://example.org/prices', 'date': '2025-01-02',"
                             "     'confidence': 'high'}]}";

const UnixSeconds kNow = 1'800'000'000;
const int kNewest = catalogMigrations().back().toVersion;

// Every step that there is, and one more.
std::vector<Migration> withNext(std::span<const char *const> statements)
{
    const auto known = catalogMigrations();
    std::vector<Migration> all(known.begin(), known.end());
    all.push_back({kNewest + 1, statements});
    return all;
}

class Fixture
{
public:
    Fixture()
        : m_database(QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("test")))
    {
        m_database.setDatabaseName(m_folder.filePath(QStringLiteral("c.sqlite")));
        m_database.open();
        (void)take(database::run(m_database, QStringLiteral("PRAGMA foreign_keys = ON")));
    }
    ~Fixture()
    {
        m_database.close();
        m_database = QSqlDatabase();
        QSqlDatabase::removeDatabase(QStringLiteral("test"));
    }
    void migrate(std::span<const Migration> migrations = catalogMigrations())
    {
        QVERIFY(database::migrate(m_database, path(), migrations));
    }
    engine::Result<void> seed(int revision, const QString &price, const QString &note,
                              bool secondHost = true)
    {
        m_text = QString::fromLatin1(kSeed)
                     .arg(revision)
                     .arg(price, note, secondHost ? QString::fromLatin1(kSecondHost) : QString())
                     .replace(u'\'', u'"')
                     .toUtf8();
        const engine::EmbeddedFile file{
            "test.json", std::string_view(m_text.constData(), std::size_t(m_text.size()))};
        return applySeed(m_database, std::span(&file, 1), kNow + revision);
    }
    QVariant value(const QString &sql)
    {
        QSqlQuery row = take(database::run(m_database, sql));
        return row.next() ? row.value(0) : QVariant();
    }
    CatalogPtr snapshot() { return take(readSnapshot(m_database, 1'790'000'000)); }
    QSqlDatabase &database() { return m_database; }
    QString path() const { return m_database.databaseName(); }

private:
    QTemporaryDir m_folder;
    QSqlDatabase m_database;
    QByteArray m_text;
};

std::optional<MicroPerMillion> inputOf(const CatalogPtr &catalog)
{
    return catalog->find(QStringLiteral("a/m"))->card.base.input;
}

} // namespace

class SeedWriterTest : public QObject
{
    Q_OBJECT

private slots:
    void SeedingTwiceWritesNothing();
    void CorrectedPriceSupersedesTheOld();
    void CorrectedNoteIsNoNewPrice();
    void OfferThatTheSeedDropsLosesItsPrice();
    void OlderSeedNeverReplacesANewer();
    void OtherSourcesRowsAreLeftAlone();
    void SeedThatFailsLeavesTheOldOne();
    void UnreadableSeedIsNotADamagedFile();
    void MigrationBacksUpFirst();
    void FirstFormatComesForwardWithItsData();
    void FailedMigrationChangesNothing();
    void NewFileNeedsNoBackup();
};

void SeedWriterTest::SeedingTwiceWritesNothing()
{
    Fixture fixture;
    fixture.migrate();
    QVERIFY(fixture.seed(1, QStringLiteral("0.5"), {}));
    const QVariant changes = fixture.value(QStringLiteral("SELECT total_changes()"));
    QVERIFY(changes.toInt() > 10);
    QVERIFY(fixture.seed(1, QStringLiteral("0.5"), {}));
    QCOMPARE(fixture.value(QStringLiteral("SELECT total_changes()")), changes);
}

void SeedWriterTest::CorrectedPriceSupersedesTheOld()
{
    Fixture fixture;
    fixture.migrate();
    QVERIFY(fixture.seed(1, QStringLiteral("0.5"), {}));
    QVERIFY(fixture.seed(2, QStringLiteral("0.55"), {}));
    QCOMPARE(inputOf(fixture.snapshot()), std::optional<MicroPerMillion>(550'000));
    QCOMPARE(fixture.value("SELECT count(*) FROM price_version").toInt(), 3);
    QCOMPARE(fixture.value("SELECT superseded_at FROM price_version WHERE superseded_at NOT NULL")
                 .toLongLong(),
             kNow + 2);
    QCOMPARE(fixture.value("SELECT change_kind FROM price_version WHERE recorded_at = 1800000002")
                 .toString(),
             QStringLiteral("correction"));
    // The corrected figure stays readable: what was shown before.
    QCOMPARE(fixture
                 .value("SELECT amount_pico FROM price_component c JOIN price_version v "
                        "ON v.id = c.price_version_id WHERE v.superseded_at NOT NULL AND "
                        "component = 'input'")
                 .toInt(),
             500'000);
}

void SeedWriterTest::CorrectedNoteIsNoNewPrice()
{
    Fixture fixture;
    fixture.migrate();
    QVERIFY(fixture.seed(1, QStringLiteral("0.5"), QStringLiteral("first")));
    QVERIFY(fixture.seed(2, QStringLiteral("0.5"), QStringLiteral("second")));
    QCOMPARE(fixture.value("SELECT count(*) FROM price_version").toInt(), 2);
    QCOMPARE(fixture.snapshot()->find(QStringLiteral("a/m"))->provenance.note,
             QStringLiteral("second"));
}

void SeedWriterTest::OfferThatTheSeedDropsLosesItsPrice()
{
    Fixture fixture;
    fixture.migrate();
    QVERIFY(fixture.seed(1, QStringLiteral("0.5"), {}));
    QVERIFY(fixture.snapshot()->find(QStringLiteral("b/m")));
    QVERIFY(fixture.seed(2, QStringLiteral("0.5"), {}, false));
    QVERIFY(!fixture.snapshot()->find(QStringLiteral("b/m")));
    QVERIFY(fixture.snapshot()->find(QStringLiteral("a/m")));
    QCOMPARE(fixture.value("SELECT count(*) FROM offer").toInt(), 2);
}

void SeedWriterTest::OlderSeedNeverReplacesANewer()
{
    Fixture fixture;
    fixture.migrate();
    QVERIFY(fixture.seed(2, QStringLiteral("0.55"), {}));
    QVERIFY(fixture.seed(1, QStringLiteral("0.5"), {}));
    QCOMPARE(inputOf(fixture.snapshot()), std::optional<MicroPerMillion>(550'000));
}

void SeedWriterTest::OtherSourcesRowsAreLeftAlone()
{
    Fixture fixture;
    fixture.migrate();
    QVERIFY(fixture.seed(1, QStringLiteral("0.5"), {}));
    for (const char *sql :
         {"INSERT INTO source VALUES (77, 'mine', 'Mine', 'user', NULL, '', NULL, 0, 0, 0, 0)",
          "INSERT INTO import_run (id, source_id, started_at, status, importer, importer_version) "
          "VALUES (77, 77, 0, 'applied', 'user', 1)",
          "INSERT INTO price_version (id, offer_id, source_id, valid_from, valid_from_basis, "
          "recorded_at, change_kind, status, run_id, card_hash, upstream_locator, checked_at) "
          "VALUES (77, 1, 77, 0, 'unknown', 0, 'initial', 'active', 77, 'h', 'https://x.org', 0)",
          "INSERT INTO price_component VALUES (77, 'input', 0, 0, 123, 'token', 'user', NULL)",
          "INSERT INTO user_override (offer_id, component, amount_pico, created_at) "
          "VALUES (1, 'input', 42, 0)"})
        (void)take(database::run(fixture.database(), QString::fromLatin1(sql)));
    QVERIFY(fixture.seed(2, QStringLiteral("0.6"), {}));
    QCOMPARE(fixture.value("SELECT amount_pico FROM user_override").toInt(), 42);
    QVERIFY(fixture.value("SELECT superseded_at FROM price_version WHERE id = 77").isNull());
    const auto catalog = fixture.snapshot();
    // The user's own price stands in the place of the source that goes before the seed.
    const Offer *offer = catalog->find(QStringLiteral("a/m"));
    QCOMPARE(offer->card.base.input, std::optional<MicroPerMillion>(42));
    QCOMPARE(offer->overrides[0].imported, std::optional<Pico>(123));
    QCOMPARE(catalog->find(QStringLiteral("a/m"))->conflicts[0].prices.input,
             std::optional<MicroPerMillion>(600'000));
}

void SeedWriterTest::SeedThatFailsLeavesTheOldOne()
{
    Fixture fixture;
    fixture.migrate();
    QVERIFY(fixture.seed(1, QStringLiteral("0.5"), {}));
    (void)take(database::run(
        fixture.database(), QStringLiteral("CREATE TRIGGER refuse BEFORE INSERT ON price_component "
                                           "BEGIN SELECT RAISE(ABORT, 'no room'); END")));
    const auto refused = fixture.seed(2, QStringLiteral("0.55"), {});
    QVERIFY(!refused);
    QCOMPARE(fixture.value("SELECT count(*) FROM import_run").toInt(), 1);
    QCOMPARE(inputOf(fixture.snapshot()), std::optional<MicroPerMillion>(500'000));
}

void SeedWriterTest::UnreadableSeedIsNotADamagedFile()
{
    Fixture fixture;
    fixture.migrate();
    const auto refused = fixture.seed(1, QStringLiteral("0"), {});
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, engine::ErrorKind::Internal);
}

void SeedWriterTest::MigrationBacksUpFirst()
{
    static const char *const kNext[] = {"ALTER TABLE offer ADD COLUMN nickname TEXT"};
    const std::vector<Migration> both = withNext(kNext);
    Fixture fixture;
    fixture.migrate();
    QVERIFY(fixture.seed(1, QStringLiteral("0.5"), {}));
    fixture.migrate(both);
    QCOMPARE(fixture.value("PRAGMA user_version").toInt(), kNewest + 1);
    QCOMPARE(fixture.value("SELECT count(nickname) FROM offer").toInt(), 0);
    QCOMPARE(inputOf(fixture.snapshot()), std::optional<MicroPerMillion>(500'000));
    const QString backup = fixture.path() + QStringLiteral(".v%1.backup").arg(kNewest);
    QVERIFY(QFile::exists(backup));
    QVERIFY(take(database::run(fixture.database(), QStringLiteral("ATTACH ? AS old"), {backup}))
                .isActive());
    QCOMPARE(fixture.value("PRAGMA old.user_version").toInt(), kNewest);
    QCOMPARE(fixture.value("SELECT count(*) FROM old.price_version").toInt(), 2);
}

void SeedWriterTest::FirstFormatComesForwardWithItsData()
{
    Fixture fixture;
    fixture.migrate(catalogMigrations().first(1));
    for (const char *sql :
         {"INSERT INTO provider (id, slug, name, kind) VALUES (1, 'a', 'A', 'host'), "
          "(2, 'g', 'G', 'gateway')",
          "INSERT INTO offer (provider_id, via_provider_id, provider_model_id, region, "
          "service_tier, quantization, first_seen, last_seen) VALUES (1, 2, 'x/m', 'eu', 'batch', "
          "'fp8', 0, 0), (1, NULL, 'm', '', 'standard', 'unknown', 0, 0)"})
        (void)take(database::run(fixture.database(), QString::fromLatin1(sql)));
    fixture.migrate();
    QCOMPARE(fixture.value("PRAGMA user_version").toInt(), kNewest);
    QCOMPARE(fixture.value("SELECT key FROM offer WHERE id = 1").toString(),
             QStringLiteral("a/x/m@g#eu!batch+fp8"));
    QCOMPARE(fixture.value("SELECT key FROM offer WHERE id = 2").toString(), QStringLiteral("a/m"));
    QVERIFY(QFile::exists(fixture.path() + QStringLiteral(".v1.backup")));
    QVERIFY(fixture.seed(1, QStringLiteral("0.5"), {}));
}

void SeedWriterTest::FailedMigrationChangesNothing()
{
    static const char *const kNext[] = {"ALTER TABLE offer ADD COLUMN nickname TEXT",
                                        "ALTER TABLE no_such_table ADD COLUMN x TEXT"};
    const std::vector<Migration> both = withNext(kNext);
    Fixture fixture;
    fixture.migrate();
    const auto refused = database::migrate(fixture.database(), fixture.path(), both);
    QVERIFY(!refused);
    QCOMPARE(fixture.value("PRAGMA user_version").toInt(), kNewest);
    QCOMPARE(fixture
                 .value("SELECT count(*) FROM pragma_table_info('offer') "
                        "WHERE name = 'nickname'")
                 .toInt(),
             0);
}

void SeedWriterTest::NewFileNeedsNoBackup()
{
    Fixture fixture;
    fixture.migrate();
    QVERIFY(!QFile::exists(fixture.path() + QStringLiteral(".v0.backup")));
}

QTEST_GUILESS_MAIN(SeedWriterTest)
#include "seed_writer_test.moc"
