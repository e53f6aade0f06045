// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/catalog_store.h"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <random>

#include <sys/resource.h>
#include <unistd.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include "app/catalog/schema.h"
#include "tests/app/catalog/support.h"

using namespace app;
using engine::ErrorKind;

namespace {

const UnixSeconds kDay = endOfDay(QDate(2026, 11, 24));

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void overwrite(const QString &path, const QByteArray &content)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

QStringList setAsideIn(const QTemporaryDir &folder)
{
    return QDir(folder.path()).entryList({QStringLiteral("*.damaged-*")});
}

// A connection that knows nothing of our code.
class RawDatabase
{
public:
    explicit RawDatabase(const QString &path)
    {
        QSqlDatabase database =
            QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("raw"));
        database.setDatabaseName(path);
        database.open();
    }
    ~RawDatabase()
    {
        QSqlDatabase::database(QStringLiteral("raw")).close();
        QSqlDatabase::removeDatabase(QStringLiteral("raw"));
    }
    QVariant value(const QString &sql)
    {
        QSqlQuery query(QSqlDatabase::database(QStringLiteral("raw")));
        if (!query.exec(sql))
            qFatal("%s: %s", qPrintable(sql), qPrintable(query.lastError().text()));
        return query.next() ? query.value(0) : QVariant();
    }
};

std::vector<Offer> seedOffers()
{
    return take(take(CatalogStore::openInMemory())->snapshot(kDay))->offers;
}

std::vector<Offer> offersIn(const QString &path)
{
    return take(take(CatalogStore::open(path))->snapshot(kDay))->offers;
}

// This program again, in another process.
void startHelper(QProcess *process, const QStringList &arguments)
{
    process->start(QCoreApplication::applicationFilePath(), arguments);
    QVERIFY(process->waitForStarted());
}

int openInHelper(const QString &path)
{
    const auto store = CatalogStore::open(path);
    if (!store)
        std::fprintf(stderr, "%s (%s)\n", store.error().message.c_str(),
                     store.error().detail.c_str());
    return store ? 0 : 1;
}

// As on a disk that is full after 64 KiB.
int openOnFullDisk(const QString &path)
{
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{65'536, 65'536};
    setrlimit(RLIMIT_FSIZE, &limit);
    const auto store = CatalogStore::open(path);
    const auto fallback = CatalogStore::openOrInMemory(path);
    const bool refused = !store && store.error().kind == ErrorKind::Io;
    const bool usable = fallback && !(*fallback)->isPersistent() &&
                        !(*fallback)->notice().isEmpty() &&
                        take((*fallback)->snapshot(kDay))->offers.size() > 30;
    return refused && usable ? 0 : 1;
}

} // namespace

class CatalogStoreTest : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void NewFileHoldsTheSeed();
    void ReopeningWritesNothing();
    void FileIsMarkedAsOurs();
    void FilesHaveTheSameOffersAsMemory();
    void EmptyFileIsFilledWithoutANotice();
    void DamagedFileIsSetAsideAndMadeAnew_data();
    void DamagedFileIsSetAsideAndMadeAnew();
    void DamagedFileIsRestoredFromTheNewestGoodCopy_data();
    void DamagedFileIsRestoredFromTheNewestGoodCopy();
    void NewerFileIsLeftUntouched();
    void OtherProgramsDatabaseIsLeftUntouched();
    void UnwritablePlaceIsRefusedAndTheSeedStillShown();
    void ReadOnlyFolderIsRefused();
    void FullDiskIsRefusedAndTheSeedStillShown();
    void ProgramsMayMakeOneFileAtOnce();
    void TwoStoresShareOneFile();
    void KillAtAnyMomentLeavesAllOrNothing();
    void PriceHistoryIsAscendingAndGapless();
    void UnknownOfferHasNoHistory();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

void CatalogStoreTest::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->filePath(QStringLiteral("catalog.sqlite"));
}

void CatalogStoreTest::NewFileHoldsTheSeed()
{
    const auto store = take(CatalogStore::open(m_folder->filePath("a/b/catalog.sqlite")));
    QVERIFY(store->isPersistent());
    QVERIFY(store->notice().isEmpty());
    const auto catalog = take(store->snapshot(kDay));
    QVERIFY(catalog->find(QStringLiteral("deepseek/deepseek-v4-pro")));
    QCOMPARE(catalog->seedDate, QDate(2026, 11, 24));
    QCOMPARE(catalog->asOf, kDay);
}

