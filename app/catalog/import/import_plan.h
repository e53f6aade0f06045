// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/catalog/import/gates.h"
#include "app/catalog/import/import_report.h"

namespace app {

// What is to be written for one record.
struct OfferPlan
{
    const ForeignOffer *foreign = nullptr;
    QString key;
    qint64 id = 0; // 0: the offer is not known
    std::vector<PriceEdit> edits;
    qint64 closeLimits = 0; // row that ends, 0 for none
    qint64 beginLimits = 0; // row that is now known to have begun by the list's date, 0 for none
    std::optional<FileLimits> limits;
    std::optional<Refusal> held;
    bool reviewedAlready = false; // the same was held before
};

// The comparison of a list with what is known, as a value: a dry run shows it, an import writes it.
struct ImportPlan
{
    std::vector<OfferPlan> offers;
    std::vector<QString> missing; // keys that this source listed before and does not now
    bool newest = true;           // no later list of the source was read
    ImportReport report;          // status Rejected where nothing may be written
};

struct PlanOptions
{
    UnixSeconds at = 0; // the list's date
    bool force = false; // let a list pass that has shrunk
};

ImportPlan planImport(const ForeignFile &file, const KnownState &known, const PlanOptions &options);

} // namespace app
