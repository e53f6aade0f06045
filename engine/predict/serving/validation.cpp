// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/serving/validation.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace engine {
namespace {

constexpr std::size_t kFewestInBand = 25; // rows that a group's own band needs
constexpr double kWidening = 1.1;         // of bands: quantiles of few rows are too narrow

// A number that does not change between builds, to part curves evenly (FNV-1a).
std::uint64_t mixed(const std::string &text)
{
    std::uint64_t value = 1469598103934665603ULL;
    for (unsigned char c : text)
        value = (value ^ c) * 1099511628211ULL;
    return value ^ (value >> 29);
}

std::string foldOf(const ServingPoint &point, LeaveOut leaveOut)
{
    switch (leaveOut) {
    case LeaveOut::Curve:
        return mixed(point.curve()) % 2 ? "odd curves" : "even curves";
    case LeaveOut::Model:
        return keyOf(point).model;
    case LeaveOut::Device:
        return point.device;
    case LeaveOut::None:
        break;
    }
    return {};
}

Tier tierFor(LeaveOut leaveOut)
{
    return leaveOut == LeaveOut::Device  ? Tier::NewDevice
           : leaveOut == LeaveOut::Model ? Tier::NewModel
                                         : Tier::Known;
}

double quantile(std::vector<double> values, double part)
{
    const auto place = values.begin() + std::ptrdiff_t(part * double(values.size() - 1) + 0.5);
    std::nth_element(values.begin(), place, values.end());
    return *place;
}

const std::optional<double> &of(const ServingError &error, ServingFigure figure)
{
    return figure == ServingFigure::Tpot ? error.tpot : error.ttft;
}

// Bands from the errors of the rows for which `counts` holds.
ServingBands bandsOf(const std::vector<JudgedRow> &rows, std::span<const ServingCase> cases,
                     Tier tier, const std::function<bool(const JudgedRow &)> &counts)
{
    std::map<std::string, std::vector<double>> errors;
    for (const JudgedRow &row : rows) {
        const ServingPoint &point = cases[row.row].point;
        for (ServingFigure figure : {ServingFigure::Tpot, ServingFigure::Ttft}) {
            if (!row.scored || !counts(row) || !of(row.error, figure))
                continue;
            for (const std::string &name : bandNames(tier, figure, keyOf(point), point.loop.users))
                errors[name].push_back(*of(row.error, figure));
        }
    }
    ServingBands result;
    for (const auto &[name, values] : errors) {
        if (values.size() >= kFewestInBand)
            result.bands[name] = {kWidening * quantile(values, 0.1),
                                  kWidening * quantile(values, 0.9)};
    }
    return result;
}

void cover(JudgedRow &row, const ServingCase &which, const ServingBands &bands, Tier tier)
{
    const ServingKey key = keyOf(which.point);
    const auto inside = [&](ServingFigure figure, const std::optional<double> &error) {
        const LogBand band = bands.of(tier, figure, key, which.point.loop.users);
        return error && *error >= band.low && *error <= band.high;
    };
    row.tpotInBand = inside(ServingFigure::Tpot, row.error.tpot);
    row.ttftInBand = inside(ServingFigure::Ttft, row.error.ttft);
}

// Evenly spread positions of the left-out rows that stay known.
std::vector<std::size_t> keptKnown(const std::vector<std::size_t> &rows, int known)
{
    std::vector<std::size_t> kept;
    const std::size_t wanted = std::min(rows.size(), std::size_t(std::max(known, 0)));
    for (std::size_t i = 0; i < wanted; ++i)
        kept.push_back(rows[(2 * i + 1) * rows.size() / (2 * wanted)]);
    return kept;
}

} // namespace

Validation validate(std::span<const ServingCase> cases, const ServingTree &tree,
                    const ServingBands &bands, LeaveOut leaveOut, int known)
{
    Validation result;
    if (leaveOut == LeaveOut::None) {
        for (std::size_t i = 0; i < cases.size(); ++i) {
            JudgedRow row{i, errorOf(cases[i], tree)};
            cover(row, cases[i], bands, tierOf(tree, keyOf(cases[i].point)));
            result.rows.push_back(row);
        }
        result.bands = bands;
        return result;
    }
    std::map<std::string, std::vector<std::size_t>> folds;
    for (std::size_t i = 0; i < cases.size(); ++i)
        folds[foldOf(cases[i].point, leaveOut)].push_back(i);
    for (const auto &[name, left] : folds) {
        const std::vector<std::size_t> kept = keptKnown(left, known);
        std::vector<std::size_t> used = kept;
        for (std::size_t i = 0; i < cases.size(); ++i) {
            if (foldOf(cases[i].point, leaveOut) != name)
                used.push_back(i);
        }
        const ServingTree fitted = fitServing(cases, used, {});
        for (std::size_t i : left) {
            JudgedRow row{i, errorOf(cases[i], fitted)};
            row.scored = std::find(kept.begin(), kept.end(), i) == kept.end();
            result.rows.push_back(row);
        }
    }
    const Tier tier = tierFor(leaveOut);
    for (const auto &[name, left] : folds) {
        const std::string &own = name;
        const ServingBands others = bandsOf(result.rows, cases, tier, [&](const JudgedRow &row) {
            return foldOf(cases[row.row].point, leaveOut) != own;
        });
        for (JudgedRow &row : result.rows) {
            if (foldOf(cases[row.row].point, leaveOut) == name)
                cover(row, cases[row.row], others, tier);
        }
    }
    result.bands = bandsOf(result.rows, cases, tier, [](const JudgedRow &) { return true; });
    return result;
}

std::vector<ErrorSummary> summarise(const Validation &validation,
                                    std::span<const ServingCase> cases, ServingFigure figure,
                                    const Grouping &group)
{
    struct Sums
    {
        std::vector<double> sizes;
        std::vector<double> errors;
        int covered = 0;
    };
    std::map<std::string, Sums> groups;
    for (const JudgedRow &row : validation.rows) {
        if (!row.scored || !of(row.error, figure))
            continue;
        Sums &sums = groups[group(cases[row.row].point)];
        const double error = std::expm1(-*of(row.error, figure));
        sums.errors.push_back(error);
        sums.sizes.push_back(std::abs(error));
        sums.covered += figure == ServingFigure::Tpot ? row.tpotInBand : row.ttftInBand;
    }
    std::vector<ErrorSummary> summaries;
    for (const auto &[name, sums] : groups) {
        const auto points = int(sums.sizes.size());
        summaries.push_back({name, points, quantile(sums.sizes, 0.5), quantile(sums.sizes, 0.9),
                             quantile(sums.errors, 0.5), double(sums.covered) / points});
    }
    return summaries;
}

std::vector<JudgedRow> worstRows(const Validation &validation, ServingFigure figure,
                                 std::size_t count)
{
    std::vector<JudgedRow> rows;
    for (const JudgedRow &row : validation.rows) {
        if (row.scored && of(row.error, figure))
            rows.push_back(row);
    }
    std::sort(rows.begin(), rows.end(), [figure](const JudgedRow &a, const JudgedRow &b) {
        return std::abs(*of(a.error, figure)) > std::abs(*of(b.error, figure));
    });
    rows.resize(std::min(rows.size(), count));
    return rows;
}

} // namespace engine
