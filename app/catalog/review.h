// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/catalog/row_writer.h"

namespace app {

// Writes one line of the log of edits.
void logEdit(database::RowWriter &rows, UnixSeconds now, const char *action, const QString &offer,
             qint64 subject, const QVariant &replaced, const QString &words);

// A price that was accepted by mistake is believed no more, and the one that it ended goes on.
void takeBackAccepted(database::RowWriter &rows, qint64 versionId, UnixSeconds now);

} // namespace app
