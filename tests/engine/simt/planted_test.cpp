// SPDX-License-Identifier: Apache-2.0
// Tests of the tests: the stand-in must notice what a real kernel is apt to get wrong.
#include "tests/engine/simt/planted.h"

#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/engine/simt/machine.h"

namespace {

using planted::Bug;

// Memory of the stand-in's device, of exactly this size.
template <class T>
class Memory
{
public:
    explicit Memory(std::vector<T> values) : m_values(std::move(values))
    {
        simt::addDeviceMemory(m_values.data(), m_values.size() * sizeof(T));
    }
    ~Memory() { simt::removeDeviceMemory(m_values.data()); }
    Memory(const Memory &) = delete;
    Memory &operator=(const Memory &) = delete;
    T *data() { return m_values.data(); }
    const T &operator[](std::size_t i) const { return m_values[i]; }

private:
    std::vector<T> m_values;
};

std::vector<float> ramp(int n)
{
    std::vector<float> values;
    for (int i = 0; i < n; ++i)
        values.push_back(float(i % 23) - 7);
    return values;
}

// Each returns what was noticed, or nothing.
using Finding = std::optional<std::string>;

Finding differ(const char *what, float got, float want)
{
    return got == want ? Finding() : std::string("wrong ") + what + ": " + std::to_string(got);
}

Finding runSum(Bug bug)
{
    for (const int n : {1, 61, 64, 130}) {
        Memory<float> x(ramp(n));
        Memory<float> sum({NAN});
        planted::launchSum(x.data(), n, sum.data(), bug);
        float want = 0;
        for (const float value : ramp(n))
            want += value;
        if (Finding finding = differ("sum", sum[0], want))
            return finding;
    }
    return {};
}

Finding runTile(Bug bug)
{
    std::vector<__nv_bfloat16> a;
    std::vector<__nv_bfloat16> b;
    for (const float value : ramp(16 * 64))
        a.push_back(value);
    for (const float value : ramp(8 * 64))
        b.push_back(value + 1);
    Memory<__nv_bfloat16> left(a);
    Memory<__nv_bfloat16> right(b);
    Memory<float> c(std::vector<float>(16 * 8, NAN));
    simt::statistics.ldmatrixConflicts = 0;
    planted::launchTile(left.data(), right.data(), c.data(), bug);
    for (std::size_t row = 0; row < 16; ++row) {
        for (std::size_t column = 0; column < 8; ++column) {
            float want = 0;
            for (std::size_t k = 0; k < 64; ++k)
                want += float(a[row * 64 + k]) * float(b[column * 64 + k]);
            if (Finding finding = differ("product", c[row * 8 + column], want))
                return finding;
        }
    }
    if (simt::statistics.ldmatrixConflicts > 0)
        return "bank conflicts: " + std::to_string(simt::statistics.ldmatrixConflicts);
    return {};
}

Finding runMerge(Bug bug)
{
    const int blocks = 5;
    Memory<float> x(ramp(blocks * 32));
    Memory<float> partial(std::vector<float>(blocks, NAN));
    Memory<unsigned> ticket({0});
    float want = 0;
    for (const float value : ramp(blocks * 32))
        want += value;
    for (int time = 0; time < 2; ++time) {
        Memory<float> sum({NAN});
        planted::launchMerge(x.data(), blocks, partial.data(), ticket.data(), sum.data(), bug);
        if (Finding finding = differ("sum", sum[0], want))
            return finding;
    }
    return {};
}

Finding runChain(Bug bug)
{
    Memory<float> x(ramp(70));
    Memory<float> y(std::vector<float>(70, NAN));
    Memory<float> z(std::vector<float>(70, NAN));
    planted::launchChain(x.data(), 70, y.data(), z.data(), bug);
    for (std::size_t i = 0; i < 70; ++i) {
        if (Finding finding = differ("chain", z[i], 2 * ramp(70)[i] + 1))
            return finding;
    }
    return {};
}

struct Plant
{
    Bug bug;
    const char *name;
    Finding (*run)(Bug);
    bool needsDetector; // results are right by chance, or always
    bool breaksBounds;  // AddressSanitizer ends the process
};

class Planted : public testing::TestWithParam<Plant>
{
};

Finding runWith(const Plant &plant, Bug bug, std::uint64_t seed)
{
    simt::seed = seed;
    try {
        return plant.run(bug);
    } catch (const simt::Violation &violation) {
        return std::string(violation.what());
    }
}

TEST_P(Planted, IsNoticedInEveryOrderOfThreads)
{
    const Plant &plant = GetParam();
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const Finding clean = runWith(plant, Bug::None, seed);
        EXPECT_FALSE(clean) << "without the bug: " << *clean;
        if (plant.needsDetector && !simt::watchesAccesses())
            continue;
#ifdef __SANITIZE_ADDRESS__
        if (plant.breaksBounds) {
            EXPECT_DEATH((void)runWith(plant, plant.bug, seed), "AddressSanitizer");
            continue;
        }
#endif
        EXPECT_TRUE(runWith(plant, plant.bug, seed)) << "seed " << seed;
    }
    if (plant.needsDetector && !simt::watchesAccesses())
        GTEST_SKIP() << "only the race flavour can see this one";
}

INSTANTIATE_TEST_SUITE_P(
    Bugs, Planted,
    testing::Values(Plant{Bug::MissingBarrier, "MissingBarrier", runSum, false, false},
                    Plant{Bug::DroppedTailMask, "DroppedTailMask", runSum, false, true},
                    Plant{Bug::DivergentShuffle, "DivergentShuffle", runSum, false, false},
                    Plant{Bug::MissingWarpSync, "MissingWarpSync", runSum, false, false},
                    Plant{Bug::EarlyReadOfCopy, "EarlyReadOfCopy", runTile, false, false},
                    Plant{Bug::WrongLaneMap, "WrongLaneMap", runTile, false, false},
                    Plant{Bug::MissingSwizzle, "MissingSwizzle", runTile, false, false},
                    Plant{Bug::LostTicket, "LostTicket", runMerge, true, false},
                    Plant{Bug::MissingFence, "MissingFence", runMerge, true, false},
                    Plant{Bug::TicketNotReset, "TicketNotReset", runMerge, false, false},
                    Plant{Bug::ReadOnlyOfOwnWrite, "ReadOnlyOfOwnWrite", runMerge, true, false},
                    Plant{Bug::EarlyActivation, "EarlyActivation", runChain, true, false}),
    [](const auto &one) { return std::string(one.param.name); });

} // namespace
