// SPDX-License-Identifier: Apache-2.0
#include <cstdarg>
#include <cstdio>

#include "engine/worker/estimate_output.h"

namespace engine {
namespace {

__attribute__((format(printf, 1, 2))) std::string text(const char *format, ...)
{
    char buffer[512];
    std::va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(buffer, sizeof buffer, format, arguments);
    va_end(arguments);
    return buffer;
}

// Three significant digits, without an exponent.
std::string digits(double value)
{
    return value < 100 ? text("%.3g", value) : text("%.0f", value);
}

// Microseconds below a millisecond, seconds from ten seconds on.
std::string duration(Seconds time)
{
    if (time.value < 1e-3)
        return digits(time.value * 1e6) + " us";
    return time.value < 10 ? digits(time.value * 1e3) + " ms" : digits(time.value) + " s";
}

std::string withBand(const Banded<Seconds> &time)
{
    return duration(time.mid) + text(" (%.2g-%.2gx)", time.low / time.mid, time.high / time.mid);
}

std::string dollars(const std::optional<Banded<MicroUsd>> &cost)
{
    return cost ? text("%.3g", double(cost->mid) / 1e6) : "-";
}

std::string fitLine(const char *phase, const PhaseFit &fit)
{
    if (fit.rejected) {
        return text("%s: %d measured points disagree with each other; estimated from the device's "
                    "data.\n",
                    phase, fit.ignored);
    }
    if (fit.points == 0)
        return text("%s: estimated from the device's data, nothing measured.\n", phase);
    std::string line =
        text("%s: estimated and calibrated by %d measured points", phase, fit.points);
    if (fit.ignored > 0)
        line += text(" (%d more ignored)", fit.ignored);
    return line + ".\n";
}

std::string heading(const Predictor &predictor)
{
    const DeviceSpec &device = predictor.device();
    const Deployment &deployment = predictor.deployment();
    std::string lines =
        text("%s in %s, KV in %s, on %s (%.4g GB/s, %.4g GB)\n", predictor.model().name.c_str(),
             std::string(dtypeName(deployment.dtype)).c_str(),
             std::string(dtypeName(deployment.kvDType)).c_str(), device.name.c_str(),
             device.bandwidth.value / 1e9, device.memory.value / 1e9);
    if (deployment.pricePerHour) {
        lines += text("$%.4g an hour, used %.3g %% of the time\n",
                      double(*deployment.pricePerHour) / 1e6, 100 * deployment.utilisation);
    }
    return lines + fitLine("First token", predictor.calibration().prefill) +
           fitLine("Each token", predictor.calibration().decode) + "\n";
}

std::string row(const Predictor &predictor, const Estimate &e)
{
    const std::string start = text("%6lld %8lld  ", static_cast<long long>(e.workload.batch),
                                   static_cast<long long>(e.workload.contextTokens));
    if (e.memory.fit != Fit::Fits) {
        return start +
               doesNotFitSentence(predictor.model(), predictor.device(), predictor.deployment(),
                                  e.workload) +
               "\n";
    }
    const bool outside = e.prefillBasis.extrapolating || e.decodeBasis.extrapolating;
    std::string line = start;
    line += text("%-24s %-24s ", withBand(e.ttft).c_str(), withBand(e.tpot).c_str());
    line += text("%9s %10s ", digits(e.userTps.mid).c_str(), digits(e.outputTps.mid).c_str());
    line += text("%10s %9s %8s  ", duration(e.e2e.mid).c_str(), dollars(e.cost.total).c_str(),
                 digits(e.memory.needed().value / 1e9).c_str());
    line += std::string(boundName(e.prefillBound)) + "/" + std::string(boundName(e.decodeBound));
    return line + (outside ? ", extrapolated\n" : "\n");
}

std::string breakdown(const Predictor &predictor, const Workload &workload, Phase phase)
{
    const Result<Breakdown> why = predictor.explain(workload, phase);
    if (!why)
        return why.error().message + "\n";
    std::string lines =
        text("\n%s, batch %lld, context %lld: %s\n",
             phase == Phase::Decode ? "Decode step" : "Prefill of one prompt",
             static_cast<long long>(workload.batch), static_cast<long long>(workload.contextTokens),
             duration(why->total()).c_str());
    lines += text("  %-17s %6s %10s %10s %10s %12s %6s  %s\n", "operator", "layers", "GFLOP",
                  "weight MB", "KV MB", "time", "share", "bound");
    const auto share = [&](Seconds part) { return 100 * (part / why->total()); };
    for (const OperatorTime &entry : why->operators) {
        const OperatorWork &work = entry.work;
        lines +=
            text("  %-17s %6d %10.4g %10.4g %10.4g %12s %5.1f%%  %s\n",
                 std::string(operatorName(work.kind)).c_str(), work.count, work.flops.value / 1e9,
                 work.weightBytes.value / 1e6, (work.kvReadBytes + work.kvWriteBytes).value / 1e6,
                 duration(entry.time).c_str(), share(entry.time),
                 std::string(boundName(entry.bound)).c_str());
    }
    lines += text("  %-17s %53s %5.1f%%\n", "overhead", duration(why->overhead).c_str(),
                  share(why->overhead));
    if (why->correction != Seconds(0)) {
        lines += text("  %-17s %50.3g ms %5.1f%%\n", "measured residual",
                      milliseconds(why->correction), share(why->correction));
    }
    return lines;
}

} // namespace

std::string toTable(const EstimateReport &report)
{
    const Predictor &predictor = *report.predictor;
    std::string lines = heading(predictor);
    lines += text("%6s %8s  %-24s %-24s %9s %10s %10s %9s %8s  %s\n", "batch", "context",
                  "first token (80% band)", "each token (80% band)", "tok/s/usr", "tok/s out",
                  "whole", "$/M tok", "GB", "bound first/each");
    for (const Estimate &estimate : report.estimates)
        lines += row(predictor, estimate);
    if (!report.explain)
        return lines;
    for (const Estimate &estimate : report.estimates) {
        if (estimate.memory.fit != Fit::Fits)
            continue;
        for (Phase phase : {Phase::Prefill, Phase::Decode})
            lines += breakdown(predictor, estimate.workload, phase);
    }
    return lines;
}

} // namespace engine
