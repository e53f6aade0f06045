// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/infer/cpu/kernels/huge_buffer.h"
#include "engine/spec/dtype.h"
#include "engine/spec/result.h"

namespace engine::cpu {

// Positions that one page of the cache holds.
inline constexpr std::int64_t kPagePositions = 64;

// A plain view for the kernels. A slab is one page of one KV head: its keys, then its values. Slabs
// turn by one from page to page: with a page of 128 KiB, say, those of one head would otherwise all
// fall into the same sets of a cache.
// Bf16 keys: [dims/32][4 tiles of 16 positions][16 pairs of dims][16 positions][2], values:
// [2 halves of 32 positions][dims/16][16 pairs of positions][16 dims][2]. Fp32 keys:
// [dims][64 positions], values: [64 positions][dims]. Dims are padded to 32 with zeros.
struct KvView
{
    void *data = nullptr;
    std::int64_t pages = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::int64_t paddedDim = 0;
    DType type = DType::Bf16;

    [[gnu::always_inline]] std::int64_t elementBytes() const { return type == DType::Fp32 ? 4 : 2; }
    [[gnu::always_inline]] std::int64_t slabElements() const
    {
        return 2 * kPagePositions * paddedDim;
    }
    [[gnu::always_inline]] std::int64_t pageBytes() const
    {
        return kvHeads * slabElements() * elementBytes();
    }
    // Keys of (page, head); the values follow kPagePositions * paddedDim elements later.
    [[gnu::always_inline]] void *slab(std::int64_t page, std::int64_t head) const
    {
        return static_cast<char *>(data) +
               (page * kvHeads + (head + page) % kvHeads) * slabElements() * elementBytes();
    }
};

// The pages of one layer's keys and values. Who owns which page is the caller's affair: kernels get
// a table of page numbers a sequence.
class KvPages
{
public:
    KvPages() = default;
    // `type` is Bf16 or Fp32.
    static Result<KvPages> allocate(std::int64_t pages, std::int64_t kvHeads, std::int64_t headDim,
                                    DType type);
    static std::int64_t bytesPerPage(std::int64_t kvHeads, std::int64_t headDim, DType type);

    void copyPage(std::int64_t from, std::int64_t to);
    // Fills everything with NaN: what was not written must not be read.
    void poison();

    const KvView &view() const { return m_view; }
    std::int64_t bytes() const { return m_buffer.bytes(); }

private:
    HugeBuffer m_buffer;
    KvView m_view;
};

} // namespace engine::cpu
