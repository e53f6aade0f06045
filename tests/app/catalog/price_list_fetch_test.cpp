// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/price_list_fetch.h"

#include <algorithm>
#include <functional>

#include <QNetworkProxy>
#include <QSignalSpy>
#include <QSslKey>
#include <QSslServer>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>
#include <QTimer>

#include "app/catalog/catalog_file.h"
#include "app/catalog/catalog_store.h"
#include "tests/app/catalog/price_lists.h"
#include "tests/app/catalog/support.h"

using namespace app;
using engine::ErrorKind;

namespace {

// A key and a certificate of its own for "localhost", which nobody vouches for.
constexpr auto kKey = R"(-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFcBdiYClCSsv0q+I4u8MQeFfTOjCARRbJz0kTXGHTwnoAoGCCqGSM49
AwEHoUQDQgAE/PjcP8ZqgnHKE8oJn5mUdUeYJUmw3e7AiGyVzB3/NEjMfj2v9OzF
cb4ScQrqlB+k9lzWx4z5woLXcnaYulniyw==
-----END EC PRIVATE KEY-----)";
constexpr auto kCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUK1MCj9vXe0QoX5hXp9ADj6NVX68wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODExNTQyMloYDzIxMjYxMTA0
MTE1NDIyWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT8+Nw/xmqCccoTygmfmZR1R5glSbDd7sCIbJXMHf80SMx+Pa/07MVx
vhJxCuqUH6T2XNbHjPnCgtdydpi6WeLLo2kwZzAdBgNVHQ4EFgQUzKjpoXa9swX6
SWAn65AL6rg/ExwwHwYDVR0jBBgwFoAUzKjpoXa9swX6SWAn65AL6rg/ExwwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIgeADwggbf56IAmaRoUS68SX7vpNjFCI5weLBkqKAuFOkCIQDBcbyjLe4B
LTeIO01/5jxLK/nB+M+L2wlMIcAGfGZKxw==
-----END CERTIFICATE-----)";

// An HTTP server on this machine whose answers are written by the test.
class Server : public QTcpServer
{
public:
    using Answer = std::function<void(QTcpSocket *)>;

    explicit Server(Answer answer) : m_answer(std::move(answer))
    {
        listen(QHostAddress::LocalHost);
        connect(this, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] {
                m_request += socket->readAll();
                if (m_request.endsWith("\r\n\r\n")) {
                    requests.append(m_request);
                    m_request.clear();
                    m_answer(socket);
                }
            });
            connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        });
    }
    QString url(const char *path = "/list.json") const
    {
        return QStringLiteral("http://127.0.0.1:%1%2").arg(serverPort()).arg(QLatin1String(path));
    }
    QList<QByteArray> requests;

private:
    Answer m_answer;
    QByteArray m_request;
};

QByteArray headers(const QByteArray &status, const QByteArray &more, qint64 length)
{
    return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + more +
           (length >= 0 ? "Content-Length: " + QByteArray::number(length) + "\r\n" : QByteArray()) +
           "\r\n";
}

Server::Answer answering(const QByteArray &body, const QByteArray &more = {},
                         const QByteArray &status = "200 OK")
{
    return [=](QTcpSocket *socket) {
        socket->write(headers(status, more, body.size()) + body);
        socket->disconnectFromHost();
    };
}

