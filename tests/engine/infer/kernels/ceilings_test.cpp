// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <stop_token>

#include <gtest/gtest.h>

#include "engine/infer/cpu/ceilings.h"

namespace engine::cpu::test {

TEST(CeilingsTest, MeasuresRatesThatACpuCanHave)
{
    const auto ceilings = measureCeilings(1, CeilingEffort::Quick, {});
    ASSERT_TRUE(ceilings);
    EXPECT_EQ(ceilings->threads, 1);
    EXPECT_GT(ceilings->readGbs, 0.1);
    EXPECT_LT(ceilings->readGbs, 10000);
    EXPECT_GT(ceilings->denseFp32Tflops, 1e-4);
    EXPECT_GE(ceilings->denseBf16Tflops, ceilings->denseFp32Tflops);
    EXPECT_GT(ceilings->readBufferBytes, 0);
}

TEST(CeilingsTest, StopsWhenAsked)
{
    std::stop_source source;
    source.request_stop();
    const auto ceilings = measureCeilings(2, CeilingEffort::Full, source.get_token());
    ASSERT_FALSE(ceilings);
    EXPECT_EQ(ceilings.error().kind, ErrorKind::Cancelled);
}

} // namespace engine::cpu::test
