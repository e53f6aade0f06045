// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/price_list_fetch.h"

#include <algorithm>

#include <QDateTime>
#include <QLocale>
#include <QNetworkRequest>

#include "app/catalog/refresh_sources.h"

namespace app {
namespace {

using engine::ErrorKind;

constexpr qint64 kReadAhead = 1 << 20;

QNetworkRequest requestFor(const QUrl &url)
{
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute,
                         QNetworkRequest::UserVerifiedRedirectPolicy);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute,
                         QNetworkRequest::AlwaysNetwork);
    request.setHeader(QNetworkRequest::UserAgentHeader, QByteArrayLiteral("paretoscope"));
    // A small answer can then not grow into a huge one.
    request.setRawHeader("Accept-Encoding", "identity");
    request.setRawHeader("Accept", "application/json, text/csv, text/plain");
    return request;
}

bool sameHost(const QUrl &a, const QUrl &b)
{
    const auto port = [](const QUrl &url) {
        return url.port(url.scheme() == QLatin1String("https") ? 443 : 80);
    };
    return a.scheme() == b.scheme() && a.host() == b.host() && port(a) == port(b);
}

std::optional<UnixSeconds> dateOf(const QNetworkReply &reply)
{
    QDateTime sent = reply.header(QNetworkRequest::LastModifiedHeader).toDateTime();
    if (!sent.isValid()) {
        sent = QLocale::c().toDateTime(QString::fromLatin1(reply.rawHeader("Date")),
                                       QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'"));
        sent.setTimeSpec(Qt::UTC);
    }
    return sent.isValid() ? std::optional<UnixSeconds>(sent.toSecsSinceEpoch()) : std::nullopt;
}

QString kilobytes(qint64 bytes)
{
    return QStringLiteral("%1 KiB").arg(bytes / 1024);
}

} // namespace

PriceListFetch::PriceListFetch(QObject *parent) : QObject(parent)
{
    m_total.setSingleShot(true);
    m_idle.setSingleShot(true);
    connect(&m_total, &QTimer::timeout, this, [this] {
        fail(ErrorKind::Io, QStringLiteral("%1 took longer than %2 s to send its list; try later.")
                                .arg(m_url.host())
                                .arg(m_limits.totalMs / 1000.0));
    });
    connect(&m_idle, &QTimer::timeout, this, [this] {
        fail(ErrorKind::Io, QStringLiteral("%1 sent nothing for %2 s; try later.")
                                .arg(m_url.host())
                                .arg(m_limits.idleMs / 1000.0));
    });
}

PriceListFetch::~PriceListFetch()
{
    if (m_reply) {
        m_reply->disconnect(this);
        m_reply->abort();
    }
}

void PriceListFetch::start(const QString &url, const FetchLimits &limits)
{
    cancel();
    m_limits = limits;
    m_url = QUrl(url);
    m_content.clear();
    m_redirects = 0;
    if (auto allowed = checkAddress(url); !allowed) {
        // Not from within start(): the caller may connect after it.
        QMetaObject::invokeMethod(
            this, [this, error = allowed.error()] { emit finished(tl::make_unexpected(error)); },
            Qt::QueuedConnection);
        return;
    }
    m_reply = m_network.get(requestFor(m_url));
    m_reply->setReadBufferSize(kReadAhead);
    connect(m_reply, &QNetworkReply::redirected, this, &PriceListFetch::onRedirected);
    connect(m_reply, &QNetworkReply::readyRead, this, &PriceListFetch::onReadyRead);
    connect(m_reply, &QNetworkReply::finished, this, &PriceListFetch::onFinished);
    m_total.start(limits.totalMs);
    m_idle.start(limits.idleMs);
}

void PriceListFetch::cancel()
{
    if (m_reply)
        fail(ErrorKind::Cancelled, QStringLiteral("The fetch was cancelled."));
}

void PriceListFetch::onRedirected(const QUrl &target)
{
    if (!sameHost(m_url, target))
        return fail(ErrorKind::BadInput,
                    QStringLiteral("%1 sends on to %2; a list is only taken from the host that was "
                                   "asked.")
                        .arg(m_url.host(), target.host()));
    if (++m_redirects > m_limits.mostRedirects)
        return fail(ErrorKind::BadInput,
                    QStringLiteral("%1 sends on and on; check the address.").arg(m_url.host()));
    emit m_reply->redirectAllowed();
}

void PriceListFetch::onReadyRead()
{
    m_idle.start(m_limits.idleMs);
    const qint64 total = m_reply->header(QNetworkRequest::ContentLengthHeader).isValid()
                             ? m_reply->header(QNetworkRequest::ContentLengthHeader).toLongLong()
                             : -1;
    m_content += m_reply->readAll();
    if (std::max<qint64>(m_content.size(), total) > m_limits.largestBytes)
        return fail(ErrorKind::Io, QStringLiteral("%1 sends more than %2; that is no price list.")
                                       .arg(m_url.host(), kilobytes(m_limits.largestBytes)));
    emit progressed(m_content.size(), total);
}

void PriceListFetch::onFinished()
{
    const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (m_reply->error() != QNetworkReply::NoError)
        return fail(ErrorKind::Io,
                    status >= 400 ? QStringLiteral("%1 answers with status %2; check the address.")
                                        .arg(m_url.host())
                                        .arg(status)
                                  : QStringLiteral("%1 could not be fetched: %2.")
                                        .arg(m_url.toDisplayString(), m_reply->errorString()));
    onReadyRead();
    if (!m_reply)
        return; // too large
    const QString type = m_reply->header(QNetworkRequest::ContentTypeHeader).toString();
    if (status != 200 || type.startsWith(QLatin1String("text/html")) ||
        type.startsWith(QLatin1String("image/")))
        return fail(ErrorKind::BadInput,
                    QStringLiteral("%1 does not send a price list but \"%2\" with status %3; check "
                                   "the address.")
                        .arg(m_url.host(), type)
                        .arg(status));
    const QVariant length = m_reply->header(QNetworkRequest::ContentLengthHeader);
    if (length.isValid() && length.toLongLong() != m_content.size())
        return fail(
            ErrorKind::Io,
            QStringLiteral("%1 sent only a part of its list; try again.").arg(m_url.host()));
    end(FetchedList{std::move(m_content), dateOf(*m_reply), m_reply->url().toString()});
}

void PriceListFetch::fail(ErrorKind kind, const QString &sentence)
{
    end(tl::make_unexpected(engine::Error{kind, sentence.toStdString(), {}}));
}

void PriceListFetch::end(const engine::Result<FetchedList> &result)
{
    m_total.stop();
    m_idle.stop();
    QNetworkReply *reply = m_reply;
    m_reply = nullptr;
    if (reply) {
        reply->disconnect(this);
        if (reply->isRunning())
            reply->abort();
        reply->deleteLater();
    }
    emit finished(result);
}

} // namespace app
