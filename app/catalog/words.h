// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "app/catalog/catalog.h"

namespace app {

// The words of files and of JSON for what the code has as enumerations.
QString word(DateBasis basis);
QString word(Confidence confidence);
QString word(FigureKind kind);

} // namespace app
