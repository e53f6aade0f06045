// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace engine {

// How this program was built; an empty string is "unknown".
const char *appVersion();
const char *gitCommit(); // of the tree at build time, "+" after it when files had changed
const char *compilerName();
const char *compileFlags();

} // namespace engine
