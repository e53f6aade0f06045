// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include "app/catalog/catalog_store.h"
#include "app/catalog/freshness.h"

namespace app {

// A request's cost for people and as JSON: its parts, which add up, the prices that were applied,
// and everything that had to be assumed.
QByteArray costText(const Offer &offer, const RequestTokens &tokens, const RequestCost &cost,
                    UnixSeconds at);
QByteArray costJson(const Offer &offer, const RequestTokens &tokens, const RequestCost &cost,
                    UnixSeconds at);

// What `catalog check` found.
struct CheckReport
{
    std::size_t offers = 0;
    std::vector<ReviewItem> review;
    std::vector<std::pair<QString, Age>> oldSources;              // name, newest figure
    std::vector<std::pair<QString, std::vector<QString>>> doubts; // offer id, besides its age
    std::vector<EditEntry> edits;
};

CheckReport checkReport(const Catalog &catalog, std::vector<ReviewItem> review,
                        std::vector<EditEntry> edits);
QByteArray checkText(const CheckReport &report);
QByteArray checkJson(const CheckReport &report);

QByteArray sourcesText(const std::vector<RefreshSource> &sources);
QByteArray sourcesJson(const std::vector<RefreshSource> &sources);

} // namespace app
