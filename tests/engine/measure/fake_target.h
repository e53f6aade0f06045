// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "engine/measure/sweep.h"

namespace engine::fake {

// An engine whose time is arithmetic: nothing sleeps, the clock moves by what each action costs.
class Target : public SweepTarget
{
public:
    std::function<double(std::int64_t tokens)> prefillSeconds = [](std::int64_t tokens) {
        return 1e-3 * double(tokens);
    };
    std::function<double(std::int64_t batch, std::int64_t context)> stepSeconds =
        [](std::int64_t batch, std::int64_t) { return 0.010 + 0.001 * double(batch); };
    // Called before each action with its name; an error is what the action returns.
    std::function<Result<void>(const std::string &action)> before;

    std::int64_t nowNs = 1'000'000'000;
    std::vector<std::string> log; // "prefill 2x128", "prepare 2x128", "step"
    std::int64_t steps = 0;

    Result<std::vector<Seconds>> prefill(std::int64_t prompts, std::int64_t tokens,
                                         std::stop_token stop) override
    {
        if (Result<void> ok = begin("prefill " + name(prompts, tokens), stop); !ok)
            return tl::unexpected(ok.error());
        std::vector<Seconds> waits;
        Seconds elapsed;
        for (std::int64_t i = 0; i < prompts; ++i) {
            elapsed += Seconds(prefillSeconds(tokens));
            waits.push_back(elapsed);
        }
        pass(elapsed.value);
        return waits;
    }

    Result<void> prepare(std::int64_t batch, std::int64_t context, std::stop_token stop) override
    {
        m_batch = batch;
        m_context = context;
        return begin("prepare " + name(batch, context), stop);
    }

    Result<Seconds> step(std::stop_token stop) override
    {
        if (Result<void> ok = begin("step", stop); !ok)
            return tl::unexpected(ok.error());
        ++steps;
        const double seconds = stepSeconds(m_batch, m_context);
        pass(seconds);
        return Seconds(seconds);
    }

    std::int64_t memoryBytes(const Workload &workload) const override
    {
        return 1000 + workload.batch * (workload.contextTokens + workload.outputTokens);
    }

    void pass(double seconds) { nowNs += std::int64_t(seconds * 1e9); }

private:
    static std::string name(std::int64_t a, std::int64_t b)
    {
        return std::to_string(a) + "x" + std::to_string(b);
    }

    Result<void> begin(const std::string &action, const std::stop_token &stop)
    {
        log.push_back(action);
        if (before) {
            if (Result<void> ok = before(action); !ok)
                return ok;
        }
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "stopped");
        return {};
    }

    std::int64_t m_batch = 0;
    std::int64_t m_context = 0;
};

// A model of a few million weights.
inline ModelSpec smallModel()
{
    LayerSpec layer;
    layer.attention.heads = 8;
    layer.attention.kvHeads = 2;
    layer.attention.headDim = 64;
    layer.ffn.intermediate = 1024;
    ModelSpec model;
    model.name = "small";
    model.hidden = 512;
    model.vocabulary = 1000;
    model.layers.assign(4, layer);
    return model;
}

// A sweep of the fake and everything that it handed over.
struct Run
{
    Target target;
    SweepPlan plan;
    SweepHooks hooks;
    BusySpans busy;
    std::vector<Point> emitted;
    std::vector<SweepStatus> statuses;
    SweepOutcome outcome;
    std::stop_source stop;

    Run()
    {
        plan.model = smallModel();
        hooks.nowNs = [this] { return target.nowNs; };
        hooks.windowBusy = &busy;
        hooks.onPoint = [this](const Point &point) { emitted.push_back(point); };
        hooks.onProgress = [this](const SweepStatus &status) { statuses.push_back(status); };
    }
    Run(const Run &) = delete;
    Run &operator=(const Run &) = delete;

    void grid(std::vector<std::int64_t> batches, std::vector<std::int64_t> contexts,
              std::int64_t output = 32)
    {
        for (std::int64_t batch : batches) {
            for (std::int64_t context : contexts)
                plan.cells.push_back({batch, context, output});
        }
    }
    void go() { outcome = runSweep(target, plan, hooks, stop.get_token()); }

    // The last point handed over for a cell; a Failed one without message when there is none.
    Point last(std::int64_t batch, std::int64_t context) const
    {
        for (auto point = emitted.rbegin(); point != emitted.rend(); ++point) {
            if (point->workload.batch == batch && point->workload.contextTokens == context)
                return *point;
        }
        Point none;
        none.status = PointStatus::Failed;
        return none;
    }
    std::int64_t count(const std::string &action) const
    {
        return std::count(target.log.begin(), target.log.end(), action);
    }
};

} // namespace engine::fake
