// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace engine {

// Three significant digits, integers above 1000: "0.0123", "12.3", "1234".
std::string threeDigits(double value);

// "12.3 ms", "450 us", "12.3 s".
std::string durationText(double milliseconds);

// "0:42", "12:03".
std::string clockText(double seconds);

// "596 M", "8.03 B".
std::string countText(std::int64_t count);

} // namespace engine
