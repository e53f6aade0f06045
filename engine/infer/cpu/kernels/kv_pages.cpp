// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/cpu/kernels/kv_pages.h"

#include <cassert>
#include <cstring>

namespace engine::cpu {

namespace {

KvView viewOf(std::int64_t pages, std::int64_t kvHeads, std::int64_t headDim, DType type)
{
    return {.data = nullptr,
            .pages = pages,
            .kvHeads = kvHeads,
            .headDim = headDim,
            .paddedDim = (headDim + 31) / 32 * 32,
            .type = type};
}

} // namespace

std::int64_t KvPages::bytesPerPage(std::int64_t kvHeads, std::int64_t headDim, DType type)
{
    return viewOf(1, kvHeads, headDim, type).pageBytes();
}

Result<KvPages> KvPages::allocate(std::int64_t pages, std::int64_t kvHeads, std::int64_t headDim,
                                  DType type)
{
    if (type != DType::Fp32 && type != DType::Bf16)
        return fail(ErrorKind::Unsupported, "A KV cache of type " + std::string(dtypeName(type)) +
                                                " is not supported on the CPU; use bf16 or fp32.");
    KvPages result;
    result.m_view = viewOf(pages, kvHeads, headDim, type);
    auto buffer = HugeBuffer::allocate(pages * result.m_view.pageBytes());
    if (!buffer)
        return tl::unexpected<Error>(buffer.error());
    result.m_buffer = std::move(*buffer);
    result.m_view.data = result.m_buffer.data();
    return result;
}

void KvPages::copyPage(std::int64_t from, std::int64_t to)
{
    assert(from >= 0 && from < m_view.pages && to >= 0 && to < m_view.pages);
    const auto bytes = static_cast<std::size_t>(m_view.slabElements() * m_view.elementBytes());
    for (std::int64_t head = 0; head < m_view.kvHeads; ++head)
        std::memcpy(m_view.slab(to, head), m_view.slab(from, head), bytes);
}

void KvPages::poison()
{
    // All bits set is a NaN in either type.
    if (m_buffer.data())
        std::memset(m_buffer.data(), 0xff, static_cast<std::size_t>(m_buffer.bytes()));
}

} // namespace engine::cpu
