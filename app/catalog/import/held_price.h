// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "app/catalog/catalog_file.h"

namespace app {

// A price that was held for review, as the text in which the database keeps it, and back. Absent
// where the text is none.
QString heldText(const FilePrice &price);
std::optional<FilePrice> heldPrice(const QString &text);

} // namespace app
