// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/catalog_file.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <QCryptographicHash>
#include <QDateTime>

namespace app {
namespace {

using engine::ErrorKind;

constexpr MicroPerMillion kDearest = 1'000'000'000; // 1,000 per million
constexpr MicroPerMillion kCheapest = 500;          // 0.0005 per million

// Collects the first thing that is wrong.
class Checker
{
public:
    explicit Checker(const CatalogFile &file)
    {
        for (const auto &source : file.sources)
            m_sources.insert(source.slug);
        for (const auto &provider : file.providers)
            m_providers.insert(provider.slug);
        for (const auto &model : file.models)
            m_models.insert(model.slug);
        for (const auto &schedule : file.schedules)
            m_schedules.insert(schedule.slug);
        for (const auto &holidays : file.holidays)
            m_calendars.insert(holidays.calendar.id);
        for (const auto &workload : file.workloads)
            m_workloads.insert(workload.slug);
        for (const auto &offer : file.offers)
            m_offers.insert(offerKey(offer));
    }

    void expect(bool holds, const QString &place, const QString &what)
    {
        if (!holds && m_problem.isEmpty())
            m_problem = QStringLiteral("%1: %2.").arg(place, what);
    }
    void origin(const FileOrigin &origin, const QString &place)
    {
        expect(m_sources.contains(origin.source), place,
               QStringLiteral("source %1 is not declared").arg(origin.source));
        expect(origin.locator.startsWith(QLatin1String("https://")), place,
               QStringLiteral("the address must begin with https://"));
        expect(origin.date.isValid() && origin.date.year() >= 2020, place,
               QStringLiteral("the date is missing or too old"));
        expect(origin.confidence == QLatin1String("high") ||
                   origin.confidence == QLatin1String("medium") ||
                   origin.confidence == QLatin1String("low"),
               place, QStringLiteral("confidence must be high, medium or low"));
    }
    void interval(std::optional<UnixSeconds> from, std::optional<UnixSeconds> to,
                  const QString &place)
    {
        expect(!from || !to || *from < *to, place, QStringLiteral("it ends before it begins"));
    }

    void general(const CatalogFile &file);
    void offer(const FileOffer &offer);
    void price(const FileOffer &offer, const FilePrice &price, const QString &place);
    void histories(const FileOffer &offer, const QString &place);
    void tokenUse(const FileTokenUse &use);

