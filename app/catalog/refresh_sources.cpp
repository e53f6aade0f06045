// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/refresh_sources.h"

#include <map>

#include <QHostAddress>
#include <QRegularExpression>
#include <QUrl>

#include "app/catalog/database.h"
#include "app/catalog/rows.h"
#include "app/catalog/sql_values.h"

namespace app {
namespace {

using engine::ErrorKind;

const std::map<QString, QString> &usualAddresses()
{
    static const std::map<QString, QString> addresses = {
        {QStringLiteral("litellm"),
         QStringLiteral("https://raw.githubusercontent.com/BerriAI/litellm/main/"
                        "model_prices_and_context_window.json")},
        {QStringLiteral("models.dev"), QStringLiteral("https://models.dev/api.json")},
        {QStringLiteral("openrouter"), QStringLiteral("https://openrouter.ai/api/v1/models")},
        {QStringLiteral("genai-prices"),
         QStringLiteral("https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/"
                        "data.json")},
        {QStringLiteral("llm-prices"),
         QStringLiteral("https://www.llm-prices.com/historical-v1.json")},
    };
    return addresses;
}

} // namespace

engine::Result<void> checkAddress(const QString &url)
{
    const QUrl address(url, QUrl::StrictMode);
    const bool local =
        address.host() == QLatin1String("localhost") || QHostAddress(address.host()).isLoopback();
    const bool allowed = address.scheme() == QLatin1String("https") ||
                         (address.scheme() == QLatin1String("http") && local);
    if (address.isValid() && allowed && !address.host().isEmpty() && address.userInfo().isEmpty())
        return {};
    return engine::fail(ErrorKind::BadInput,
                        QStringLiteral("\"%1\" may not be asked for prices; give an address that "
                                       "begins with https:// and holds no password.")
                            .arg(address.toDisplayString(QUrl::RemoveUserInfo))
                            .toStdString());
}

engine::Result<std::vector<RefreshSource>> readRefreshSources(const QSqlDatabase &database)
{
    std::map<QString, RefreshSource> sources;
    for (const auto &[slug, url] : usualAddresses())
        sources[slug] = {slug, url, false, {}, {}};
    auto row = database::run(database, QStringLiteral("SELECT slug, url, enabled, last_tried_at, "
                                                      "last_words FROM refresh_source"));
    if (!row)
        return tl::make_unexpected(row.error());
    while (row->next())
        sources[row->value(0).toString()] = {row->value(0).toString(), row->value(1).toString(),
                                             row->value(2).toBool(), optionalInstant(row->value(3)),
                                             row->value(4).toString()};
    std::vector<RefreshSource> list;
    for (auto &[slug, source] : sources)
        list.push_back(std::move(source));
    return list;
}

engine::Result<void> writeRefreshSource(const QSqlDatabase &database, const RefreshSource &source)
{
    static const QRegularExpression word(QStringLiteral("^[a-z0-9][a-z0-9._-]{0,63}$"));
    if (!word.match(source.slug).hasMatch())
        return engine::fail(ErrorKind::BadInput,
                            QStringLiteral("\"%1\" is no name for a source; use small letters, "
                                           "digits, dots and dashes.")
                                .arg(source.slug)
                                .toStdString());
    if (auto allowed = checkAddress(source.url); !allowed)
        return allowed;
    auto written = database::run(
        database,
        QStringLiteral("INSERT INTO refresh_source VALUES (?, ?, ?, ?, ?) ON CONFLICT (slug) DO "
                       "UPDATE SET url = excluded.url, enabled = excluded.enabled, last_tried_at = "
                       "excluded.last_tried_at, last_words = excluded.last_words"),
        {source.slug, source.url, source.enabled ? 1 : 0, database::orNull(source.lastTriedAt),
         database::orNull(source.lastWords)});
    if (!written)
        return tl::make_unexpected(written.error());
    return {};
}

} // namespace app
