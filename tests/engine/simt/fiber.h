// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace simt {

// A stack and where on it a fiber stands.
struct Context
{
    void *sp = nullptr;
    const void *stack = nullptr;
    std::size_t size = 0;
    void *fake = nullptr; // AddressSanitizer's own
};

inline constexpr std::size_t kStackBytes = 256 * 1024;
inline constexpr std::size_t kMostFibers = 8192;

// Gives the context the number-th stack; its lowest page is protected.
void giveStack(Context &context, std::size_t number);
// Whether the address lies on any fiber's stack.
bool isOnAStack(const void *place);
// Makes the context start in `entry` when it is switched to.
void prepareFiber(Context &context, void (*entry)());
// Leaves `from` for `to`; `forGood` when `from` never runs again.
void switchFiber(Context &from, Context &to, bool forGood = false);
// The first thing that a fresh fiber calls; learns the caller's stack.
void fiberStarted(Context &caller);

} // namespace simt