engine::Result<FetchedList> fetch(const QString &url, const FetchLimits &limits = {})
{
    PriceListFetch fetcher;
    engine::Result<FetchedList> outcome = tl::make_unexpected(engine::Error{});
    int ends = 0;
    QObject::connect(&fetcher, &PriceListFetch::finished, &fetcher,
                     [&](const engine::Result<FetchedList> &result) {
                         outcome = result;
                         ++ends;
                     });
    fetcher.start(url, limits);
    if (!QTest::qWaitFor([&] { return ends > 0; }, 20'000))
        qFatal("no end");
    QTest::qWait(20);
    if (ends != 1)
        qFatal("%d ends", ends);
    return outcome;
}

const QByteArray kList = QByteArray(lists::kLitellm).replace('\'', '"');

} // namespace

class PriceListFetchTest : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void ListArrivesWithItsDate();
    void ListIsImportedAfterwards();
    void NothingIsGivenAway();
    void ProgressIsTold();
    void TruncatedBodyIsRefused();
    void TruncatedChunksAreRefused();
    void SlowServerIsGivenUp();
    void DrippingServerIsGivenUp();
    void HugeBodyIsCutOff_data();
    void HugeBodyIsCutOff();
    void WrongTypeIsRefused_data();
    void WrongTypeIsRefused();
    void StatusIsNamed_data();
    void StatusIsNamed();
    void HostileBodyOnlyFailsTheImport_data();
    void HostileBodyOnlyFailsTheImport();
    void CompressionIsNotAskedForAndNotUnpacked();
    void RedirectWithinTheHostIsFollowed();
    void RedirectToAnotherHostIsRefused();
    void RedirectsInACircleEnd();
    void CancelEndsAtOnce();
    void ServerThatIsNotThereIsNamed();
    void UnvouchedCertificateIsRefused();
    void AddressesThatMayNotBeAsked_data();
    void AddressesThatMayNotBeAsked();
    void SourcesAreOffUntilTurnedOn();
};

void PriceListFetchTest::initTestCase()
{
    QNetworkProxy::setApplicationProxy(QNetworkProxy::NoProxy);
}

void PriceListFetchTest::ListArrivesWithItsDate()
{
    Server server(answering(kList, "Content-Type: application/json\r\n"
                                   "Date: Sat, 28 Nov 2026 10:00:00 GMT\r\n"
                                   "Last-Modified: Fri, 24 Jul 2026 10:00:00 GMT\r\n"));
    const FetchedList list = take(fetch(server.url()));
    QCOMPARE(list.content, kList);
    QCOMPARE(list.at, parseInstant(QStringLiteral("2026-07-24T10:00:00Z")));
    QCOMPARE(list.url, server.url());
    Server undated(answering(kList, "Date: Sat, 28 Nov 2026 10:00:00 GMT\r\n"));
    QCOMPARE(take(fetch(undated.url())).at, parseInstant(QStringLiteral("2026-11-28T10:00:00Z")));
}

void PriceListFetchTest::ListIsImportedAfterwards()
{
    Server server(answering(kList, "Last-Modified: Fri, 24 Jul 2026 10:00:00 GMT\r\n"));
    const FetchedList list = take(fetch(server.url()));
    const auto store = take(CatalogStore::openInMemory());
    ImportRequest request;
    request.name = server.url();
    request.at = list.at;
    request.now = parseInstant(QStringLiteral("2026-11-28")).value();
    QCOMPARE(take(store->importList(list.content, request)).status, ImportReport::Status::Applied);
    QCOMPARE(take(store->offer(QStringLiteral("alibaba/qwen3-max"), request.now)).provenance.date,
             QDate(2026, 7, 24));
}

void PriceListFetchTest::NothingIsGivenAway()
{
    Server server(answering(kList, "Set-Cookie: id=1\r\n"));
    (void)take(fetch(server.url()));
    (void)take(fetch(server.url()));
    QCOMPARE(server.requests.size(), 2);
    for (const QByteArray &request : server.requests) {
        QVERIFY(request.startsWith("GET /list.json HTTP/1.1"));
        QVERIFY(!request.toLower().contains("cookie"));
        QVERIFY(!request.toLower().contains("authorization"));
        QVERIFY(!request.toLower().contains("referer"));
    }
}

