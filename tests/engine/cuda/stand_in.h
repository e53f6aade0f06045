// SPDX-License-Identifier: Apache-2.0
#pragma once

// The stand-in's questions; a card, which the same tests run on, has no answer to them.

#ifndef __CUDACC__
#include "tests/engine/simt/machine.h"
#else
namespace simt {
inline void watchAccesses(bool) {}
} // namespace simt
#endif
