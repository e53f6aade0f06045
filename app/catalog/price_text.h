// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "app/catalog/price_card.h"

namespace app {

// Millionths as a decimal without needless zeros: 550000 is "0.55".
QString priceText(MicroPerMillion price);

// 1e-12 of a currency unit likewise: 3366000000 is "0.003366".
QString picoText(Pico amount);

} // namespace app
