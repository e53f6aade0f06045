// SPDX-License-Identifier: Apache-2.0
#include "engine/simulate/kv_pool.h"

#include <algorithm>
#include <limits>

namespace engine {

KvPool::KvPool(std::int64_t tokens, std::int64_t blockTokens, bool keepPrefixes)
    : m_blockTokens(blockTokens),
      m_keepPrefixes(keepPrefixes),
      m_free(tokens > 0 ? tokens / blockTokens : std::numeric_limits<std::int64_t>::max() / 4)
{
}

std::int64_t KvPool::blocksFor(std::int64_t tokens) const
{
    return (tokens + m_blockTokens - 1) / m_blockTokens;
}

bool KvPool::take(std::int64_t blocks, std::int64_t kept)
{
    if (blocks > m_free)
        return false;
    if (blocks > m_free - m_unused)
        evictFor(blocks);
    m_free -= blocks;
    overwrite(blocks - kept);
    return true;
}

void KvPool::give(std::int64_t blocks)
{
    m_free += blocks;
}

void KvPool::giveUp(std::size_t request, std::int64_t blocks)
{
    give(blocks);
    if (m_keepPrefixes && blocks > 0)
        m_givenUp.push_back({request, blocks});
}

std::int64_t KvPool::regain(std::size_t request)
{
    const auto found =
        std::find_if(m_givenUp.begin(), m_givenUp.end(),
                     [request](const GivenUp &given) { return given.request == request; });
    if (found == m_givenUp.end())
        return 0;
    const std::int64_t blocks = found->blocks;
    m_givenUp.erase(found);
    return blocks;
}

void KvPool::overwrite(std::int64_t blocks)
{
    while (blocks > 0 && !m_givenUp.empty()) {
        const std::int64_t lost = std::min(blocks, m_givenUp.front().blocks);
        m_givenUp.front().blocks -= lost;
        blocks -= lost;
        if (m_givenUp.front().blocks == 0)
            m_givenUp.pop_front();
    }
}

std::int64_t KvPool::acquire(std::uint64_t prefixId, std::int64_t mostTokens)
{
    const auto found = m_prefixes.find(prefixId);
    if (!m_keepPrefixes || prefixId == 0 || found == m_prefixes.end())
        return 0;
    Prefix &prefix = found->second;
    const std::int64_t tokens = std::min(prefix.blocks, mostTokens / m_blockTokens) * m_blockTokens;
    if (tokens == 0)
        return 0;
    if (prefix.users++ == 0) {
        m_unusedByAge.erase(prefix.lastUse);
        m_unused -= prefix.blocks;
        m_free -= prefix.blocks;
    }
    prefix.lastUse = ++m_clock;
    return tokens;
}

std::int64_t KvPool::keep(std::uint64_t prefixId, std::int64_t tokens, bool held)
{
    const std::int64_t whole = tokens / m_blockTokens;
    if (!m_keepPrefixes || prefixId == 0 || whole == 0)
        return 0;
    const auto found = m_prefixes.find(prefixId);
    if (found != m_prefixes.end() && !held)
        return 0; // another sequence computed it meanwhile: this copy stays the sequence's own
    Prefix &prefix = found != m_prefixes.end() ? found->second : m_prefixes[prefixId];
    const std::int64_t passed = std::max<std::int64_t>(0, whole - prefix.blocks);
    prefix.blocks += passed;
    prefix.lastUse = ++m_clock; // it has a user, so it is in no list of the unused
    if (!held)
        ++prefix.users;
    return passed;
}

void KvPool::release(std::uint64_t prefixId)
{
    const auto found = m_prefixes.find(prefixId);
    if (found == m_prefixes.end() || --found->second.users > 0)
        return;
    m_free += found->second.blocks;
    m_unused += found->second.blocks;
    m_unusedByAge.emplace(found->second.lastUse, prefixId);
}

void KvPool::evictFor(std::int64_t blocks)
{
    while (blocks > m_free - m_unused) {
        const auto oldest = m_unusedByAge.begin();
        const auto prefix = m_prefixes.find(oldest->second);
        m_unused -= prefix->second.blocks;
        m_prefixes.erase(prefix);
        m_unusedByAge.erase(oldest);
    }
}

} // namespace engine
