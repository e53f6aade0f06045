// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "app/catalog/catalog.h"

namespace app {

// Gives each offer a label that says what it is and that no other has: model, seller, gateway, and
// of tier, region and number format what is not the usual; the seller's own word for the model
// where that is all that differs.
void labelOffers(std::vector<Offer> &offers);

} // namespace app