    const QString &problem() const { return m_problem; }

private:
    std::set<QString> m_sources, m_providers, m_models, m_schedules, m_calendars, m_workloads;
    std::multiset<QString> m_offers;
    QString m_problem;
};

void Checker::general(const CatalogFile &file)
{
    expect(m_sources.size() == file.sources.size(), QStringLiteral("sources"),
           QStringLiteral("a slug stands twice"));
    expect(m_providers.size() == file.providers.size(), QStringLiteral("providers"),
           QStringLiteral("a slug stands twice"));
    expect(m_models.size() == file.models.size(), QStringLiteral("models"),
           QStringLiteral("a slug stands twice"));
    for (const auto &model : file.models)
        expect(m_providers.contains(model.vendor), model.slug,
               QStringLiteral("vendor %1 is not declared").arg(model.vendor));
    for (const auto &schedule : file.schedules) {
        expect(schedule.holidayCalendar.isEmpty() || m_calendars.contains(schedule.holidayCalendar),
               schedule.slug, QStringLiteral("its holiday calendar is not declared"));
        expect(!schedule.windows.empty(), schedule.slug, QStringLiteral("it has no window"));
    }
    for (const auto &holidays : file.holidays)
        origin(holidays.origin, holidays.calendar.id);
}

void Checker::price(const FileOffer &offer, const FilePrice &price, const QString &place)
{
    origin(price.origin, place);
    interval(price.from, price.to, place);
    expect(price.currency.size() == 3, place, QStringLiteral("the currency has three letters"));
    std::map<std::pair<std::int64_t, QString>, std::map<QString, Pico>> groups;
    for (const FileComponent &component : price.components) {
        expect(component.schedule.isEmpty() || m_schedules.contains(component.schedule), place,
               QStringLiteral("schedule %1 is not declared").arg(component.schedule));
        const bool free = offer.tier == QLatin1String("free") && component.amount == 0;
        expect(free || (component.amount >= kCheapest && component.amount <= kDearest), place,
               QStringLiteral("%1 costs %2, which is no sane price per million")
                   .arg(component.component, component.rawText));
        auto &group = groups[{component.aboveInputTokens, component.schedule}];
        expect(group.emplace(component.component, component.amount).second, place,
               QStringLiteral("%1 stands twice").arg(component.component));
    }
    for (const auto &[rule, amounts] : groups) {
        const auto input = amounts.find(QStringLiteral("input"));
        const auto read = amounts.find(QStringLiteral("cache_read"));
        expect(input == amounts.end() || read == amounts.end() || read->second <= input->second,
               place, QStringLiteral("a cached token costs more than a plain one"));
    }
}

void Checker::histories(const FileOffer &offer, const QString &place)
{
    std::map<QString, std::vector<const FilePrice *>> bySource;
    for (const FilePrice &price : offer.prices) {
        if (price.status == QLatin1String("active"))
            bySource[price.origin.source].push_back(&price);
    }
    for (auto &[source, prices] : bySource) {
        std::sort(prices.begin(), prices.end(), [](const FilePrice *a, const FilePrice *b) {
            return a->from.value_or(INT64_MIN) < b->from.value_or(INT64_MIN);
        });
        for (std::size_t i = 1; i < prices.size(); ++i)
            expect(prices[i - 1]->to && *prices[i - 1]->to <= prices[i]->from.value_or(INT64_MIN),
                   place, QStringLiteral("two prices of %1 hold at one time").arg(source));
    }
}

void Checker::offer(const FileOffer &offer)
{
    const QString place = offerKey(offer);
    expect(m_offers.count(place) == 1, place, QStringLiteral("the offer stands twice"));
    expect(m_providers.contains(offer.provider), place,
           QStringLiteral("provider %1 is not declared").arg(offer.provider));
    expect(offer.via.isEmpty() || m_providers.contains(offer.via), place,
           QStringLiteral("gateway %1 is not declared").arg(offer.via));
    expect(!offer.models.empty(), place, QStringLiteral("it names no model"));
    for (const FileAlias &alias : offer.models) {
        expect(m_models.contains(alias.model), place,
               QStringLiteral("model %1 is not declared").arg(alias.model));
        interval(alias.from, alias.to, place);
    }
    for (const FilePrice &each : offer.prices)
        price(offer, each, place);
    histories(offer, place);
    for (const FileLimits &limits : offer.limits) {
        origin(limits.origin, place);
        interval(limits.from, limits.to, place);
        expect(limits.contextWindow.value_or(1024) >= 1024, place,
               QStringLiteral("a context window below 1,024 tokens is none"));
    }
    for (const FileObservation &seen : offer.observations) {
        origin(seen.origin, place);
        expect(m_workloads.contains(seen.workload), place,
               QStringLiteral("workload %1 is not declared").arg(seen.workload));
        expect(seen.start > 0 && seen.end >= seen.start, place,
               QStringLiteral("an observation needs its window"));
        expect(seen.p50.value_or(1) > 0 && seen.p99.value_or(1) > 0, place,
               QStringLiteral("an observed figure of 0 is none"));
    }
    for (const FileClaim &claim : offer.claims) {
        origin(claim.origin, place);
        interval(claim.from, claim.to, place);
        expect(claim.versus.isEmpty() || m_offers.contains(claim.versus), place,
               QStringLiteral("offer %1 is not declared").arg(claim.versus));
        expect(!claim.lower || !claim.upper || *claim.lower <= *claim.upper, place,
               QStringLiteral("a claim's bounds are the wrong way round"));
    }
}

void Checker::tokenUse(const FileTokenUse &use)
{
    const QString place = use.task + u' ' + use.model;
    origin(use.origin, place);
    expect(m_models.contains(use.model), place, QStringLiteral("its model is not declared"));
    expect(use.cases > 0 && use.passedPpm <= 1'000'000, place,
           QStringLiteral("cases must be above 0 and passed_ppm at most 1000000"));
}

} // namespace

engine::Result<void> checkCatalogFile(const CatalogFile &file)
{
    Checker checker(file);
    checker.general(file);
    for (const FileOffer &offer : file.offers)
        checker.offer(offer);
    for (const FileTokenUse &use : file.tokenUses)
        checker.tokenUse(use);
    if (!checker.problem().isEmpty())
        return engine::fail(ErrorKind::BadInput, checker.problem().toStdString());
    return {};
}

QString offerKey(const FileOffer &offer)
{
    QString key = offer.provider + QLatin1Char('/') + offer.modelId;
    const auto add = [&key](char mark, const QString &value, const char *usual) {
        if (value != QLatin1String(usual))
            key += QLatin1Char(mark) + value;
    };
    add('@', offer.via, "");
    add('#', offer.region, "");
    add('!', offer.tier, "standard");
    add('+', offer.quantization, "unknown");
    add('~', offer.endpoint, "");
    return key;
}

void sortComponents(FilePrice &price)
{
    std::sort(price.components.begin(), price.components.end(),
              [](const FileComponent &a, const FileComponent &b) {
                  return std::tie(a.aboveInputTokens, a.schedule, a.component) <
                         std::tie(b.aboveInputTokens, b.schedule, b.component);
              });
}

QString cardHash(const FilePrice &price)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(price.currency.toUtf8());
    for (const FileComponent &component : price.components)
        hash.addData(QStringLiteral("\n%1|%2|%3|%4")
                         .arg(component.component)
                         .arg(component.aboveInputTokens)
                         .arg(component.schedule)
                         .arg(component.amount)
                         .toUtf8());
    return QString::fromLatin1(hash.result().toHex());
}

std::optional<MicroPerMillion> parsePrice(const QString &text)
{
    const qsizetype point = text.indexOf(QLatin1Char('.'));
    const QString places = point < 0 ? QString() : text.mid(point + 1);
    const QString digits = point < 0 ? text : text.left(point) + places;
    const bool plain =
        !digits.isEmpty() && places.size() <= 6 && digits.size() - places.size() <= 9 &&
        point != 0 && point != text.size() - 1 &&
        std::all_of(digits.begin(), digits.end(), [](QChar c) { return c >= u'0' && c <= u'9'; });
    if (!plain)
        return std::nullopt;
    std::int64_t amount = digits.toLongLong();
    for (qsizetype place = places.size(); place < 6; ++place)
        amount *= 10;
    return amount;
}

std::optional<UnixSeconds> parseInstant(const QString &text)
{
    if (text.size() == 10) {
        const QDate day = QDate::fromString(text, Qt::ISODate);
        if (!day.isValid())
            return std::nullopt;
        return day.startOfDay(Qt::UTC).toSecsSinceEpoch();
    }
    const QDateTime instant = QDateTime::fromString(text, Qt::ISODate);
    if (!instant.isValid() || !text.endsWith(QLatin1Char('Z')))
        return std::nullopt;
    return instant.toSecsSinceEpoch();
}

} // namespace app
