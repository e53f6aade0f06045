# SPDX-License-Identifier: Apache-2.0
# Writes build_info.cpp; called at each build, touches the file only when something changed.
set(commit "")
find_program(GIT git)
if(GIT)
    execute_process(COMMAND ${GIT} -C ${SOURCE} rev-parse --short=12 HEAD
        OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    execute_process(COMMAND ${GIT} -C ${SOURCE} status --porcelain --untracked-files=no
        OUTPUT_VARIABLE changed OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(commit AND changed)
        string(APPEND commit "+")
    endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
// SPDX-License-Identifier: Apache-2.0
#include "engine/spec/build_info.h"

namespace engine {
const char *appVersion() { return "@VERSION@"; }
const char *gitCommit() { return "@commit@"; }
const char *compilerName() { return "@COMPILER@"; }
const char *compileFlags() { return "@FLAGS@"; }
} // namespace engine
]])
