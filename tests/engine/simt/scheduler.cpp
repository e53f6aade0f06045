// SPDX-License-Identifier: Apache-2.0
// Runs a grid: a fiber runs until it must wait, then the next is drawn from all that are ready.
#include <cstdlib>
#include <deque>
#include <new>
#include <random>

#include "tests/engine/simt/recording.h"
#include "tests/engine/simt/simt.h"
#include "tests/engine/simt/thread.h"

namespace simt {

Builtin builtin;
Statistics statistics;
std::uint64_t seed = 1;
Thread *current;
int quiet;

namespace {

constexpr std::size_t kSharedLimit = 227 * 1024; // of a block on sm_90

struct Grid
{
    LaunchShape shape;
    const Call *call = nullptr;
    std::vector<std::unique_ptr<Block>> blocks; // the resident ones
    std::vector<Thread *> ready;
    std::string failure;
};

Grid grid;
Context host;
std::mt19937_64 dice;
std::deque<Thread> pool;
std::vector<Thread *> freeThreads;
bool recording;
std::vector<std::function<void()>> recorded;

std::string describe(const Thread &thread)
{
    const uint3 &block = thread.builtin.block;
    return "block (" + std::to_string(block.x) + "," + std::to_string(block.y) + "," +
           std::to_string(block.z) + ") thread " + std::to_string(thread.index);
}

std::string textOf(Where where)
{
    return std::string(where.file_name()) + ":" + std::to_string(where.line()) + ":" +
           std::to_string(where.column());
}

bool isSamePlace(Where a, Where b)
{
    return a.line() == b.line() && a.column() == b.column();
}

void switchCounted(Context &from, Context &to, bool forGood = false)
{
    ++statistics.switches;
    switchFiber(from, to, forGood);
}

void pause(const char *what, Where where)
{
    Thread *thread = current;
    thread->waitsFor = what;
    thread->where = where;
    switchCounted(thread->context, host);
    thread->waitsFor = "";
}

void releaseBarrier(Block &block)
{
    race::blockBarrier(block);
    grid.ready.insert(grid.ready.end(), block.atBarrier.begin(), block.atBarrier.end());
    block.atBarrier.clear();
}

// Completes the meetings that nobody is missing from.
void finishMeetings(Block &block, int warpIndex)
{
    Warp &warp = block.warps[std::size_t(warpIndex)];
    for (std::size_t i = 0; i < warp.meetings.size();) {
        Meeting meeting = warp.meetings[i];
        if (((meeting.arrived | warp.exited) & meeting.mask) != meeting.mask) {
            ++i;
            continue;
        }
        warp.meetings.erase(warp.meetings.begin() + std::ptrdiff_t(i));
        ++quiet;
        meeting.complete(meeting);
        --quiet;
        for (int lane = 0; lane < 32; ++lane) {
            if (!(meeting.arrived >> lane & 1))
                continue;
            Thread *thread = block.threads[std::size_t(warpIndex * 32 + lane)];
            if (thread != current)
                grid.ready.push_back(thread);
        }
    }
}

void threadMain()
{
    fiberStarted(host);
    grid.call->run();
    Thread &thread = *current;
    Block &block = *thread.block;
    thread.exited = true;
    --block.alive;
    block.warps[std::size_t(thread.warp())].exited |= 1u << thread.lane();
    finishMeetings(block, thread.warp());
    if (block.alive && int(block.atBarrier.size()) == block.alive)
        releaseBarrier(block);
    switchCounted(thread.context, host, true);
}

Thread *takeThread()
{
    if (freeThreads.empty()) {
        if (pool.size() == kMostFibers)
            throw Violation("too many resident threads");
        Thread &thread = pool.emplace_back();
        giveStack(thread.context, pool.size() - 1);
        freeThreads.push_back(&thread);
    }
    Thread *thread = freeThreads.back();
    freeThreads.pop_back();
    const Context kept = thread->context;
    *thread = Thread();
    thread->context = kept;
    return thread;
}

void admit(std::uint32_t id)
{
    const LaunchShape &shape = grid.shape;
    auto block = std::make_unique<Block>();
    block->id = id;
    const unsigned count = shape.block.x * shape.block.y * shape.block.z;
    block->warps.resize((count + 31) / 32);
    if (count % 32)
        block->warps.back().exited = ~0u << count % 32;
    block->alive = int(count);
    for (unsigned i = 0; i < count; ++i) {
        Thread *thread = takeThread();
        prepareFiber(thread->context, threadMain);
        thread->block = block.get();
        thread->index = int(i);
        thread->id = id * count + i;
        thread->builtin = {
            {i % shape.block.x, i / shape.block.x % shape.block.y,
             i / shape.block.x / shape.block.y},
            {id % shape.grid.x, id / shape.grid.x % shape.grid.y, id / shape.grid.x / shape.grid.y},
            shape.block,
            shape.grid};
        race::beginThread(*thread);
        block->threads.push_back(thread);
        grid.ready.push_back(thread);
    }
    block->clock = block->threads[0]->clock;
    grid.blocks.push_back(std::move(block));
}

void dismiss(Block &block)
{
    for (auto &[site, memory] : block.shared)
        ::operator delete(memory.at, std::align_val_t(128));
    freeThreads.insert(freeThreads.end(), block.threads.begin(), block.threads.end());
}

std::string describeDeadlock()
{
    std::map<std::string, std::pair<int, std::string>> waits;
    for (const auto &block : grid.blocks) {
        for (const Thread *thread : block->threads) {
            if (thread->exited)
                continue;
            auto &wait = waits[std::string(thread->waitsFor) + " " + textOf(thread->where)];
            if (!wait.first++)
                wait.second = describe(*thread);
        }
    }
    std::string text = "deadlock:";
    for (const auto &[what, wait] : waits)
        text += " " + std::to_string(wait.first) + " threads (" + wait.second + ", ...) wait at " +
                what + ";";
    return text;
}

// Runs one thread until it waits or ends.
void runOne()
{
    std::swap(grid.ready[dice() % grid.ready.size()], grid.ready.back());
    Thread *thread = grid.ready.back();
    grid.ready.pop_back();
    builtin = thread->builtin;
    current = thread;
    switchCounted(host, thread->context);
    current = nullptr;
    quiet = 0;
    if (!thread->exited || thread->block->alive)
        return;
    std::erase_if(grid.blocks, [&](const std::unique_ptr<Block> &block) {
        if (block.get() != thread->block)
            return false;
        dismiss(*block);
        return true;
    });
}

void runGrid(const LaunchShape &shape, const Call &call)
{
    const unsigned total = shape.grid.x * shape.grid.y * shape.grid.z;
    const unsigned size = shape.block.x * shape.block.y * shape.block.z;
    if (!total || !size || size > 1024 || shape.sharedBytes > kSharedLimit ||
        shape.grid.y > 65535 || shape.grid.z > 65535)
        throw Violation("impossible launch shape");
    ++statistics.launches;
    grid = {};
    grid.shape = shape;
    grid.call = &call;
    dice.seed(seed);
    race::beginLaunch(size, shape.dependent, call);
    std::vector<std::uint32_t> order(total);
    for (std::uint32_t i = 0; i < total; ++i)
        order[i] = i;
    std::shuffle(order.begin(), order.end(), dice);
    const std::size_t resident = 1 + dice() % 3;
    for (std::size_t next = 0; grid.failure.empty();) {
        while (next < total && grid.blocks.size() < resident)
            admit(order[next++]);
        if (grid.blocks.empty())
            break;
        if (grid.ready.empty())
            grid.failure = describeDeadlock();
        else
            runOne();
    }
    for (auto &block : grid.blocks)
        dismiss(*block);
    grid.blocks.clear();
    if (!grid.failure.empty())
        throw Violation(grid.failure);
}

} // namespace

bool Block::owns(const void *place, std::size_t bytes) const
{
    const auto *at = static_cast<const unsigned char *>(place);
    for (const auto &[site, memory] : shared) {
        if (at >= memory.at && at + bytes <= memory.at + memory.size)
            return true;
    }
    return false;
}

bool coin()
{
    return dice() % 2 != 0;
}

int laneIndex()
{
    return current->lane();
}

void violate(const std::string &what, Where where)
{
    grid.failure = what + " [" + textOf(where) + ", " + describe(*current) + "]";
    switchCounted(current->context, host, true);
    std::abort();
}

void run(const LaunchShape &shape, std::unique_ptr<const Call> call)
{
    runOrRecord([shape, shared = std::shared_ptr<const Call>(std::move(call))] {
        runGrid(shape, *shared);
    });
}

void beginRecording()
{
    recording = true;
    recorded.clear();
}

std::vector<std::function<void()>> endRecording()
{
    recording = false;
    return std::move(recorded);
}

void runOrRecord(std::function<void()> work)
{
    if (recording)
        recorded.push_back(std::move(work));
    else
        work();
}

void meet(const char *name, unsigned mask, const void *in, void *out, void (*complete)(Meeting &),
          Where where)
{
    Thread &thread = *current;
    Warp &warp = thread.block->warps[std::size_t(thread.warp())];
    const unsigned bit = 1u << thread.lane();
    if (!(mask & bit))
        violate(std::string(name) + ": the caller is not in its own mask", where);
    Meeting *meeting = nullptr;
    for (Meeting &other : warp.meetings) {
        if (other.mask == mask && other.complete == complete && isSamePlace(other.where, where))
            meeting = &other;
        else if (other.mask & mask)
            violate(std::string("lanes of a warp meet at different places: ") + name + " and " +
                        other.name + " " + textOf(other.where),
                    where);
    }
    if (!meeting)
        meeting = &warp.meetings.emplace_back(
            Meeting{.name = name, .mask = mask, .complete = complete, .where = where});
    meeting->arrived |= bit;
    meeting->in[thread.lane()] = in;
    meeting->out[thread.lane()] = out;
    if (((meeting->arrived | warp.exited) & mask) == mask)
        finishMeetings(*thread.block, thread.warp());
    else
        pause(name, where);
}

unsigned ballot(unsigned mask, bool predicate, Where where)
{
    const Gathered<bool> all = gather("__ballot_sync", mask, predicate, where);
    unsigned bits = 0;
    for (int lane = 0; lane < 32; ++lane) {
        if (all.arrived >> lane & 1 && all.values[lane])
            bits |= 1u << lane;
    }
    return bits;
}

void syncLanes(unsigned mask, Where where)
{
    meet(
        "__syncwarp", mask, nullptr, nullptr,
        [](Meeting &m) { race::lanesMet(*current->block, current->warp(), m.arrived); }, where);
}

void barrier(Where where)
{
    Block &block = *current->block;
    if (!block.atBarrier.empty() && !isSamePlace(block.atBarrier[0]->where, where))
        violate("threads of a block meet at different barriers: also " +
                    textOf(block.atBarrier[0]->where),
                where);
    current->where = where;
    block.atBarrier.push_back(current);
    if (int(block.atBarrier.size()) == block.alive)
        releaseBarrier(block);
    pause("__syncthreads", where);
}

void fence()
{
    race::fence(*current);
}

void readOnly(const void *place, std::size_t size)
{
    race::access(*current, place, size, race::Kind::ReadOnly, __builtin_return_address(0));
}

void atomicBegin(void *place, std::size_t size)
{
    grid.ready.push_back(current); // others may come first
    pause("an atomic", {});
    race::access(*current, place, size, race::Kind::Atomic, __builtin_return_address(0));
    race::atomicRead(*current, place);
    ++quiet;
}

void atomicEnd(void *place)
{
    --quiet;
    race::atomicWrite(*current, place);
}

void *sharedMemory(const void *site, std::size_t size, std::size_t align)
{
    Block &block = *current->block;
    const auto [found, isNew] = block.shared.try_emplace(site);
    Shared &memory = found->second;
    if (!isNew)
        return memory.at;
    memory = {static_cast<unsigned char *>(::operator new(size, std::align_val_t(128))), size};
    race::forget(memory.at, size);
    std::memset(memory.at, 0xff, size); // NaN in every float format, -1 as an index
    std::size_t sum = 0;
    for (const auto &[other, one] : block.shared)
        sum += one.size;
    statistics.sharedBytes = std::max(statistics.sharedBytes, long(sum));
    if (sum > kSharedLimit || align > 128)
        violate("too much shared memory, or alignment above 128");
    return memory.at;
}

} // namespace simt

unsigned char *dynamicShared()
{
    static const char site = 0;
    return static_cast<unsigned char *>(
        simt::sharedMemory(&site, simt::grid.shape.sharedBytes, 128));
}
