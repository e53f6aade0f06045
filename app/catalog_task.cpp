// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog_task.h"

#include <algorithm>
#include <cstdio>

#include <QDateTime>
#include <QEventLoop>
#include <QFile>
#include <QFileInfo>

#include "app/catalog/catalog_store.h"
#include "app/catalog/price_list_fetch.h"
#include "app/catalog_report.h"

namespace app {
namespace {

using engine::ErrorKind;
using Store = std::unique_ptr<CatalogStore>;

void print(const QByteArray &text)
{
    std::fwrite(text.constData(), 1, static_cast<std::size_t>(text.size()), stdout);
}

// A file that the user names is never set aside or filled: it is a catalog already, or an error.
// An import may make a new one.
engine::Result<void> checkNamedFile(const QString &path, bool mayBeNew)
{
    QFile file(path);
    if (mayBeNew && !file.exists())
        return {};
    if (!file.open(QIODevice::ReadOnly))
        return engine::fail(
            ErrorKind::NotFound,
            QStringLiteral("There is no catalog %1 that can be read.").arg(path).toStdString(),
            file.errorString().toStdString());
    if (file.read(16) != QByteArrayLiteral("SQLite format 3\0"))
        return engine::fail(
            ErrorKind::BadInput,
            QStringLiteral("%1 is not a catalog database.").arg(path).toStdString());
    return {};
}

engine::Result<Store> openStore(const CatalogRequest &request, const QString &usualFile)
{
    const bool writes = (request.task == CatalogRequest::Task::Import && !request.dryRun) ||
                        request.task == CatalogRequest::Task::Refresh || request.undo ||
                        !request.accept.empty() || !request.reject.empty();
    if (!request.file.isEmpty()) {
        const bool mayBeNew = request.task == CatalogRequest::Task::Import;
        if (auto named = checkNamedFile(request.file, mayBeNew); !named)
            return tl::make_unexpected(named.error());
    }
    const QString path = request.file.isEmpty() ? usualFile : request.file;
    auto store = writes || !request.file.isEmpty() ? CatalogStore::open(path)
                                                   : CatalogStore::openOrInMemory(path);
    if (store && !(*store)->notice().isEmpty())
        std::fprintf(stderr, "%s\n", qPrintable((*store)->notice()));
    return store;
}

UnixSeconds now()
{
    return QDateTime::currentSecsSinceEpoch();
}

engine::Result<void> list(const CatalogRequest &request, CatalogStore &store)
{
    const QDate &day = request.list.asOf;
    const auto catalog = store.snapshot(day.isValid() ? endOfDay(day) : now());
    if (!catalog)
        return tl::make_unexpected(catalog.error());
    const auto offers = listOffers(**catalog, request.list);
    if (!offers)
        return tl::make_unexpected(offers.error());
    print(*offers);
    return {};
}

// Prints the report; a list that a gate refused is an error too.
engine::Result<void> finish(const engine::Result<ImportReport> &report, bool json)
{
    if (!report)
        return tl::make_unexpected(report.error());
    print(json ? reportJson(*report) : reportText(*report));
    if (report->status == ImportReport::Status::Rejected)
        return engine::fail(ErrorKind::BadInput,
                            "The list was refused and the catalog is as it was: " +
                                report->message.toStdString());
    return {};
}

engine::Result<void> importList(const CatalogRequest &request, CatalogStore &store)
{
    QFile file(request.path);
    const bool standardInput = request.path == QLatin1String("-");
    const bool open =
        standardInput ? file.open(stdin, QIODevice::ReadOnly) : file.open(QIODevice::ReadOnly);
    if (!open)
        return engine::fail(
            ErrorKind::NotFound,
            QStringLiteral("The file %1 cannot be read.").arg(request.path).toStdString(),
            file.errorString().toStdString());
    constexpr qint64 kMost = (64 << 20) + 1;
    const QByteArray content = file.read(kMost);
    ImportRequest wanted;
    wanted.name = standardInput ? QStringLiteral("the standard input") : request.path;
    wanted.uri = standardInput ? QString() : QFileInfo(request.path).absoluteFilePath();
    wanted.now = now();
    if (request.dated.isValid())
        wanted.at = request.dated.startOfDay(Qt::UTC).toSecsSinceEpoch();
    if (!standardInput)
        wanted.atLatest = QFileInfo(request.path)
                              .lastModified()
                              .toUTC()
                              .date()
                              .startOfDay(Qt::UTC)
                              .toSecsSinceEpoch();
    wanted.dryRun = request.dryRun;
    wanted.force = request.force;
    return finish(store.importList(content, wanted), request.json);
}

engine::Result<void> cost(const CatalogRequest &request, CatalogStore &store)
{
    const UnixSeconds at = request.at.value_or(now());
    const auto offer = store.offer(request.offer, at);
    if (!offer)
        return tl::make_unexpected(offer.error());
    const auto cost = costOfRequest(offer->card, request.tokens, at);
    if (!cost)
        return tl::make_unexpected(cost.error());
    print(request.json ? costJson(*offer, request.tokens, *cost, at)
                       : costText(*offer, request.tokens, *cost, at));
    return {};
}

engine::Result<void> check(const CatalogRequest &request, CatalogStore &store)
{
    if (request.undo) {
        if (const auto undone = store.undo(); !undone)
            return tl::make_unexpected(undone.error());
    }
    for (const auto &[ids, accept] :
         {std::pair(request.accept, true), std::pair(request.reject, false)}) {
        for (const qint64 id : ids) {
            if (auto decided = store.decide(id, accept); !decided)
                return decided;
        }
    }
    if (auto whole = store.checkIntegrity(); !whole)
        return whole;
    auto review = store.review();
    auto edits = store.edits();
    const auto catalog = store.snapshot(now());
    if (!review)
        return tl::make_unexpected(review.error());
    if (!edits)
        return tl::make_unexpected(edits.error());
    if (!catalog)
        return tl::make_unexpected(catalog.error());
    const CheckReport report = checkReport(**catalog, std::move(*review), std::move(*edits));
    print(request.json ? checkJson(report) : checkText(report));
    return {};
}

engine::Result<FetchedList> fetch(const QString &url)
{
    PriceListFetch fetcher;
    QEventLoop loop;
    engine::Result<FetchedList> outcome = tl::make_unexpected(engine::Error{});
    QObject::connect(&fetcher, &PriceListFetch::finished, &loop,
                     [&](const engine::Result<FetchedList> &result) {
                         outcome = result;
                         loop.quit();
                     });
    fetcher.start(url);
    loop.exec();
    return outcome;
}

engine::Result<void> refresh(const CatalogRequest &request, CatalogStore &store)
{
    auto sources = store.refreshSources();
    if (!sources)
        return tl::make_unexpected(sources.error());
    if (request.source.isEmpty()) {
        print(request.json ? sourcesJson(*sources) : sourcesText(*sources));
        return {};
    }
    const auto found = std::find_if(sources->begin(), sources->end(), [&](const auto &source) {
        return source.slug == request.source;
    });
    RefreshSource source = found == sources->end() ? RefreshSource{} : *found;
    source.slug = request.source;
    if (!request.url.isEmpty())
        source.url = request.url;
    if (source.url.isEmpty())
        return engine::fail(ErrorKind::NotFound,
                            "There is no source " + request.source.toStdString() +
                                "; catalog refresh lists those there are, --url adds one.");
    if (request.enable || !request.url.isEmpty()) {
        source.enabled = request.enable.value_or(source.enabled);
        if (auto written = store.setRefreshSource(source); !written)
            return written;
        sources = store.refreshSources();
        if (sources)
            print(request.json ? sourcesJson(*sources) : sourcesText(*sources));
        return {};
    }
    if (!source.enabled)
        return engine::fail(ErrorKind::Unsupported, "Fetching from " +
                                                        request.source.toStdString() +
                                                        " is off; turn it on with --on.");
    source.lastTriedAt = now();
    auto list = fetch(source.url);
    engine::Result<ImportReport> report;
    if (list) {
        ImportRequest wanted;
        wanted.name = source.url;
        wanted.uri = list->url;
        wanted.at = list->at;
        wanted.now = now();
        wanted.dryRun = request.dryRun;
        report = store.importList(list->content, wanted);
    } else {
        report = tl::make_unexpected(list.error());
    }
    source.lastWords = !report ? QString::fromStdString(report.error().message)
                       : report->status == ImportReport::Status::Rejected ? report->message
                                                                          : QStringLiteral("taken");
    if (auto written = store.setRefreshSource(source); !written)
        return written;
    return finish(report, request.json);
}

} // namespace

engine::Result<void> runCatalog(const CatalogRequest &request, const QString &usualFile)
{
    auto store = openStore(request, usualFile);
    if (!store)
        return tl::make_unexpected(store.error());
    switch (request.task) {
    case CatalogRequest::Task::List:
        return list(request, **store);
    case CatalogRequest::Task::Import:
        return importList(request, **store);
    case CatalogRequest::Task::Cost:
        return cost(request, **store);
    case CatalogRequest::Task::Check:
        return check(request, **store);
    case CatalogRequest::Task::Refresh:
        break;
    }
    return refresh(request, **store);
}

} // namespace app
