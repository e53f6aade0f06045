// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QSqlQuery>
#include <QString>
#include <QVariant>

#include "app/catalog/catalog.h"

namespace app {

// NULL is absent.
std::optional<UnixSeconds> optionalInstant(const QVariant &value);
std::optional<std::int64_t> optionalWhole(const QVariant &value);
std::optional<double> optionalReal(const QVariant &value);

DateBasis basisOf(const QString &word);

// The columns that every dated figure has, for a query that calls its table x and the source s; the
// third is the figure's date.
inline constexpr auto kProvenanceColumns =
    "s.name, x.upstream_locator, x.checked_at, x.confidence, x.note, s.slug, s.kind, "
    "s.stale_after_s, s.dead_after_s";
Provenance provenanceAt(const QSqlQuery &row, int firstColumn, FigureKind kind);

// The seven columns that make an offer what it is, for a query whose tables are o (offer),
// p (provider) and v (gateway), and the key they give.
inline constexpr auto kOfferColumns = "p.slug, v.slug, o.provider_model_id, o.region, "
                                      "o.service_tier, o.quantization, o.endpoint_ref";
QString offerKeyAt(const QSqlQuery &row, int firstColumn);

} // namespace app
