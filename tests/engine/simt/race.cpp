// SPDX-License-Identifier: Apache-2.0
// The race detector. g++ -fsanitize=thread plants a call before each load and store of a kernel;
// this file is the other end of those calls. Each byte remembers its last write and two reads; an
// access must know what it conflicts with, and knowledge comes only from synchronisation.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <unordered_map>
#include <utility>

#include <unistd.h>

#include "tests/engine/simt/thread.h"

extern "C" char __executable_start; // NOLINT: the linker's name

namespace simt {

Traffic traffic;

void Known::join(const Known &other)
{
    if (blocks.size() < other.blocks.size())
        blocks.resize(other.blocks.size());
    for (std::size_t i = 0; i < other.blocks.size(); ++i)
        blocks[i] = std::max(blocks[i], other.blocks[i]);
    for (const auto &[thread, clock] : other.threads) {
        std::uint32_t &mine = threads[thread];
        mine = std::max(mine, clock);
    }
}

namespace race {
namespace {

constexpr std::uint32_t kAtomic = 1u << 31;
constexpr std::uint32_t kInFlight = 1u << 30;
constexpr std::uint32_t kId = kInFlight - 1;
constexpr std::uintptr_t kPage = 4096;
constexpr std::uintptr_t kSector = 32;

struct Stamp
{
    std::uint32_t clock = 0, thread = 0, pc = 0;
    friend bool operator==(const Stamp &, const Stamp &) = default;
};

struct Cell
{
    Stamp write, read[2];
};

struct Range
{
    std::uintptr_t end = 0;
    bool streams = false;
    std::vector<std::uint32_t> sectors; // launch in which each was last touched
};

bool instrumented; // kernels were built with the calls
bool watching = true;
const char *arguments, *argumentsEnd; // of the launch
std::unordered_map<std::uintptr_t, std::unique_ptr<Cell[]>> pages;
std::uintptr_t lastPage = 1;
Cell *lastCells;
std::map<std::uintptr_t, Range> ranges;
std::pair<const std::uintptr_t, Range> *lastRange;
// launchClock: what came before is ordered by the stream, unless the launch is dependent.
std::uint32_t launchClock = 1, chainClock = 1, highest = 1, threadsPerBlock = 1;
std::unordered_map<const void *, Known> releasedBy; // atomic variables

Cell *cellsOf(std::uintptr_t page)
{
    if (page == lastPage)
        return lastCells;
    std::unique_ptr<Cell[]> &cells = pages[page];
    if (!cells)
        cells = std::make_unique<Cell[]>(kPage);
    lastPage = page;
    return lastCells = cells.get();
}

Cell &cellOf(std::uintptr_t address)
{
    return cellsOf(address / kPage)[address % kPage];
}

bool knowsThread(const Known &known, std::uint32_t thread, std::uint32_t clock)
{
    const auto found = known.threads.find(thread);
    return found != known.threads.end() && clock < found->second;
}

bool knows(const Thread &thread, const Stamp &stamp)
{
    const std::uint32_t other = stamp.thread & kId;
    const std::uint32_t block = other / threadsPerBlock;
    if (stamp.clock < launchClock)
        return stamp.clock < thread.floor;
    if (other == thread.id)
        return true;
    const Known &blockKnown = thread.block->known;
    if (block == thread.block->id) {
        if (stamp.clock < thread.block->clock)
            return true;
        const int index = int(other % threadsPerBlock);
        if (index / 32 == thread.warp() && stamp.clock < thread.lanes[index % 32])
            return true;
    } else if (block < blockKnown.blocks.size() && stamp.clock < blockKnown.blocks[block]) {
        return true;
    }
    if (block < thread.extra.blocks.size() && stamp.clock < thread.extra.blocks[block])
        return true;
    return knowsThread(thread.extra, other, stamp.clock) ||
           knowsThread(blockKnown, other, stamp.clock);
}

// The innermost line that is not the stand-in's own.
std::string lineOf(std::uint32_t pc)
{
    char command[200];
    char line[300] = "";
    std::snprintf(command, sizeof command, "addr2line -i -s -e /proc/%d/exe %x", int(getpid()),
                  pc - 1);
    if (FILE *pipe = popen(command, "r")) {
        const auto isOwn = [&line] {
            const std::string text(line);
            return text.rfind("machine.h", 0) == 0 || text.rfind("simt.h", 0) == 0 ||
                   text.rfind("scheduler.cpp", 0) == 0 || text.rfind("warp_units.cpp", 0) == 0;
        };
        while (std::fgets(line, sizeof line, pipe) && isOwn()) {
        }
        pclose(pipe);
    }
    return {line, std::strcspn(line, " \n")};
}

[[noreturn]] void report(const char *what, const Stamp &now, const Stamp &before)
{
    ++quiet;
    const auto name = [](const Stamp &stamp) {
        const std::uint32_t id = stamp.thread & kId;
        return "block " + std::to_string(id / threadsPerBlock) + " thread " +
               std::to_string(id % threadsPerBlock) + " at " + lineOf(stamp.pc);
    };
    violate(std::string(what) + ": " + name(now) +
            (before.clock ? ", against " + name(before) : ""));
}

std::uint32_t offsetOf(const void *pc)
{
    return std::uint32_t(static_cast<const char *>(pc) - &__executable_start);
}

void advance(Thread &thread, std::uint32_t to)
{
    thread.clock = to;
    highest = std::max(highest, to);
}

// All that the thread knows, and all that it has done.
void releaseInto(Thread &thread, Known &known)
{
    const Block &block = *thread.block;
    known.join(block.known);
    known.join(thread.extra);
    if (known.blocks.size() <= block.id)
        known.blocks.resize(block.id + 1);
    known.blocks[block.id] = std::max(known.blocks[block.id], block.clock);
    for (int lane = 0; lane < 32; ++lane) {
        if (thread.lanes[lane] <= block.clock)
            continue;
        std::uint32_t &clock =
            known.threads[thread.id - std::uint32_t(thread.lane()) + std::uint32_t(lane)];
        clock = std::max(clock, thread.lanes[lane]);
    }
    advance(thread, thread.clock + 1);
    known.threads[thread.id] = thread.clock;
}

// The known range that holds the address, or none.
Range *rangeOf(std::uintptr_t address)
{
    if (lastRange && address >= lastRange->first && address < lastRange->second.end)
        return &lastRange->second;
    auto found = ranges.upper_bound(address);
    if (found == ranges.begin() || address >= (--found)->second.end)
        return nullptr;
    lastRange = &*found;
    return &found->second;
}

void count(Range &range, std::uintptr_t begin, std::uintptr_t address, std::size_t bytes)
{
    if (range.streams) {
        traffic.streamedBytes += long(bytes);
        return;
    }
    for (std::uintptr_t s = (address - begin) / kSector;
         s <= (address + bytes - 1 - begin) / kSector; ++s) {
        if (std::exchange(range.sectors[s], launchClock) != launchClock)
            traffic.otherBytes += long(kSector);
    }
}

void checkWrite(const Thread &thread, Kind kind, const Stamp &now, const Cell &cell)
{
    for (const Stamp &read : cell.read) {
        const bool bothAtomic = kind == Kind::Atomic && read.thread & kAtomic;
        if (!bothAtomic && !knows(thread, read))
            report(read.clock < launchClock ? "the previous kernel may still read"
                                            : "race, write after read",
                   now, read);
    }
}

void checkAgainstWrite(const Thread &thread, Kind kind, const Stamp &now, const Stamp &write)
{
    const bool isOfNow = write.clock >= launchClock;
    if (isOfNow && write.thread & kInFlight && kind != Kind::CopyLanded)
        report("use of memory with an asynchronous copy under way", now, write);
    const bool reads = kind == Kind::Read || kind == Kind::ReadOnly;
    const bool bothAtomic = kind == Kind::Atomic && write.thread & kAtomic;
    if (!bothAtomic && !knows(thread, write))
        report(!isOfNow ? "the previous kernel may still write"
               : reads  ? "race, read after write"
                        : "race, write after write",
               now, write);
    if (kind == Kind::ReadOnly && isOfNow)
        report("read-only load of memory that this kernel writes", now, write);
}

void hook(const void *place, std::size_t bytes, Kind kind, const void *pc)
{
    Thread *thread = current;
    if (!thread || quiet || !watching)
        return;
    const auto *at = static_cast<const char *>(place);
    const auto *stack = static_cast<const char *>(thread->context.stack);
    if (at >= stack && at < stack + thread->context.size)
        return;
    const auto *own = reinterpret_cast<const char *>(&builtin);
    if ((at >= own && at < own + sizeof builtin) || (at >= arguments && at < argumentsEnd))
        return;
    ++quiet;
    if (isOnAStack(place))
        report("use of another thread's local memory", {thread->clock, thread->id, offsetOf(pc)},
               {});
    access(*thread, place, bytes, kind, pc);
    --quiet;
}

} // namespace

void beginLaunch(unsigned perBlock, bool dependent, const Call &call)
{
    arguments = reinterpret_cast<const char *>(&call);
    argumentsEnd = arguments + call.bytes;
    threadsPerBlock = perBlock;
    launchClock = ++highest;
    if (!dependent)
        chainClock = launchClock; // a dependent kernel may overlap all kernels since
    releasedBy.clear();
}

void beginThread(Thread &thread)
{
    thread.clock = launchClock;
    thread.floor = chainClock;
}

void previousKernelOver(Thread &thread)
{
    thread.floor = launchClock;
}

void blockBarrier(Block &block)
{
    std::uint32_t clock = block.clock;
    std::uint32_t floor = 0;
    for (const Thread *thread : block.threads) {
        clock = std::max(clock, thread->clock);
        floor = std::max(floor, thread->floor);
    }
    for (Thread *thread : block.threads) {
        thread->floor = floor;
        if (!thread->exited)
            advance(*thread, clock + 1);
        if (!thread->extra.empty()) {
            block.known.join(thread->extra);
            thread->extra = {};
        }
    }
    block.clock = clock + 1;
}

void lanesMet(Block &block, int warp, unsigned mask)
{
    std::uint32_t clock = 0;
    Known all;
    std::uint32_t lanes[32] = {};
    const auto each = [&](auto f) {
        for (int lane = 0; lane < 32; ++lane) {
            if (mask >> lane & 1)
                f(*block.threads[std::size_t(warp * 32 + lane)]);
        }
    };
    each([&](Thread &thread) {
        clock = std::max(clock, thread.clock);
        all.join(thread.extra);
        for (int lane = 0; lane < 32; ++lane)
            lanes[lane] = std::max(lanes[lane], thread.lanes[lane]);
    });
    each([&](Thread &thread) {
        advance(thread, clock + 1);
        thread.extra = all;
        for (int lane = 0; lane < 32; ++lane)
            thread.lanes[lane] = mask >> lane & 1 ? clock + 1 : lanes[lane];
    });
}

// A fence takes a picture of what the thread knows; a later atomic shows it to others, who take it
// in at their next fence.
void fence(Thread &thread)
{
    thread.extra.join(thread.acquired);
    thread.acquired = {};
    thread.released = {};
    releaseInto(thread, thread.released);
}

void atomicRead(Thread &thread, const void *place)
{
    if (const auto found = releasedBy.find(place); found != releasedBy.end())
        thread.acquired.join(found->second);
}

void atomicWrite(Thread &thread, const void *place)
{
    if (!thread.released.empty())
        releasedBy[place].join(thread.released);
}

void forget(const void *place, std::size_t bytes)
{
    if (!instrumented || !watching)
        return;
    for (std::size_t i = 0; i < bytes; ++i)
        cellOf(reinterpret_cast<std::uintptr_t>(place) + i) = {};
}

void access(Thread &thread, const void *place, std::size_t bytes, Kind kind, const void *pc)
{
    if (!instrumented || !watching || bytes == 0)
        return;
    const auto address = reinterpret_cast<std::uintptr_t>(place);
    const std::uint32_t flags = kind == Kind::Atomic       ? kAtomic
                                : kind == Kind::CopyIssued ? kInFlight
                                                           : 0;
    const Stamp now{thread.clock, thread.id | flags, offsetOf(pc)};
    const bool isShared = thread.block->owns(place, bytes);
    if (!isShared && !ranges.empty()) {
        Range *range = rangeOf(address);
        if (!range || address + bytes > range->end)
            report("use of memory that is not the device's", now, {});
        if (kind != Kind::ReadOnly) // the load itself follows
            count(*range, lastRange->first, address, bytes);
    }
    const bool reads = kind == Kind::Read || kind == Kind::ReadOnly;
    Stamp seen;
    for (std::size_t i = 0; i < bytes; ++i) {
        Cell &cell = cellOf(address + i);
        if (isShared && kind == Kind::Read && cell.write.clock < launchClock)
            report("read of shared memory that nobody has written", now, {});
        if (!(cell.write == seen))
            checkAgainstWrite(thread, kind, now, cell.write);
        seen = cell.write;
        if (!reads) {
            checkWrite(thread, kind, now, cell);
            cell.write = now;
            continue;
        }
        const bool takesFirst = cell.read[0].thread == thread.id ||
                                (cell.read[1].thread != thread.id && knows(thread, cell.read[0]));
        cell.read[takesFirst ? 0 : 1] = now;
    }
}

} // namespace race

void addDeviceMemory(const void *begin, std::size_t bytes)
{
    const auto address = reinterpret_cast<std::uintptr_t>(begin);
    race::lastRange = nullptr;
    race::ranges[address] = {address + bytes, false,
                             std::vector<std::uint32_t>(bytes / race::kSector + 1)};
    if (!race::instrumented)
        return;
    // What an earlier owner of the addresses did is over.
    for (std::uintptr_t at = address; at < address + bytes; ++at) {
        const auto page = race::pages.find(at / race::kPage);
        if (page == race::pages.end())
            at |= race::kPage - 1; // on to the next page
        else
            page->second[at % race::kPage] = {};
    }
}

void markStreaming(const void *begin)
{
    race::ranges.at(reinterpret_cast<std::uintptr_t>(begin)).streams = true;
}

void removeDeviceMemory(const void *begin)
{
    race::lastRange = nullptr;
    race::ranges.erase(reinterpret_cast<std::uintptr_t>(begin));
}

void watchAccesses(bool on)
{
    race::watching = on;
}

bool watchesAccesses()
{
    return race::instrumented && race::watching;
}

} // namespace simt

