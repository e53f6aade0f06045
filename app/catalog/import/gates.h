// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "app/catalog/import/known_state.h"

namespace app {

// Why a record is held back, and the figures that look wrong.
struct Refusal
{
    QString rule;
    QString before;
    QString after;
};

// The base figures of a price, and how people read them: "0.55 in, 2.19 out, 0.14 cached".
BaseFigures baseOf(const FilePrice &price);
QString figuresText(const BaseFigures &figures);

// The price of a record that holds at that instant: what is announced for later is not it. Null
// where there is none.
const FilePrice *priceAt(const ForeignOffer &offer, UnixSeconds at);

// Judges the records of one list. Every limit has a real case behind it (docs/catalog.md).
class Gates
{
public:
    // `at` is the list's date.
    Gates(const ForeignFile &file, const KnownState &known, UnixSeconds at);

    // One record: absent where it may pass. A change that a person accepted, or that another
    // source has too, passes whatever its size.
    std::optional<Refusal> judge(const ForeignOffer &offer, const KnownOffer *known) const;

    // The list as a whole, before and after its records: one sentence where it must not be
    // applied. `held` counts records that were refused.
    std::optional<QString> shrinks() const;
    std::optional<QString> changesShape() const;
    std::optional<QString> holdsTooMany(int held) const;

private:
    std::optional<Refusal> outOfRange(const BaseFigures &now) const;
    std::optional<Refusal> jumps(const BaseFigures &before, const BaseFigures &now) const;
    std::optional<Refusal> outlier(const ForeignOffer &offer, const BaseFigures &now) const;
    bool agreed(const ForeignOffer &offer, const FilePrice &price, const BaseFigures &now) const;

    const ForeignFile &m_file;
    const KnownState &m_known;
    UnixSeconds m_at;
    std::map<QString, std::vector<Pico>> m_inputs; // sorted, by loose model key
};

} // namespace app
