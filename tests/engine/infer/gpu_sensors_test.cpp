// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/gpu_sensors.h"

#include <gtest/gtest.h>

namespace {

using namespace engine;

TEST(GpuSensors, ReadWhatTheLibraryTellsAndLeaveTheRestUnknown)
{
    const Result<GpuSensors> sensors = GpuSensors::open(0, PARETOSCOPE_FAKE_NVML);
    ASSERT_TRUE(sensors) << sensors.error().message;
    const GpuReading reading = sensors->read();
    EXPECT_EQ(reading.smClockMhz, 1755.0);
    EXPECT_EQ(reading.memoryClockMhz, 2619.0);
    EXPECT_EQ(reading.watts, 412.5);
    EXPECT_EQ(reading.celsius, std::nullopt);
    EXPECT_EQ(reading.joules, std::nullopt);
    EXPECT_EQ(reading.usedBytes, std::int64_t{2} << 30);
    EXPECT_TRUE(reading.isThermallyThrottled);
    EXPECT_TRUE(reading.isPowerCapped);
}

TEST(GpuSensors, SayWhyTheyAreNotThere)
{
    const Result<GpuSensors> noLibrary = GpuSensors::open(0, "libno-such-library.so.1");
    ASSERT_FALSE(noLibrary);
    EXPECT_EQ(noLibrary.error().kind, ErrorKind::Unsupported);
    const Result<GpuSensors> noCard = GpuSensors::open(5, PARETOSCOPE_FAKE_NVML);
    ASSERT_FALSE(noCard);
    EXPECT_EQ(noCard.error().kind, ErrorKind::DeviceFailed);
    EXPECT_NE(noCard.error().message.find("number 5"), std::string::npos);
}

} // namespace
