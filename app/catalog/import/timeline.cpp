// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/import/timeline.h"

#include <algorithm>
#include <limits>

namespace app {
namespace {

constexpr UnixSeconds kForever = std::numeric_limits<UnixSeconds>::max();
constexpr UnixSeconds kEver = std::numeric_limits<UnixSeconds>::min();

using Kind = PriceEdit::Kind;

UnixSeconds start(const std::optional<UnixSeconds> &from)
{
    return from.value_or(kEver);
}
UnixSeconds end(const std::optional<UnixSeconds> &to)
{
    return to.value_or(kForever);
}

PriceEdit edit(Kind kind, qint64 id, std::optional<UnixSeconds> from = {},
               std::optional<UnixSeconds> to = {})
{
    PriceEdit made;
    made.kind = kind;
    made.id = id;
    made.from = from;
    made.to = to;
    return made;
}

PriceEdit insertion(FilePrice price, const char *changeKind)
{
    PriceEdit made;
    made.price = std::move(price);
    made.changeKind = QLatin1String(changeKind);
    return made;
}

bool overlap(const StoredVersion &stored, const FilePrice &price)
{
    return start(stored.from) < end(price.to) && start(price.from) < end(stored.to);
}

// Takes the versions one after the other out of those that are left to be accounted for.
class Declaration
{
public:
    Declaration(const std::vector<StoredVersion> &stored, UnixSeconds at, bool complete)
        : m_left(stored), m_known(!stored.empty()), m_at(at), m_complete(complete)
    {
    }

    std::vector<PriceEdit> edits(const std::vector<FilePrice> &declared);

private:
    template <class Fits>
    const StoredVersion *take(const Fits &fits)
    {
        const auto found = std::find_if(m_left.begin(), m_left.end(), fits);
        if (found == m_left.end())
            return nullptr;
        m_taken = *found;
        m_left.erase(found);
        return &m_taken;
    }
    void announced(FilePrice price, const QString &hash);
    void current(const FilePrice &price, const QString &hash);
    void leftOver(const std::vector<FilePrice> &inserted);

