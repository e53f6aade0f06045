// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/import/import_plan.h"

#include <algorithm>
#include <set>

namespace app {
namespace {

constexpr double kTolerance = 0.01; // sources that differ by less agree

class Planner
{
public:
    Planner(const ForeignFile &file, const KnownState &known, const PlanOptions &options)
        : m_file(file), m_known(known), m_options(options), m_gates(file, known, options.at)
    {
    }
    ImportPlan plan();

private:
    void reject(const QString &why);
    void offer(const ForeignOffer &foreign);
    void prices(OfferPlan &plan, const KnownOffer *known);
    void limits(OfferPlan &plan, const KnownOffer *known);
    void describe(const OfferPlan &plan, const KnownOffer *known);
    void conflicts(const OfferPlan &plan);
    void missing();
    std::optional<UnixSeconds> nextSeen(const KnownOffer *known) const;

    const ForeignFile &m_file;
    const KnownState &m_known;
    const PlanOptions &m_options;
    Gates m_gates;
    ImportPlan m_plan;
    std::set<std::pair<QString, QString>> m_listed;
};

void Planner::reject(const QString &why)
{
    m_plan.report.status = ImportReport::Status::Rejected;
    m_plan.report.message = why;
}

// When the source next listed the offer: by then its card was what is stored.
std::optional<UnixSeconds> Planner::nextSeen(const KnownOffer *known) const
{
    const auto next = std::upper_bound(m_known.runs.begin(), m_known.runs.end(), m_options.at);
    if (next == m_known.runs.end() || !known || !known->lastSeen || *next > *known->lastSeen)
        return std::nullopt;
    return *next;
}

void Planner::prices(OfferPlan &plan, const KnownOffer *known)
{
    static const std::vector<StoredVersion> kNone;
    const std::vector<StoredVersion> &stored = known ? known->versions : kNone;
    const FileOffer &offer = plan.foreign->offer;
    if (plan.foreign->declared) {
        // An older copy knows less; it never takes back what a newer one said.
        if (m_plan.newest || stored.empty())
            plan.edits = declare(stored, offer.prices, m_options.at, m_file.complete);
        return;
    }
    if (offer.prices.empty())
        return;
    const bool first = m_known.runs.empty() || m_options.at < m_known.runs.front();
    plan.edits = observe(stored, offer.prices.back(), {m_options.at, nextSeen(known), first});
    const bool reread = m_known.lastImporterVersion != 0 &&
                        (m_known.lastImporterVersion != m_file.importerVersion ||
                         m_known.lastDialect != m_file.dialect);
    const BaseFigures now = baseOf(offer.prices.back());
    if (!reread || !known || known->current.input != now.input ||
        known->current.output != now.output)
        return;
    // The list or its reader changed its spelling, not the seller his price.
    for (PriceEdit &edit : plan.edits) {
        if (edit.changeKind == QLatin1String("price_change"))
            edit.changeKind = QStringLiteral("schema_change");
    }
}

void Planner::limits(OfferPlan &plan, const KnownOffer *known)
{
    if (plan.foreign->offer.limits.empty())
        return;
    FileLimits limits = plan.foreign->offer.limits.front();
    if (limits.from == 0)
        limits.from = m_options.at;
    if (known && known->limits) {
        const KnownLimits &open = *known->limits;
        const bool older = known->firstSeen && limits.from < *known->firstSeen;
        if (open.contextWindow == limits.contextWindow && open.maxOutput == limits.maxOutput) {
            if (older && limits.from < open.from)
                plan.beginLimits = open.id;
            return;
        }
        if (limits.from > open.from)
            plan.closeLimits = open.id;
        else if (older)
            limits.to = open.from;
        else
            return;
    }
    plan.limits = limits;
}

QString kindOf(const std::vector<PriceEdit> &edits)
{
    for (const PriceEdit &edit : edits) {
        switch (edit.kind) {
        case PriceEdit::Kind::Insert:
            return edit.price.status == QLatin1String("announced") ? edit.price.status
                                                                   : edit.changeKind;
        case PriceEdit::Kind::Cancel:
            return QStringLiteral("cancelled");
        case PriceEdit::Kind::Activate:
            return QStringLiteral("price_change");
        case PriceEdit::Kind::Copy:
            return QStringLiteral("earlier");
        case PriceEdit::Kind::Supersede:
        case PriceEdit::Kind::Close:
        case PriceEdit::Kind::Confirm:
            break;
        }
    }
    return {};
}

void Planner::describe(const OfferPlan &plan, const KnownOffer *known)
{
    ImportReport &report = m_plan.report;
    const FileOffer &offer = plan.foreign->offer;
    if (plan.held) {
        report.held.push_back(
            {plan.foreign->key, plan.key, plan.held->rule, plan.held->before, plan.held->after});
        return;
    }
    if (offer.prices.empty())
        ++report.unpriced;
    const FilePrice *price = priceAt(*plan.foreign, m_options.at);
    const QString after = price ? figuresText(baseOf(*price)) : QString();
    const QString kind = kindOf(plan.edits);
    if (!known) {
        ++report.added;
        report.changes.push_back({plan.key, QStringLiteral("new"), {}, after});
    } else if (!kind.isEmpty() || plan.limits) {
        ++report.changed;
        if (!kind.isEmpty())
            report.changes.push_back({plan.key, kind, figuresText(known->current), after});
    } else {
        ++report.unchanged;
    }
}

void Planner::conflicts(const OfferPlan &plan)
{
    const auto others = m_known.others.find(plan.key);
    const FilePrice *price = priceAt(*plan.foreign, m_options.at);
    if (plan.held || !price || others == m_known.others.end())
        return;
    const BaseFigures here = baseOf(*price);
    const auto compare = [&](const OtherPrice &other, const char *component,
                             const std::optional<Pico> &a, const std::optional<Pico> &b) {
        if (!a || !b || *a <= 0 || *b <= 0)
            return;
        const double spread = double(std::max(*a, *b)) / double(std::min(*a, *b)) - 1;
        if (spread > kTolerance)
            m_plan.report.conflicts.push_back(
                {plan.key, QLatin1String(component), other.sourceName, *a, *b, spread});
    };
    for (const OtherPrice &other : others->second) {
        compare(other, "input", here.input, other.figures.input);
        compare(other, "output", here.output, other.figures.output);
        compare(other, "cache_read", here.cacheRead, other.figures.cacheRead);
    }
}

void Planner::offer(const ForeignOffer &foreign)
{
    OfferPlan plan;
    plan.foreign = &foreign;
    plan.key = offerKey(foreign.offer);
    const QString source = foreign.source.isEmpty() ? m_file.source : foreign.source;
    m_listed.insert({source, plan.key});
    if (const auto id = m_known.offers.find(plan.key); id != m_known.offers.end())
        plan.id = id->second;
    const auto found = m_known.bySource.find({source, plan.key});
    const KnownOffer *known = found == m_known.bySource.end() ? nullptr : &found->second;
    plan.held = m_gates.judge(foreign, known);
    if (!plan.held) {
        prices(plan, known);
        limits(plan, known);
    } else if (!foreign.offer.prices.empty()) {
        plan.reviewedAlready =
            m_known.reviewed.contains({plan.key, cardHash(foreign.offer.prices.back())});
    } else {
        plan.reviewedAlready = m_known.reviewed.contains({plan.key, QStringLiteral("")});
    }
    describe(plan, known);
    conflicts(plan);
    m_plan.offers.push_back(std::move(plan));
}

void Planner::missing()
{
    if (!m_plan.newest || !m_file.complete)
        return;
    for (const auto &[key, known] : m_known.bySource) {
        if (key.first == m_file.source && known.lastSeen && !m_listed.contains(key))
            m_plan.missing.push_back(key.second);
    }
}

ImportPlan Planner::plan()
{
    ImportReport &report = m_plan.report;
    report.importer = m_file.importer;
    report.sourceName =
        m_file.names.sources.empty() ? m_file.source : m_file.names.sources.front().name;
    report.seen = static_cast<int>(m_file.offers.size());
    report.skipped = m_file.skipped;
    report.notes = m_file.notes;
    for (const auto &[field, count] : m_file.unknownFields)
        report.unknownFields.push_back(field);
    m_plan.newest = m_known.runs.empty() || m_options.at >= m_known.runs.back();
    if (m_known.sameAsNewest || m_known.sameOfThatDate) {
        report.status = ImportReport::Status::NoChange;
        report.unchanged = report.seen;
        return std::move(m_plan);
    }
    if (m_file.offers.empty()) {
        reject(QStringLiteral("It lists no offer that can be read."));
        return std::move(m_plan);
    }
    const auto gate = [this](const std::optional<QString> &why) {
        if (why && m_plan.report.status == ImportReport::Status::Applied)
            reject(*why);
    };
    if (m_plan.newest && !m_options.force)
        gate(m_gates.shrinks());
    if (m_plan.newest && m_file.complete)
        gate(m_gates.changesShape());
    for (const ForeignOffer &foreign : m_file.offers)
        offer(foreign);
    gate(m_gates.holdsTooMany(static_cast<int>(report.held.size())));
    missing();
    report.missing = static_cast<int>(m_plan.missing.size());
    return std::move(m_plan);
}

} // namespace

ImportPlan planImport(const ForeignFile &file, const KnownState &known, const PlanOptions &options)
{
    return Planner(file, known, options).plan();
}

} // namespace app
