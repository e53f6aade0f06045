// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/kernels/huge_buffer.h"

#include <sys/mman.h>

namespace engine::cpu {

namespace {
constexpr std::int64_t kAlignment = std::int64_t{2} << 20;
constexpr std::int64_t kLargestRequest = std::int64_t{1} << 46;
} // namespace

Result<HugeBuffer> HugeBuffer::allocate(std::int64_t bytes)
{
    HugeBuffer buffer;
    if (bytes == 0)
        return buffer;
    const std::string refusal = "The system has no " + std::to_string(bytes) +
                                " bytes of memory to give; use a smaller "
                                "model, fewer sequences or a shorter context.";
    if (bytes < 0 || bytes > kLargestRequest)
        return fail(ErrorKind::DoesNotFit, refusal);
    const std::int64_t mappedBytes = (bytes + 2 * kAlignment - 1) / kAlignment * kAlignment;
    void *mapped = mmap(nullptr, static_cast<std::size_t>(mappedBytes), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED)
        return fail(ErrorKind::DoesNotFit, refusal);
    const auto address = reinterpret_cast<std::uintptr_t>(mapped);
    const auto aligned = (address + kAlignment - 1) / kAlignment * kAlignment;
    buffer.m_mapped = mapped;
    buffer.m_mappedBytes = mappedBytes;
    buffer.m_data = reinterpret_cast<void *>(aligned);
    buffer.m_bytes = bytes;
#ifdef MADV_HUGEPAGE
    // A huge page for each small buffer would take far more memory than it holds.
    if (bytes >= kAlignment)
        madvise(mapped, static_cast<std::size_t>(mappedBytes), MADV_HUGEPAGE);
#endif
    return buffer;
}

HugeBuffer::~HugeBuffer()
{
    if (m_mapped)
        munmap(m_mapped, static_cast<std::size_t>(m_mappedBytes));
}

} // namespace engine::cpu
