// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QByteArray>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QObject>
#include <QPointer>
#include <QTimer>
#include <QUrl>

#include "app/catalog/price_card.h"
#include "engine/spec/result.h"

namespace app {

struct FetchedList
{
    QByteArray content;
    std::optional<UnixSeconds> at; // the server's word: Last-Modified, else Date
    QString url;                   // after redirects
};

struct FetchLimits
{
    qint64 largestBytes = 64 << 20;
    int totalMs = 120'000;
    int idleMs = 20'000; // without a byte
    int mostRedirects = 5;
};

// Fetches one price list: https with its certificate checked (http on this very machine alone), no
// cookies, no password, no compression, redirects within one host only. Emits finished() exactly
// once for each start(), on the thread that it lives on.
class PriceListFetch : public QObject
{
    Q_OBJECT

public:
    explicit PriceListFetch(QObject *parent = nullptr);
    ~PriceListFetch() override;

    // One at a time: a fetch that is under way is cancelled first.
    void start(const QString &url, const FetchLimits &limits = {});
    void cancel();
    bool isRunning() const { return m_reply != nullptr; }

signals:
    // `total` is -1 where the server does not say.
    void progressed(qint64 received, qint64 total);
    // Errors: BadInput (address, redirect or kind of answer), Io (network, status, size, time),
    // Cancelled.
    void finished(const engine::Result<app::FetchedList> &result);

private:
    void onRedirected(const QUrl &target);
    void onReadyRead();
    void onFinished();
    void fail(engine::ErrorKind kind, const QString &sentence);
    void end(const engine::Result<FetchedList> &result);

    QNetworkAccessManager m_network;
    QPointer<QNetworkReply> m_reply;
    FetchLimits m_limits;
    QUrl m_url;
    QByteArray m_content;
    int m_redirects = 0;
    QTimer m_total;
    QTimer m_idle;
};

} // namespace app
