// SPDX-License-Identifier: Apache-2.0
// The wrapped instructions: asynchronous copies, ldmatrix, mma. Their PTX twins are in device.h.
#include "tests/engine/simt/simt.h"
#include "tests/engine/simt/thread.h"

namespace simt {
namespace {

bool isAligned(const void *place)
{
    return reinterpret_cast<std::uintptr_t>(place) % 16 == 0;
}

void land(AsyncCopy &copy)
{
    if (copy.done)
        return;
    copy.done = true;
    std::memcpy(copy.to, copy.from, std::size_t(copy.bytes));
    std::memset(copy.to + copy.bytes, 0, std::size_t(16 - copy.bytes));
}

// Of 8 rows of 16 bytes read at once: extra passes over the 8 bank groups.
int conflicts(const void *const *rows)
{
    int count[8] = {};
    int most = 0;
    for (int i = 0; i < 8; ++i)
        most = std::max(most, ++count[reinterpret_cast<std::uintptr_t>(rows[i]) / 16 % 8]);
    return most - 1;
}

template <bool Transposed>
void ldmatrix(Meeting &m)
{
    for (int matrix = 0; matrix < 4; ++matrix)
        statistics.ldmatrixConflicts += conflicts(m.in + matrix * 8);
    for (int lane = 0; lane < 32; ++lane) {
        for (int matrix = 0; matrix < 4; ++matrix) {
            for (int i = 0; i < 2; ++i) {
                const int row = Transposed ? lane % 4 * 2 + i : lane / 4;
                const int column = Transposed ? lane / 4 : lane % 4 * 2 + i;
                std::memcpy(static_cast<char *>(m.out[lane]) + matrix * 4 + i * 2,
                            static_cast<const char *>(m.in[matrix * 8 + row]) + column * 2, 2);
            }
        }
    }
}

void ldmatrixAt(const char *name, void *out, const void *row, void (*complete)(Meeting &),
                const void *pc, Where where)
{
    if (!isAligned(row))
        violate(std::string(name) + ": row not 16-byte aligned", where);
    if (!current->block->owns(row, 16))
        violate(std::string(name) + ": row outside of shared memory", where);
    race::access(*current, row, 16, race::Kind::Read, pc);
    meet(name, ~0u, row, out, complete, where);
}

struct Operands
{
    const std::uint32_t *a;
    std::uint32_t b[2];
};

// PTX ISA, "Matrix fragments for mma.m16n8k16", two 16-bit elements a register.
void multiplyBf16(Meeting &m)
{
    static float a[16][16], b[8][16];
    const auto element = [](std::uint32_t word, int i) {
        return std::bit_cast<float>(i ? word & 0xffff0000u : word << 16);
    };
    for (int lane = 0; lane < 32; ++lane) {
        const auto *operands = static_cast<const Operands *>(m.in[lane]);
        for (int i = 0; i < 2; ++i) {
            for (int r = 0; r < 4; ++r)
                a[lane / 4 + r % 2 * 8][lane % 4 * 2 + i + r / 2 * 8] = element(operands->a[r], i);
            for (int r = 0; r < 2; ++r)
                b[lane / 4][lane % 4 * 2 + i + r * 8] = element(operands->b[r], i);
        }
    }
    for (int lane = 0; lane < 32; ++lane) {
        for (int r = 0; r < 4; ++r) {
            const float *row = a[lane / 4 + r / 2 * 8];
            const float *column = b[lane % 4 * 2 + r % 2];
            float sum = 0;
            for (int k = 0; k < 16; ++k)
                sum += row[k] * column[k];
            static_cast<float *>(m.out[lane])[r] += sum;
        }
    }
}

} // namespace

void waitForCopies(int pending)
{
    Thread &thread = *current;
    while (int(thread.copies.size()) - 1 > pending) {
        for (AsyncCopy &copy : thread.copies.front()) {
            land(copy);
            race::access(thread, copy.to, 16, race::Kind::CopyLanded, __builtin_return_address(0));
        }
        thread.copies.erase(thread.copies.begin());
    }
}

} // namespace simt

void cpAsync16(void *shared, const void *global, int validBytes, simt::Where where)
{
    using namespace simt;
    Thread &thread = *current;
    if (!isAligned(shared) || !isAligned(global))
        violate("cp.async: not 16-byte aligned", where);
    if (!thread.block->owns(shared, 16))
        violate("cp.async: target outside of shared memory", where);
    const void *pc = __builtin_return_address(0);
    race::access(thread, global, std::size_t(validBytes), race::Kind::Read, pc);
    race::access(thread, shared, 16, race::Kind::CopyIssued, pc);
    thread.copies.back().push_back({static_cast<unsigned char *>(shared),
                                    static_cast<const unsigned char *>(global), validBytes, false});
    if (coin())
        land(thread.copies.back().back()); // at once, or as late as the wait
}

void cpAsyncCommit()
{
    simt::current->copies.emplace_back();
}

void waitForPreviousKernel()
{
    simt::race::previousKernelOver(*simt::current);
}

void loadMatrix4(std::uint32_t (&r)[4], const void *row, simt::Where where)
{
    simt::ldmatrixAt("ldmatrix", r, row, simt::ldmatrix<false>, __builtin_return_address(0), where);
}

void loadMatrix4Transposed(std::uint32_t (&r)[4], const void *row, simt::Where where)
{
    simt::ldmatrixAt("ldmatrix.trans", r, row, simt::ldmatrix<true>, __builtin_return_address(0),
                     where);
}

void mmaBf16(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1,
             simt::Where where)
{
    simt::Operands operands{a, {b0, b1}};
    simt::meet("mmaBf16", ~0u, &operands, d, simt::multiplyBf16, where);
}