void PriceListFetchTest::ProgressIsTold()
{
    Server server(answering(QByteArray(3 << 20, ' ')));
    PriceListFetch fetcher;
    QSignalSpy progress(&fetcher, &PriceListFetch::progressed);
    int ends = 0;
    connect(&fetcher, &PriceListFetch::finished, this, [&] { ++ends; });
    fetcher.start(server.url());
    QVERIFY(fetcher.isRunning());
    QVERIFY(QTest::qWaitFor([&] { return ends == 1; }, 10'000));
    QVERIFY(!fetcher.isRunning());
    QVERIFY(progress.size() >= 2);
    QCOMPARE(progress.last()[0].toLongLong(), 3 << 20);
    QCOMPARE(progress.last()[1].toLongLong(), 3 << 20);
}

void PriceListFetchTest::TruncatedBodyIsRefused()
{
    Server server([](QTcpSocket *socket) {
        socket->write(headers("200 OK", {}, kList.size()) + kList.left(kList.size() / 2));
        socket->disconnectFromHost();
    });
    QCOMPARE(fetch(server.url()).error().kind, ErrorKind::Io);
}

void PriceListFetchTest::TruncatedChunksAreRefused()
{
    Server server([](QTcpSocket *socket) {
        socket->write(headers("200 OK", "Transfer-Encoding: chunked\r\n", -1) + "1000\r\n{\"a\"");
        socket->disconnectFromHost();
    });
    QCOMPARE(fetch(server.url()).error().kind, ErrorKind::Io);
}

void PriceListFetchTest::SlowServerIsGivenUp()
{
    Server server([](QTcpSocket *) {});
    FetchLimits limits;
    limits.idleMs = 150;
    const auto given = fetch(server.url(), limits);
    QCOMPARE(given.error().kind, ErrorKind::Io);
    QVERIFY(given.error().message.find("sent nothing") != std::string::npos);
}

void PriceListFetchTest::DrippingServerIsGivenUp()
{
    Server server([](QTcpSocket *socket) {
        socket->write(headers("200 OK", {}, 1'000'000));
        auto *drip = new QTimer(socket);
        connect(drip, &QTimer::timeout, socket, [socket] { socket->write(" "); });
        drip->start(20);
    });
    FetchLimits limits;
    limits.idleMs = 2'000;
    limits.totalMs = 400;
    const auto given = fetch(server.url(), limits);
    QCOMPARE(given.error().kind, ErrorKind::Io);
    QVERIFY(given.error().message.find("longer than 0.4 s") != std::string::npos);
}

void PriceListFetchTest::HugeBodyIsCutOff_data()
{
    QTest::addColumn<bool>("says");
    QTest::newRow("with its length") << true;
    QTest::newRow("without end") << false;
}

void PriceListFetchTest::HugeBodyIsCutOff()
{
    QFETCH(bool, says);
    Server server([says](QTcpSocket *socket) {
        socket->write(headers("200 OK", {}, says ? 10'000'000'000 : -1));
        const auto more = [socket] {
            if (socket->bytesToWrite() < 1'000'000)
                socket->write(QByteArray(1'000'000, ' '));
        };
        connect(socket, &QTcpSocket::bytesWritten, socket, more);
        more();
    });
    FetchLimits limits;
    limits.largestBytes = 4 << 20;
    const auto cut = fetch(server.url(), limits);
    QCOMPARE(cut.error().kind, ErrorKind::Io);
    QVERIFY(cut.error().message.find("4096 KiB") != std::string::npos);
}

void PriceListFetchTest::WrongTypeIsRefused_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::newRow("web page") << QByteArray("text/html; charset=utf-8");
    QTest::newRow("picture") << QByteArray("image/png");
}

void PriceListFetchTest::WrongTypeIsRefused()
{
    QFETCH(QByteArray, type);
    Server server(answering("<html>", "Content-Type: " + type + "\r\n"));
    const auto refused = fetch(server.url());
    QCOMPARE(refused.error().kind, ErrorKind::BadInput);
    QVERIFY(refused.error().message.find(type.toStdString()) != std::string::npos);
}

void PriceListFetchTest::StatusIsNamed_data()
{
    QTest::addColumn<QByteArray>("status");
    for (const char *status : {"404 Not Found", "403 Forbidden", "500 Oops", "204 No Content"})
        QTest::newRow(status) << QByteArray(status);
}

void PriceListFetchTest::StatusIsNamed()
{
    QFETCH(QByteArray, status);
    Server server(
        answering(status.startsWith("204") ? QByteArray() : QByteArray("no"), {}, status));
    const auto refused = fetch(server.url());
    QVERIFY(!refused);
    QVERIFY2(refused.error().message.find(status.left(3).toStdString()) != std::string::npos,
             refused.error().message.c_str());
}

void PriceListFetchTest::HostileBodyOnlyFailsTheImport_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("deep") << QByteArray(1 << 20, '[');
    QTest::newRow("zero bytes") << QByteArray(1 << 16, '\0');
    QTest::newRow("cut") << kList.left(kList.size() - 5);
    QTest::newRow("noise") << QByteArray::fromHex("89504e470d0a1a0affd8ffe0") + kList;
    QTest::newRow("not UTF-8") << QByteArray(kList).replace("deepseek", "\xff\xfe\xfd");
    QTest::newRow("empty list") << QByteArray("[]");
}

void PriceListFetchTest::HostileBodyOnlyFailsTheImport()
{
    QFETCH(QByteArray, body);
    Server server(answering(body));
    const FetchedList list = take(fetch(server.url()));
    const auto store = take(CatalogStore::openInMemory());
    const auto before = take(store->snapshot(endOfDay(QDate(2026, 11, 24))));
    ImportRequest request;
    request.name = server.url();
    request.now = parseInstant(QStringLiteral("2026-11-24")).value();
    const auto report = store->importList(list.content, request);
    QVERIFY(!report || report->status == ImportReport::Status::Rejected);
    QCOMPARE(take(store->snapshot(endOfDay(QDate(2026, 11, 24))))->offers, before->offers);
}

void PriceListFetchTest::CompressionIsNotAskedForAndNotUnpacked()
{
    // Ten bytes of gzip that would grow: they stay what they are.
    const QByteArray packed = QByteArray::fromHex("1f8b08000000000000030b");
    Server server(answering(packed, "Content-Encoding: gzip\r\n"));
    const auto list = fetch(server.url());
    QVERIFY(server.requests.front().contains("Accept-Encoding: identity"));
    QVERIFY(!list || list->content == packed);
}

void PriceListFetchTest::RedirectWithinTheHostIsFollowed()
{
    int asked = 0;
    Server server([&asked](QTcpSocket *socket) {
        if (asked++ == 0)
            answering("", "Location: /moved.json\r\n", "302 Found")(socket);
        else
            answering(kList)(socket);
    });
    const FetchedList list = take(fetch(server.url()));
    QCOMPARE(list.content, kList);
    QVERIFY(list.url.endsWith(QLatin1String("/moved.json")));
}

void PriceListFetchTest::RedirectToAnotherHostIsRefused()
{
    Server other(answering(kList));
    for (const QString &target : {other.url(), QStringLiteral("http://example.org/list.json"),
                                  QStringLiteral("file:///etc/passwd")}) {
        Server server(answering("", "Location: " + target.toUtf8() + "\r\n", "302 Found"));
        const auto refused = fetch(server.url());
        QVERIFY(!refused);
        QVERIFY(other.requests.isEmpty());
    }
}

void PriceListFetchTest::RedirectsInACircleEnd()
{
    // /1 sends on to /2 and so on; a hop may be asked for more than once.
    int farthest = 0;
    Server *asked = nullptr;
    Server server([&](QTcpSocket *socket) {
        const int hop = asked->requests.last().split(' ').value(1).mid(1).toInt();
        farthest = std::max(farthest, hop);
        answering("", "Location: /" + QByteArray::number(hop + 1) + "\r\n", "302 Found")(socket);
    });
    asked = &server;
    QVERIFY(!fetch(server.url("/1")));
    // At most five are followed; Qt tells of a hop twice where it asks for it again.
    QVERIFY2(farthest >= 2 && farthest <= 6, qPrintable(QString::number(farthest)));
}

void PriceListFetchTest::CancelEndsAtOnce()
{
    Server server([](QTcpSocket *socket) { socket->write(headers("200 OK", {}, 1'000)); });
    PriceListFetch fetcher;
    QList<ErrorKind> ends;
    connect(&fetcher, &PriceListFetch::finished, this, [&](const auto &result) {
        ends.append(result ? ErrorKind::Internal : result.error().kind);
    });
    fetcher.start(server.url());
    QTest::qWait(50);
    fetcher.cancel();
    QCOMPARE(ends, QList<ErrorKind>{ErrorKind::Cancelled});
    QVERIFY(!fetcher.isRunning());
    fetcher.cancel();
    QTest::qWait(20);
    QCOMPARE(ends.size(), 1);
}

void PriceListFetchTest::ServerThatIsNotThereIsNamed()
{
    QString url;
    {
        Server server(answering(kList));
        url = server.url();
    }
    const auto refused = fetch(url);
    QCOMPARE(refused.error().kind, ErrorKind::Io);
    QVERIFY(refused.error().message.find("127.0.0.1") != std::string::npos);
}

void PriceListFetchTest::UnvouchedCertificateIsRefused()
{
    if (!QSslSocket::supportsSsl())
        QSKIP("Qt has no TLS library here");
    QSslServer server;
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setPrivateKey(QSslKey(kKey, QSsl::Ec));
    tls.setLocalCertificate(QSslCertificate(kCertificate));
    server.setSslConfiguration(tls);
    QVERIFY(server.listen(QHostAddress::LocalHost));
    bool asked = false;
    connect(&server, &QTcpServer::newConnection, this, [&] {
        QTcpSocket *socket = server.nextPendingConnection();
        if (!socket)
            return; // given up during the handshake
        connect(socket, &QTcpSocket::readyRead, this, [&, socket] {
            asked = true;
            answering(kList)(socket);
        });
    });
    const auto refused = fetch(QStringLiteral("https://localhost:%1/").arg(server.serverPort()));
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, ErrorKind::Io);
    QVERIFY(!asked);
}

void PriceListFetchTest::AddressesThatMayNotBeAsked_data()
{
    QTest::addColumn<QString>("url");
    for (const char *url :
         {"http://models.dev/api.json", "ftp://example.org/x", "file:///etc/passwd", "models.dev",
          "https://", "https://user:secret@example.org/", "", "javascript:alert(1)"})
        QTest::newRow(url) << QString::fromLatin1(url);
}

void PriceListFetchTest::AddressesThatMayNotBeAsked()
{
    QFETCH(QString, url);
    const auto refused = fetch(url);
    QCOMPARE(refused.error().kind, ErrorKind::BadInput);
    QVERIFY(refused.error().message.find("secret") == std::string::npos);
}

void PriceListFetchTest::SourcesAreOffUntilTurnedOn()
{
    const auto store = take(CatalogStore::openInMemory());
    const auto sources = take(store->refreshSources());
    QVERIFY(sources.size() >= 5);
    for (const RefreshSource &source : sources) {
        QVERIFY(!source.enabled);
        QVERIFY(source.url.startsWith(QLatin1String("https://")));
    }
    RefreshSource source = sources.front();
    source.enabled = true;
    QVERIFY(store->setRefreshSource(source));
    QCOMPARE(take(store->refreshSources()).front(), source);
    source.slug = QStringLiteral("No Good");
    QCOMPARE(store->setRefreshSource(source).error().kind, ErrorKind::BadInput);
    source.slug = QStringLiteral("good");
    source.url = QStringLiteral("http://example.org/");
    QCOMPARE(store->setRefreshSource(source).error().kind, ErrorKind::BadInput);
}

QTEST_GUILESS_MAIN(PriceListFetchTest)
#include "price_list_fetch_test.moc"
