// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/spec/environment.h"
#include "engine/spec/workload.h"

namespace engine {

// A median with the 95 % interval of the median, by order statistics; milliseconds.
// lo and hi are absent below six samples.
struct MedianInterval
{
    std::optional<double> p50;
    std::optional<double> lo;
    std::optional<double> hi;
    std::int64_t n = 0;

    friend bool operator==(const MedianInterval &, const MedianInterval &) = default;
};

// Percentiles by linear interpolation; one that the sample is too small for is absent.
struct Percentiles
{
    std::optional<double> p50;
    std::optional<double> p95;
    std::optional<double> p99;
    std::int64_t n = 0;

    friend bool operator==(const Percentiles &, const Percentiles &) = default;
};

enum class PointStatus { Ok, DoesNotFit, Cancelled, Failed };

// One measured cell of a sweep. What could not be formed is absent and has its reason in `why`
// under the same key ("tpot_ms" -> "one_token").
struct Point
{
    Workload workload;
    PointStatus status = PointStatus::Ok;
    MedianInterval ttftMs;     // of the batch's waits, pooled
    MedianInterval ttftIdleMs; // of a lone prompt
    MedianInterval tpotMs;
    MedianInterval stepWallMs;
    MedianInterval e2eMs;
    Percentiles itlMs;
    std::optional<double> outputTps;      // tokens per second, all sequences
    std::optional<double> prefillTps;     // prompt tokens per second of a lone prefill
    std::optional<double> bwPct;          // decode step, of ceiling_read_gbs
    std::optional<double> flopPct;        // decode step, of ceiling_dense_tflops
    std::optional<double> prefillFlopPct; // prefill, of ceiling_dense_tflops
    std::optional<std::int64_t> memPeakBytes;
    std::optional<std::int64_t> memNeededBytes; // what the cell asks for, said when it does not fit
    std::optional<std::int64_t> memAvailableBytes;
    std::optional<std::int64_t> bytesStep; // moved by one decode step, counted from the tensors
    std::optional<std::int64_t> flopsStep;
    std::optional<std::int64_t> flopsPrefill; // of one lone prompt
    int rounds = 0;
    std::vector<std::string> flags; // provisional, ttft_composed, cache_resident, not_steady, …
    std::map<std::string, std::string> why;
    Environment environment; // what of the environment varies by cell
    std::string message;     // one sentence when status is not Ok

    friend bool operator==(const Point &, const Point &) = default;

    bool hasFlag(const std::string &flag) const
    {
        for (const std::string &own : flags) {
            if (own == flag)
                return true;
        }
        return false;
    }
};

// The point of a cell without figures: each key that is absent has its reason, "not_applicable" for
// what does not fit, "failed" or "cancelled". `message` is one sentence.
Point unmeasuredPoint(const Workload &workload, PointStatus status, std::string message);

} // namespace engine
