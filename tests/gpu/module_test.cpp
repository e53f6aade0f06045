// SPDX-License-Identifier: GPL-3.0-or-later
// The module opens on any machine; without a driver it says so in one sentence.
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/infer/gpu_backend.h"

namespace {

using namespace engine;

TEST(GpuModule, OpensAndNamesItsDevicesOrTheReason)
{
    const Result<GpuBackend *> backend = gpuBackend();
    ASSERT_TRUE(backend) << backend.error().message << ' ' << backend.error().detail;
    const Result<std::vector<GpuDevice>> devices = (*backend)->devices();
    if (devices) {
        EXPECT_FALSE(devices->empty());
        for (const GpuDevice &device : *devices)
            EXPECT_GT(device.memoryBytes, 0) << device.name;
        return;
    }
    EXPECT_EQ(devices.error().kind, ErrorKind::DeviceFailed);
    EXPECT_EQ(devices.error().message.rfind("No GPU can be used: ", 0), 0u)
        << devices.error().message;
    if (!std::filesystem::exists("/dev/nvidiactl")) {
        EXPECT_NE(devices.error().message.find("driver"), std::string::npos)
            << devices.error().message;
    }
}

TEST(GpuModule, RefusesToMakeADecoderWithoutAGpuAndLivesOn)
{
    const Result<GpuBackend *> backend = gpuBackend();
    ASSERT_TRUE(backend);
    if ((*backend)->devices())
        GTEST_SKIP() << "this machine has a GPU";
    ModelSpec model;
    model.name = "tiny";
    model.hidden = 64;
    model.vocabulary = 100;
    model.maxPositions = 4096;
    LayerSpec layer;
    layer.attention.heads = 4;
    layer.attention.kvHeads = 2;
    layer.attention.headDim = 16;
    layer.ffn.intermediate = 96;
    model.layers.push_back(layer);
    for (int time = 0; time < 2; ++time) {
        const auto made = makeDecoder(DeviceKind::Gpu, model, {}, {}, {});
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error().kind, ErrorKind::DeviceFailed) << made.error().message;
    }
    EXPECT_FALSE((*backend)->measureCeilings(0));
}

} // namespace
