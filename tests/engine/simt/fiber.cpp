// SPDX-License-Identifier: Apache-2.0
#include "tests/engine/simt/fiber.h"

#include <algorithm>

#include <sys/mman.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifndef __x86_64__
#include <ucontext.h>
#endif

namespace simt {
namespace {

char *region()
{
    static char *const at =
        static_cast<char *>(mmap(nullptr, kStackBytes * kMostFibers, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    return at;
}

#ifdef __x86_64__
extern "C" void simtSwitch(void **save, void *load);
asm(R"(.text
.globl simtSwitch
simtSwitch:
  pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp
  ret
)");

void rawSwitch(Context &from, Context &to)
{
    simtSwitch(&from.sp, to.sp);
}
#else
void rawSwitch(Context &from, Context &to)
{
    if (!from.sp)
        from.sp = new ucontext_t;
    swapcontext(static_cast<ucontext_t *>(from.sp), static_cast<ucontext_t *>(to.sp));
}
#endif

} // namespace

void giveStack(Context &context, std::size_t number)
{
    context.stack = region() + number * kStackBytes;
    context.size = kStackBytes;
    mprotect(const_cast<void *>(context.stack), 4096, PROT_NONE);
}

bool isOnAStack(const void *place)
{
    const auto *at = static_cast<const char *>(place);
    return at >= region() && at < region() + kStackBytes * kMostFibers;
}

void prepareFiber(Context &context, void (*entry)())
{
#ifdef __SANITIZE_ADDRESS__
    __asan_unpoison_memory_region(context.stack, context.size);
#endif
#ifdef __x86_64__
    auto **top = reinterpret_cast<void **>(static_cast<char *>(const_cast<void *>(context.stack)) +
                                           context.size) -
                 2;
    top[0] = reinterpret_cast<void *>(entry);
    std::fill(top - 6, top, nullptr);
    context.sp = top - 6;
#else
    if (!context.sp)
        context.sp = new ucontext_t;
    auto *state = static_cast<ucontext_t *>(context.sp);
    getcontext(state);
    state->uc_stack.ss_sp = const_cast<void *>(context.stack);
    state->uc_stack.ss_size = context.size;
    state->uc_link = nullptr;
    makecontext(state, entry, 0);
#endif
}

void switchFiber(Context &from, Context &to, [[maybe_unused]] bool forGood)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(forGood ? nullptr : &from.fake, to.stack, to.size);
#endif
    rawSwitch(from, to);
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(from.fake, nullptr, nullptr);
#endif
}

void fiberStarted([[maybe_unused]] Context &caller)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(nullptr, &caller.stack, &caller.size);
#endif
}

} // namespace simt