void CatalogStoreTest::ReopeningWritesNothing()
{
    QVERIFY(CatalogStore::open(m_path));
    const QByteArray before = contentOf(m_path);
    QVERIFY(before.size() > 50'000);
    QVERIFY(CatalogStore::open(m_path));
    QVERIFY(contentOf(m_path) == before);
    RawDatabase raw(m_path);
    QCOMPARE(raw.value("SELECT count(*) FROM import_run").toInt(), 1);
}

void CatalogStoreTest::FileIsMarkedAsOurs()
{
    QVERIFY(CatalogStore::open(m_path));
    RawDatabase raw(m_path);
    QCOMPARE(raw.value("PRAGMA user_version").toInt(), catalogMigrations().back().toVersion);
    QCOMPARE(raw.value("PRAGMA application_id").toInt(), kCatalogApplicationId);
    QCOMPARE(raw.value("PRAGMA journal_mode").toString(), QStringLiteral("wal"));
    QCOMPARE(raw.value("PRAGMA foreign_key_check").isValid(), false);
    for (const char *table :
         {"source",         "import_run",      "provider",      "model",
          "model_alias",    "offer",           "offer_seen",    "offer_limits",
          "schedule",       "schedule_window", "holiday",       "holiday_coverage",
          "price_version",  "price_component", "quarantine",    "workload",
          "latency_obs",    "claim",           "user_override", "fx_rate",
          "v_current_card", "v_conflict"})
        QVERIFY2(raw.value(QStringLiteral("SELECT count(*) FROM sqlite_master WHERE name = '%1'")
                               .arg(QLatin1String(table)))
                         .toInt() == 1,
                 table);
    // Money is whole micro-dollars per million: V4-Pro's discounted cache read of $0.003625.
    QCOMPARE(raw.value("SELECT count(*) FROM price_component WHERE amount_pico = 3625 "
                       "AND component = 'cache_read'")
                 .toInt(),
             2);
    QCOMPARE(raw.value("SELECT count(*) FROM price_component WHERE amount_pico = 0").toInt(), 0);
}

void CatalogStoreTest::FilesHaveTheSameOffersAsMemory()
{
    QCOMPARE(offersIn(m_path), seedOffers());
}

void CatalogStoreTest::EmptyFileIsFilledWithoutANotice()
{
    overwrite(m_path, {});
    const auto store = take(CatalogStore::open(m_path));
    QVERIFY(store->notice().isEmpty());
    QCOMPARE(take(store->snapshot(kDay))->offers, seedOffers());
}

void CatalogStoreTest::DamagedFileIsSetAsideAndMadeAnew_data()
{
    QTest::addColumn<int>("damage");
    QTest::newRow("pages overwritten") << 0;
    QTest::newRow("cut in the middle") << 1;
    QTest::newRow("cut in the first page") << 2;
    QTest::newRow("header overwritten") << 3;
    QTest::newRow("a text file") << 4;
}

void CatalogStoreTest::DamagedFileIsSetAsideAndMadeAnew()
{
    QFETCH(int, damage);
    QVERIFY(CatalogStore::open(m_path));
    QByteArray content = contentOf(m_path);
    switch (damage) {
    case 0:
        std::memset(content.data() + 4'096, 0xa5, 10 * 4'096);
        break;
    case 1:
        content.truncate(content.size() / 2 + 100);
        break;
    case 2:
        content.truncate(1'000);
        break;
    case 3:
        content.replace(0, 16, QByteArray(16, 'x'));
        break;
    default:
        content = "Dear diary";
    }
    overwrite(m_path, content);
    const auto store = take(CatalogStore::open(m_path));
    QVERIFY(store->notice().contains(QLatin1String("damaged")));
    QVERIFY(store->isPersistent());
    QCOMPARE(take(store->snapshot(kDay))->offers, seedOffers());
    const QStringList aside = setAsideIn(*m_folder);
    QCOMPARE(aside.size(), 1);
    QVERIFY(contentOf(m_folder->filePath(aside.front())) == content);
    QVERIFY(take(CatalogStore::open(m_path))->notice().isEmpty());
}

void CatalogStoreTest::DamagedFileIsRestoredFromTheNewestGoodCopy_data()
{
    QTest::addColumn<bool>("newestIsBroken");
    QTest::addColumn<int>("own"); // price of the user's own that is found again
    QTest::newRow("newest") << false << 2;
    QTest::newRow("the one before it") << true << 1;
}

void CatalogStoreTest::DamagedFileIsRestoredFromTheNewestGoodCopy()
{
    QFETCH(bool, newestIsBroken);
    QFETCH(int, own);
    const QString offer = QStringLiteral("azure/deepseek-r1");
    const QByteArray list = "{\"host/m%1\": {\"litellm_provider\": \"host\", \"mode\": \"chat\","
                            "\"input_cost_per_token\": 1e-06, \"output_cost_per_token\": 4e-06}}";
    {
        const auto store = take(CatalogStore::open(m_path));
        for (int price = 1; price <= 2; ++price) {
            OverrideRequest request;
            request.offer = offer;
            request.amount = price;
            QVERIFY(store->setOverride(request));
            // An import renews the copy.
            ImportRequest import;
            import.name = QStringLiteral("list");
            import.at = kDay - 86'400 * (3 - price);
            import.now = kDay;
            QCOMPARE(take(store->importList(
                              QByteArray(list).replace("%1", QByteArray::number(price)), import))
                         .status,
                     ImportReport::Status::Applied);
        }
    }
    QVERIFY(QFile::exists(m_path + QStringLiteral(".backup")));
    QVERIFY(QFile::exists(m_path + QStringLiteral(".backup.old")));
    if (newestIsBroken) {
        QByteArray copy = contentOf(m_path + QStringLiteral(".backup"));
        std::memset(copy.data() + 4'096, 0xa5, 10 * 4'096);
        overwrite(m_path + QStringLiteral(".backup"), copy);
    }
    overwrite(m_path, "Dear diary");
    const auto store = take(CatalogStore::open(m_path));
    QVERIFY(store->notice().contains(QLatin1String("restored from the copy")));
    const Offer found = take(store->offer(offer, kDay));
    QCOMPARE(found.card.base.input, std::optional<MicroPerMillion>(own));
    QCOMPARE(setAsideIn(*m_folder).size(), 1);
    QVERIFY(store->checkIntegrity());
}

void CatalogStoreTest::NewerFileIsLeftUntouched()
{
    QVERIFY(CatalogStore::open(m_path));
    {
        RawDatabase raw(m_path);
        raw.value("PRAGMA user_version = 99");
    }
    const QByteArray before = contentOf(m_path);
    const auto store = CatalogStore::open(m_path);
    QVERIFY(!store);
    QCOMPARE(store.error().kind, ErrorKind::Unsupported);
    QVERIFY(contentOf(m_path) == before);
    QVERIFY(setAsideIn(*m_folder).isEmpty());
    const auto fallback = take(CatalogStore::openOrInMemory(m_path));
    QVERIFY(!fallback->isPersistent());
    QVERIFY(fallback->notice().contains(QLatin1String("newer version")));
    QCOMPARE(take(fallback->snapshot(kDay))->offers, seedOffers());
}

void CatalogStoreTest::OtherProgramsDatabaseIsLeftUntouched()
{
    {
        RawDatabase raw(m_path);
        raw.value("CREATE TABLE recipe (name TEXT)");
    }
    const QByteArray before = contentOf(m_path);
    const auto store = CatalogStore::open(m_path);
    QVERIFY(!store);
    QCOMPARE(store.error().kind, ErrorKind::Unsupported);
    QVERIFY(contentOf(m_path) == before);
}

void CatalogStoreTest::UnwritablePlaceIsRefusedAndTheSeedStillShown()
{
    overwrite(m_path, "a file where a folder would have to be");
    const QString below = m_path + QStringLiteral("/catalog.sqlite");
    const auto store = CatalogStore::open(below);
    QVERIFY(!store);
    QCOMPARE(store.error().kind, ErrorKind::Io);
    const auto onFolder = CatalogStore::open(m_folder->path());
    QVERIFY(!onFolder);
    QCOMPARE(onFolder.error().kind, ErrorKind::Io);
    const auto fallback = take(CatalogStore::openOrInMemory(below));
    QVERIFY(!fallback->isPersistent());
    QVERIFY(!fallback->notice().isEmpty());
    QCOMPARE(take(fallback->snapshot(kDay))->offers, seedOffers());
}

void CatalogStoreTest::ReadOnlyFolderIsRefused()
{
    if (geteuid() == 0)
        QSKIP("The administrator may write to a read-only folder");
    QVERIFY(QFile::setPermissions(m_folder->path(), QFile::ReadOwner | QFile::ExeOwner));
    const auto store = CatalogStore::open(m_path);
    QFile::setPermissions(m_folder->path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    QVERIFY(!store);
    QCOMPARE(store.error().kind, ErrorKind::Io);
}

void CatalogStoreTest::FullDiskIsRefusedAndTheSeedStillShown()
{
    QProcess helper;
    startHelper(&helper, {QStringLiteral("--full-disk"), m_path});
    QVERIFY(helper.waitForFinished());
    QCOMPARE(helper.exitStatus(), QProcess::NormalExit);
    QCOMPARE(helper.exitCode(), 0);
    // What the full disk left behind is completed once there is room.
    QCOMPARE(offersIn(m_path), seedOffers());
}

void CatalogStoreTest::ProgramsMayMakeOneFileAtOnce()
{
    std::vector<std::unique_ptr<QProcess>> helpers;
    for (int i = 0; i < 4; ++i) {
        helpers.push_back(std::make_unique<QProcess>());
        startHelper(helpers.back().get(), {QStringLiteral("--open"), m_path});
    }
    for (const auto &helper : helpers) {
        QVERIFY(helper->waitForFinished());
        QCOMPARE(helper->exitCode(), 0);
    }
    QCOMPARE(offersIn(m_path), seedOffers());
    QVERIFY(setAsideIn(*m_folder).isEmpty());
    RawDatabase raw(m_path);
    QCOMPARE(raw.value("SELECT count(*) FROM import_run").toInt(), 1);
}

void CatalogStoreTest::TwoStoresShareOneFile()
{
    const auto one = take(CatalogStore::open(m_path));
    const auto two = take(CatalogStore::open(m_path));
    QCOMPARE(take(one->snapshot(kDay))->offers, take(two->snapshot(kDay))->offers);
}

void CatalogStoreTest::KillAtAnyMomentLeavesAllOrNothing()
{
    const std::vector<Offer> whole = seedOffers();
    QElapsedTimer clock;
    clock.start();
    QProcess undisturbed;
    startHelper(&undisturbed, {QStringLiteral("--open"), m_path});
    QVERIFY(undisturbed.waitForFinished());
    const auto usual = static_cast<unsigned long>(clock.nsecsElapsed() / 1'000);
    std::mt19937 random(20'251'124);
    std::uniform_int_distribution<unsigned long> micros(usual / 4, usual + usual / 4);
    int filled = 0;
    for (int moment = 0; moment < 50; ++moment) {
        const QString path = m_folder->filePath(QStringLiteral("kill-%1.sqlite").arg(moment));
        QProcess helper;
        startHelper(&helper, {QStringLiteral("--open"), path});
        QThread::usleep(micros(random));
        helper.kill();
        QVERIFY(helper.waitForFinished());
        if (QFileInfo::exists(path)) {
            RawDatabase raw(path);
            QCOMPARE(raw.value("PRAGMA quick_check").toString(), QStringLiteral("ok"));
            const int tables = raw.value("SELECT count(*) FROM sqlite_master").toInt();
            const int offers = tables == 0 ? 0 : raw.value("SELECT count(*) FROM offer").toInt();
            const int components =
                tables == 0 ? 0 : raw.value("SELECT count(*) FROM price_component").toInt();
            QVERIFY((offers == 0) == (components == 0));
            filled += offers > 0 ? 1 : 0;
        }
        const auto store = take(CatalogStore::open(path));
        QVERIFY(store->notice().isEmpty());
        QCOMPARE(take(store->snapshot(kDay))->offers, whole);
    }
    qInfo("%d of 50 kills came after the seed was in", filled);
}

void CatalogStoreTest::PriceHistoryIsAscendingAndGapless()
{
    const auto store = take(CatalogStore::openInMemory());
    const auto steps = take(store->priceHistory(QStringLiteral("deepseek/deepseek-reasoner")));
    QCOMPARE(steps.size(), 6U);
    for (std::size_t i = 1; i < steps.size(); ++i)
        QCOMPARE(steps[i - 1].validTo, steps[i].validFrom);
    QCOMPARE(steps.front().card.base.input, std::optional<MicroPerMillion>(550'000));
    QCOMPARE(steps.back().card.base.cacheRead, std::optional<MicroPerMillion>(2'800));
    QCOMPARE(steps[1].card.rules.size(), 1U);
    QCOMPARE(steps[1].basis, DateBasis::VendorDeclared);
}

void CatalogStoreTest::UnknownOfferHasNoHistory()
{
    const auto store = take(CatalogStore::openInMemory());
    QCOMPARE(store->priceHistory(QStringLiteral("deepseek/'; DROP TABLE offer")).error().kind,
             ErrorKind::NotFound);
}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const QStringList arguments = application.arguments();
    if (arguments.value(1) == QLatin1String("--open"))
        return openInHelper(arguments.value(2));
    if (arguments.value(1) == QLatin1String("--full-disk"))
        return openOnFullDisk(arguments.value(2));
    CatalogStoreTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "catalog_store_test.moc"
