// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "app/catalog/import/timeline.h"
#include "app/catalog/offer_writer.h"
#include "app/catalog/row_writer.h"

namespace app {

// Where and when the edits of one offer's history are written.
struct EditTarget
{
    qint64 offer = 0;
    qint64 run = 0;
    UnixSeconds seenAt = 0;     // of the list that was read
    UnixSeconds recordedAt = 0; // now
};

// Writes the edits; ends before beginnings, so that there is never more than one open version.
// Returns the id of the last version that was inserted, 0 for none.
qint64 writeEdits(database::RowWriter &rows, OfferWriter &writer,
                  const std::vector<PriceEdit> &edits, const EditTarget &target);

} // namespace app
