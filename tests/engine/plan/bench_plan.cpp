// SPDX-License-Identifier: Apache-2.0
// The search for the cheapest way to serve a model, over every device with a known price.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "engine/model/devices/device_file.h"
#include "engine/model/resolve_model.h"
#include "engine/plan/plan.h"

namespace {

using namespace engine;
using Clock = std::chrono::steady_clock;

void search(const char *name)
{
    const Result<ResolvedModel> model = resolveModel(name);
    const Result<std::vector<DeviceSpec>> devices = devicePresets();
    if (!model || !devices) {
        std::printf("%s\n", (model ? devices.error() : model.error()).message.c_str());
        return;
    }
    PlanRequest request;
    request.model = model->spec;
    request.limits = {Seconds(2), Seconds(0.05)};
    request.tokensPerDay = 1e9;
    std::vector<double> times;
    Plan plan;
    for (int i = 0; i < 5; ++i) {
        const auto start = Clock::now();
        plan = makePlan(request, *devices, shippedConstants()).value();
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    std::printf("%-16s %3zu devices  %4lld combinations  %3zu options  %8.2f ms\n", name,
                devices->size(), static_cast<long long>(plan.considered), plan.options.size(),
                times[2]);
}

} // namespace

int main()
{
    for (const char *name : {"llama-3.1-8b", "llama-3.1-70b", "deepseek-r1"})
        search(name);
    return 0;
}