// NOLINTBEGIN: names that the compiler calls.
#define SIMT_HOOK(n)                                                                               \
    void __tsan_read##n(void *p)                                                                   \
    {                                                                                              \
        simt::race::hook(p, n, simt::race::Kind::Read, __builtin_return_address(0));               \
    }                                                                                              \
    void __tsan_write##n(void *p)                                                                  \
    {                                                                                              \
        simt::race::hook(p, n, simt::race::Kind::Write, __builtin_return_address(0));              \
    }                                                                                              \
    void __tsan_unaligned_read##n(void *p)                                                         \
    {                                                                                              \
        simt::race::hook(p, n, simt::race::Kind::Read, __builtin_return_address(0));               \
    }                                                                                              \
    void __tsan_unaligned_write##n(void *p)                                                        \
    {                                                                                              \
        simt::race::hook(p, n, simt::race::Kind::Write, __builtin_return_address(0));              \
    }
extern "C" {
SIMT_HOOK(1)
SIMT_HOOK(2)
SIMT_HOOK(4)
SIMT_HOOK(8)
SIMT_HOOK(16)
void __tsan_read_range(void *p, std::size_t n)
{
    simt::race::hook(p, n, simt::race::Kind::Read, __builtin_return_address(0));
}
void __tsan_write_range(void *p, std::size_t n)
{
    simt::race::hook(p, n, simt::race::Kind::Write, __builtin_return_address(0));
}
void __tsan_vptr_update(void **, void *) {}
void __tsan_init()
{
    simt::race::instrumented = true;
}
}
// NOLINTEND
