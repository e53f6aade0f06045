// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog/catalog.h"

#include <algorithm>

namespace app {

const Offer *Catalog::find(const QString &id) const
{
    const auto found = std::find_if(offers.begin(), offers.end(),
                                    [&id](const Offer &offer) { return offer.id == id; });
    return found == offers.end() ? nullptr : &*found;
}

std::vector<const Offer *> Catalog::offersOf(const QString &familyOrModel) const
{
    std::vector<const Offer *> found;
    for (const Offer &offer : offers) {
        if (offer.family == familyOrModel || offer.model == familyOrModel)
            found.push_back(&offer);
    }
    return found;
}

} // namespace app
