// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace app {

// The columns of our own CSV, in the order in which they are written; any order is read.
inline constexpr const char *kCsvColumns[] = {"provider",
                                              "via",
                                              "model_id",
                                              "region",
                                              "tier",
                                              "quantization",
                                              "endpoint",
                                              "model",
                                              "currency",
                                              "valid_from",
                                              "valid_to",
                                              "basis",
                                              "above_input_tokens",
                                              "schedule",
                                              "input",
                                              "output",
                                              "cache_read",
                                              "cache_write",
                                              "cache_write_1h",
                                              "reasoning",
                                              "request",
                                              "context_window",
                                              "max_output",
                                              "source",
                                              "source_url",
                                              "date",
                                              "confidence",
                                              "note"};

// A cell that no spreadsheet takes for a formula: one that begins with = + - @, a tab or a line's
// end has an apostrophe put before it; plainCell() takes that away again. Quoted where needed.
QString safeCell(const QString &text);
QString plainCell(const QString &cell);

} // namespace app
