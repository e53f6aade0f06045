// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace engine {

// A text file compiled into the program; `name` is relative to its folder under resources/.
struct EmbeddedFile
{
    std::string_view name;
    std::string_view content;
};

} // namespace engine
