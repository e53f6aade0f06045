// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "app/catalog/catalog.h"
#include "app/explore/findings.h"
#include "app/explore/scenario.h"

namespace app {

// The catalog's offers of the scenario's `offers` model, priced at its mix, its cached share and
// its prompt length; a schedule with prices of its own is a mark of its own. By price, what has
// none last.
std::vector<OfferMark> offerMarks(const Catalog &catalog, const Scenario &scenario);

// The claims that tie two of these marks.
std::vector<OfferRelation> offerRelations(const Catalog &catalog,
                                          const std::vector<OfferMark> &marks);

} // namespace app
