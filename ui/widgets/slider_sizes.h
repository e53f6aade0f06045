// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ui {

// Where the parts of a slider lie, in logical pixels.
constexpr double kInset = 8; // half a handle, so that both ends of the groove can be reached
constexpr int kFieldWidth = 88;
constexpr int kFieldHeight = 24;
constexpr int kFieldHang = 9;
constexpr double kGrooveY = 36;
constexpr double kTickTop = 43;
constexpr double kTickLength = 4;
constexpr double kTickTextTop = 47;
constexpr int kHeight = 62;

} // namespace ui