    std::vector<StoredVersion> m_left;
    StoredVersion m_taken;
    bool m_known;
    UnixSeconds m_at;
    bool m_complete;
    std::vector<PriceEdit> m_edits;
    std::vector<FilePrice> m_fresh;
};

void Declaration::announced(FilePrice price, const QString &hash)
{
    const auto same = [&](const StoredVersion &row) {
        return row.status == QLatin1String("announced") && row.from == price.from &&
               row.hash == hash;
    };
    if (const StoredVersion *row = take(same)) {
        m_edits.push_back(edit(Kind::Confirm, row->id));
        return;
    }
    price.status = QStringLiteral("announced");
    m_edits.push_back(insertion(std::move(price), m_known ? "price_change" : "initial"));
}

void Declaration::current(const FilePrice &price, const QString &hash)
{
    const auto startsAlike = [&](const StoredVersion &row) {
        return row.from == price.from && row.hash == hash;
    };
    const StoredVersion *row = take(startsAlike);
    if (!row) {
        m_fresh.push_back(price);
    } else if (row->status == QLatin1String("announced")) {
        m_edits.push_back(edit(Kind::Activate, row->id, {}, price.to));
    } else if (row->to == price.to) {
        m_edits.push_back(edit(Kind::Confirm, row->id));
    } else if (!row->to) {
        m_edits.push_back(edit(Kind::Close, row->id, {}, price.to));
    } else {
        m_edits.push_back(edit(Kind::Supersede, row->id));
        m_edits.push_back(insertion(price, "correction"));
    }
}

void Declaration::leftOver(const std::vector<FilePrice> &inserted)
{
    for (const StoredVersion &row : m_left) {
        if (row.status == QLatin1String("announced")) {
            if (m_complete)
                m_edits.push_back(edit(Kind::Cancel, row.id));
            continue;
        }
        const auto over = std::find_if(inserted.begin(), inserted.end(),
                                       [&](const FilePrice &price) { return overlap(row, price); });
        const bool goesOn =
            over != inserted.end() && !row.to && over->from && start(row.from) < *over->from;
        if (goesOn)
            m_edits.push_back(edit(Kind::Close, row.id, {}, over->from));
        else if (m_complete || over != inserted.end())
            m_edits.push_back(edit(Kind::Supersede, row.id));
    }
}

std::vector<PriceEdit> Declaration::edits(const std::vector<FilePrice> &declared)
{
    std::vector<FilePrice> prices = declared;
    std::sort(prices.begin(), prices.end(),
              [](const FilePrice &a, const FilePrice &b) { return start(a.from) < start(b.from); });
    // Two periods of one list never hold at once: the later one ends the earlier.
    for (std::size_t i = 1; i < prices.size(); ++i) {
        if (end(prices[i - 1].to) > start(prices[i].from))
            prices[i - 1].to = prices[i].from;
    }
    std::erase_if(prices, [](const FilePrice &price) {
        return price.status == QLatin1String("cancelled") || start(price.from) >= end(price.to);
    });
    for (std::size_t i = 0; i < prices.size(); ++i) {
        FilePrice &price = prices[i];
        const QString hash = cardHash(price);
        const bool ahead = price.from && *price.from > m_at;
        if (ahead) {
            announced(price, hash);
            continue;
        }
        // What is only announced ends nothing yet.
        const bool nextAhead = i + 1 < prices.size() && prices[i + 1].from &&
                               *prices[i + 1].from > m_at && price.to == prices[i + 1].from;
        if (nextAhead)
            price.to.reset();
        current(price, hash);
    }
    const bool corrects = std::any_of(m_left.begin(), m_left.end(), [&](const StoredVersion &row) {
        return std::any_of(m_fresh.begin(), m_fresh.end(), [&](const FilePrice &price) {
            return row.status == QLatin1String("active") && overlap(row, price) &&
                   (row.to || !price.from || start(row.from) >= *price.from);
        });
    });
    leftOver(m_fresh);
    for (FilePrice &price : m_fresh)
        m_edits.push_back(insertion(
            std::move(price), corrects ? "correction" : (m_known ? "price_change" : "initial")));
    return m_edits;
}

} // namespace

std::vector<PriceEdit> observe(const std::vector<StoredVersion> &stored, const FilePrice &price,
                               const Observation &observation)
{
    const UnixSeconds at = observation.at;
    const QString hash = cardHash(price);
    FilePrice fresh = price;
    fresh.from = at;
    fresh.to.reset();
    fresh.basis = observation.first ? QStringLiteral("snapshot") : QStringLiteral("first_seen");
    const StoredVersion *holding = nullptr;
    const StoredVersion *next = nullptr; // the first that begins later
    for (const StoredVersion &row : stored) {
        if (row.status != QLatin1String("active"))
            continue;
        if (start(row.from) <= at && end(row.to) > at)
            holding = &row;
        else if (start(row.from) > at && (!next || start(row.from) < start(next->from)))
            next = &row;
    }
    if (holding && holding->hash == hash)
        return {edit(Kind::Confirm, holding->id)};
    std::vector<PriceEdit> edits;
    const auto beginEarlier = [&](const StoredVersion &row) {
        edits.push_back(edit(Kind::Supersede, row.id));
        edits.push_back(edit(Kind::Copy, row.id, at, row.to));
        edits.back().basis = fresh.basis;
    };
    const auto insert = [&](std::optional<UnixSeconds> to, const char *changeKind) {
        fresh.to = to;
        edits.push_back(insertion(fresh, changeKind));
    };
    if (!holding) {
        if (next && next->hash == hash)
            beginEarlier(*next);
        else
            insert(next ? next->from : std::nullopt, stored.empty() ? "initial" : "price_change");
        return edits;
    }
    if (holding->from == at) { // two lists of one instant: the later reading corrects the earlier
        edits.push_back(edit(Kind::Supersede, holding->id));
        insert(holding->to, "correction");
        return edits;
    }
    edits.push_back(edit(Kind::Close, holding->id, {}, at));
    if (observation.next && *observation.next < end(holding->to)) {
        insert(observation.next, "price_change");
        edits.push_back(edit(Kind::Copy, holding->id, observation.next, holding->to));
        edits.back().basis = QStringLiteral("first_seen");
    } else if (next && holding->to == next->from && next->hash == hash) {
        beginEarlier(*next);
    } else {
        insert(holding->to, "price_change");
    }
    return edits;
}

std::vector<PriceEdit> declare(const std::vector<StoredVersion> &stored,
                               const std::vector<FilePrice> &declared, UnixSeconds at,
                               bool complete)
{
    return Declaration(stored, at, complete).edits(declared);
}

} // namespace app
