// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/infer/allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<bool> g_counting{false};
std::atomic<int> g_allocations{0};
} // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
bool allocationsAreCounted()
{
    return false;
}
#else
bool allocationsAreCounted()
{
    return true;
}

void *operator new(std::size_t size)
{
    if (g_counting)
        ++g_allocations;
    if (void *memory = std::malloc(size ? size : 1))
        return memory;
    throw std::bad_alloc();
}

void operator delete(void *memory) noexcept
{
    std::free(memory);
}

void operator delete(void *memory, std::size_t) noexcept
{
    std::free(memory);
}
#endif

void startCounting()
{
    g_allocations = 0;
    g_counting = true;
}

int stopCounting()
{
    g_counting = false;
    return g_allocations;
}
