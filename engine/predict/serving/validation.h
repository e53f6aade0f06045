// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/predict/serving/serving_fit.h"

namespace engine {

// What is kept from the fit while a row is judged.
enum class LeaveOut {
    None,   // nothing: the tree as given
    Curve,  // half of the curves, in turn
    Model,  // every row of its model
    Device, // every row of its device
};

// Rows of `cases` with the error of an estimate that was fitted without them, and whether the
// measured value lies in its 80 % band.
struct JudgedRow
{
    std::size_t row = 0;
    ServingError error;
    bool tpotInBand = false;
    bool ttftInBand = false;
    bool scored = true; // false for the points of a left-out model that stay known
};

struct Validation
{
    std::vector<JudgedRow> rows;
    ServingBands bands; // from the errors of these rows, for estimates of the same tier
};

// With LeaveOut::None the rows are judged by `tree` and `bands`; else a tree is fitted for each
// group that is left out, and each group's bands come from the errors of the others. `known` points
// of a left-out group stay in the fit and are not scored.
Validation validate(std::span<const ServingCase> cases, const ServingTree &tree,
                    const ServingBands &bands, LeaveOut leaveOut, int known);

// Median and P90 of |computed / measured - 1|, median of computed / measured - 1, share in band.
struct ErrorSummary
{
    std::string group;
    int points = 0;
    double median = 0;
    double p90 = 0;
    double bias = 0;
    double covered = 0;
};
using Grouping = std::function<std::string(const ServingPoint &)>;
std::vector<ErrorSummary> summarise(const Validation &validation,
                                    std::span<const ServingCase> cases, ServingFigure figure,
                                    const Grouping &group);

// The rows with the largest errors, worst first.
std::vector<JudgedRow> worstRows(const Validation &validation, ServingFigure figure,
                                 std::size_t count);

} // namespace engine
