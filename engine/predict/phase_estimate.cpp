// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/phase_estimate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace engine {
namespace {

// Cells a factor of four apart in batch or context share 61 % of their residual.
const double kLengthScale = std::log(4.0);

double quadraticForm(const ConstantMatrix &matrix, const ConstantVector &vector)
{
    double sum = 0;
    for (std::size_t i = 0; i < vector.size(); ++i) {
        for (std::size_t j = 0; j < vector.size(); ++j)
            sum += vector[i] * matrix[i][j] * vector[j];
    }
    return sum;
}

} // namespace

double cellSimilarity(double logBatchA, double logContextA, double logBatchB, double logContextB)
{
    const double b = (logBatchA - logBatchB) / kLengthScale;
    const double s = (logContextA - logContextB) / kLengthScale;
    return std::exp(-0.5 * (b * b + s * s));
}

bool hasRun(const PhaseFit &fit, int run)
{
    return std::any_of(fit.sites.begin(), fit.sites.end(),
                       [run](const FitSite &site) { return site.run == run; });
}

PhaseEstimate estimatePhase(const PhaseFit &fit, int run, double batch, double context,
                            const StepTime &step)
{
    const std::size_t n = fit.sites.size();
    const double own = fit.structuralSpread * fit.structuralSpread;
    ConstantVector slope = step.gradient;
    double mean = 0;
    double variance = own;
    if (run >= 0 && n > 0) {
        std::array<double, kMostSites> kernel{};
        const double logBatch = std::log(batch);
        const double logContext = std::log(context);
        for (std::size_t i = 0; i < n; ++i) {
            const FitSite &site = fit.sites[i];
            if (site.run == run)
                kernel[i] =
                    own * cellSimilarity(site.logBatch, site.logContext, logBatch, logContext);
            mean += kernel[i] * fit.weights[i];
        }
        for (std::size_t i = 0; i < n; ++i) {
            const double *row = fit.precision.data() + i * n;
            double q = 0;
            for (std::size_t j = 0; j < n; ++j)
                q += row[j] * kernel[j];
            variance -= kernel[i] * q;
            for (std::size_t c = 0; c < kConstantCount; ++c)
                slope[c] -= q * fit.jacobian[i][c];
        }
    }
    variance = std::max(variance, 0.0) + quadraticForm(fit.covariance, slope);
    PhaseEstimate estimate;
    estimate.time = step.total * std::exp(mean);
    estimate.logSpread = std::sqrt(variance);
    estimate.correction = estimate.time - step.total;
    return estimate;
}

bool isExtrapolating(const PhaseFit &fit, int run, double batch, double context)
{
    if (fit.sites.empty())
        return false;
    const bool own = hasRun(fit, run);
    double low[2] = {std::numeric_limits<double>::max(), std::numeric_limits<double>::max()};
    double high[2] = {std::numeric_limits<double>::lowest(), std::numeric_limits<double>::lowest()};
    for (const FitSite &site : fit.sites) {
        if (own && site.run != run)
            continue;
        low[0] = std::min(low[0], site.logBatch);
        high[0] = std::max(high[0], site.logBatch);
        low[1] = std::min(low[1], site.logContext);
        high[1] = std::max(high[1], site.logContext);
    }
    const double margin = std::log(2.0) + 1e-9;
    const double at[2] = {std::log(batch), std::log(context)};
    return at[0] < low[0] - margin || at[0] > high[0] + margin || at[1] < low[1] - margin ||
           at[1] > high[1] + margin;
}

} // namespace engine
