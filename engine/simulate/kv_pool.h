// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <unordered_map>

namespace engine {

// The KV cache of a replica, counted in blocks. Blocks belong to a sequence or to a common prefix;
// prefixes that no sequence uses stay until their room is needed, least recently used out first.
class KvPool
{
public:
    // `tokens` 0 = no limit.
    KvPool(std::int64_t tokens, std::int64_t blockTokens, bool keepPrefixes);

    std::int64_t blocksFor(std::int64_t tokens) const;
    std::int64_t free() const { return m_free; } // unused prefixes count as free
    // False, and nothing taken, if there is no room. `kept` of them are what regain() gave.
    bool take(std::int64_t blocks, std::int64_t kept = 0);
    void give(std::int64_t blocks);
    // Blocks of a preempted request: they are free, but hold its tokens until others take them, the
    // earliest preempted first. Only where prefixes are kept.
    void giveUp(std::size_t request, std::int64_t blocks);
    std::int64_t regain(std::size_t request); // how many still do; forgets the others

    // Whole blocks of the prefix that are there, at most `mostTokens`; the sequence holds the
    // prefix until release(). 0 = none.
    std::int64_t acquire(std::uint64_t prefixId, std::int64_t mostTokens);
    // The prefix is computed in `tokens` tokens of blocks that a sequence owns: whole blocks that
    // the pool lacks pass to it, held by the sequence (as by acquire() unless it holds it already).
    // Returns how many passed.
    std::int64_t keep(std::uint64_t prefixId, std::int64_t tokens, bool held);
    void release(std::uint64_t prefixId);
    bool isKept(std::uint64_t prefixId) const { return m_prefixes.count(prefixId) > 0; }

private:
    struct Prefix
    {
        std::int64_t blocks = 0;
        std::int64_t users = 0;
        std::int64_t lastUse = 0;
    };
    struct GivenUp
    {
        std::size_t request = 0;
        std::int64_t blocks = 0;
    };
    void evictFor(std::int64_t blocks);
    void overwrite(std::int64_t blocks);

    std::int64_t m_blockTokens;
    bool m_keepPrefixes;
    std::int64_t m_free;       // blocks nobody needs, those of unused prefixes included
    std::int64_t m_unused = 0; // blocks of unused prefixes
    std::int64_t m_clock = 0;
    std::deque<GivenUp> m_givenUp; // in the order of preemption
    std::unordered_map<std::uint64_t, Prefix> m_prefixes;
    std::map<std::int64_t, std::uint64_t> m_unusedByAge; // last use -> prefix without users
};

} // namespace engine
