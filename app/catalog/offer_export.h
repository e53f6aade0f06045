// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QByteArray>

#include "app/catalog/catalog.h"

namespace app {

// The offers as CSV in the columns that the importer reads (docs/catalog.md), one row a price rule.
// No cell begins like a formula, so that a spreadsheet shows what a list wrote and runs none of it.
// Rules of the hours name their schedule and are for people: the importer takes the others.
QByteArray offersCsv(const std::vector<const Offer *> &offers);

// The same as JSON; prices are integers of millionths per million tokens.
QByteArray offersJson(const std::vector<const Offer *> &offers, UnixSeconds asOf);

} // namespace app
