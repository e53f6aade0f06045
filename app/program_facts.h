// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

#include "app/parts.h"

namespace app {

// A line each about the program and its files, for whoever mends a fault (not translated): build,
// folders, the state of both databases, the notices of this start.
QStringList programFacts(const Parts &parts);

} // namespace app
