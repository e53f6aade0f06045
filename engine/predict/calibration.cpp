// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/calibration.h"

#include <algorithm>
#include <cmath>

#include "engine/predict/constants.h"
#include "engine/predict/dense_algebra.h"
#include "engine/predict/memory_need.h"
#include "engine/predict/observations.h"
#include "engine/predict/operators.h"
#include "engine/predict/phase_estimate.h"
#include "engine/predict/step_time.h"

namespace engine {
namespace {

const double kImplausible = std::log(30.0);
constexpr double kUselessNoise = 0.35; // cells that disagree this much teach nothing
constexpr double kOutlierScore = 2.5;  // predictive sds beyond which a cell loses weight
constexpr double kDoubt = 9; // of the prior's variances, while cells are judged by each other
constexpr std::size_t kFewestToJudge = 4; // cells needed to say that they disagree
constexpr int kReweightings = 8;
constexpr int kNewtonSteps = 4;

// What one run contributes to every evaluation.
struct RunModel
{
    ModelPlan plan;
    const MeasuredRun *run = nullptr;
    StepRates decodeRates;
    StepRates prefillRates;
    std::int64_t chunkTokens = 0;

    const StepRates &rates(Phase phase) const
    {
        return phase == Phase::Decode ? decodeRates : prefillRates;
    }
};

// Fit of one phase. The measured logarithm is modelled as ln f(constants) + residual + noise, the
// constants and the residual normal around the prior; this finds the most probable constants and
// the residual's mean and precision.
class PhaseFitter
{
public:
    PhaseFitter(Phase phase, const PhaseFit &prior, std::span<const RunModel> runs,
                std::vector<Observation> observations)
        : m_phase(phase),
          m_prior(prior),
          m_runs(runs),
          m_seen(std::move(observations)),
          m_logValue(prior.logValue)
    {
    }

    PhaseFit fit()
    {
        dropImplausible();
        PhaseFit result = m_prior;
        result.ignored = m_ignored;
        thinOut();
        if (m_seen.empty())
            return result;
        m_trust.assign(m_seen.size(), 1);
        for (int round = 0; round < kReweightings; ++round) {
            for (int step = 0; step < kNewtonSteps; ++step) {
                if (!newtonStep())
                    return failed(result);
            }
            if (!judge())
                return failed(result);
        }
        if (explainsNothing())
            return failed(result);
        return posterior(result);
    }

private:
    StepTime evaluate(const Observation &seen, const ConstantVector &logValue) const
    {
        const RunModel &run = m_runs[std::size_t(seen.site.run)];
        StepShape shape;
        shape.phase = m_phase;
        shape.sequences = std::int64_t(seen.batch);
        shape.context = std::int64_t(seen.context);
        shape.chunkTokens = run.chunkTokens;
        std::vector<OperatorWork> operators;
        listOperators(run.plan, run.run->deployment.dtype, run.run->deployment.kvDType, shape,
                      operators);
        return stepTime(operators, run.plan.layers, shape, run.rates(m_phase), valuesOf(logValue));
    }

    void dropImplausible()
    {
        std::vector<Observation> kept;
        for (const Observation &seen : m_seen) {
            const double expected = std::log(evaluate(seen, m_prior.logValue).total.value);
            if (std::isfinite(expected) && std::abs(seen.logTime - expected) <= kImplausible) {
                kept.push_back(seen);
                m_priorError.push_back(seen.logTime - expected);
            } else {
                ++m_ignored;
            }
        }
        m_seen = std::move(kept);
    }

    void thinOut()
    {
        if (m_seen.size() <= kMostSites)
            return;
        std::vector<Observation> kept;
        std::vector<double> errors;
        for (std::size_t i = 0; i < kMostSites; ++i) {
            const std::size_t from = i * m_seen.size() / kMostSites;
            kept.push_back(m_seen[from]);
            errors.push_back(m_priorError[from]);
        }
        m_seen = std::move(kept);
        m_priorError = std::move(errors);
    }

    // Measured less computed, and the slopes, at the present constants.
    void linearise()
    {
        m_error.clear();
        m_slopes.clear();
        for (const Observation &seen : m_seen) {
            const StepTime step = evaluate(seen, m_logValue);
            m_error.push_back(seen.logTime - std::log(step.total.value));
            m_slopes.push_back(step.gradient);
        }
    }

    double structure(const Observation &a, const Observation &b) const
    {
        if (a.site.run != b.site.run)
            return 0;
        return m_prior.structuralSpread * m_prior.structuralSpread *
               cellSimilarity(a.site.logBatch, a.site.logContext, b.site.logBatch,
                              b.site.logContext);
    }

    double noiseVariance(std::size_t i) const
    {
        const double noise = m_seen[i].noise * m_noiseScale;
        return noise * noise / m_trust[i];
    }

    // Covariance of the measured logarithms given the constants; with `constants`, of the prior's
    // constants too, taken wider than they are: that cells contradict the prior is no sign that
    // they contradict each other.
    std::vector<double> covariance(bool constants) const
    {
        const std::size_t n = m_seen.size();
        std::vector<double> matrix(n * n);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                double value = structure(m_seen[i], m_seen[j]);
                for (std::size_t c = 0; constants && c < kConstantCount; ++c)
                    value += kDoubt * m_slopes[i][c] * m_prior.covariance[c][c] * m_slopes[j][c];
                matrix[i * n + j] = value + (i == j ? noiseVariance(i) : 0);
            }
        }
        return matrix;
    }

    // Inverse covariance of the constants from `precision` of the measured cells.
    ConstantMatrix information(const std::vector<double> &precision) const
    {
        const std::size_t n = m_seen.size();
        ConstantMatrix result{};
        for (std::size_t c = 0; c < kConstantCount; ++c) {
            result[c][c] = 1 / m_prior.covariance[c][c];
            for (std::size_t i = 0; i < n; ++i) {
                double weighted = 0;
                for (std::size_t j = 0; j < n; ++j)
                    weighted += precision[i * n + j] * m_slopes[j][c];
                for (std::size_t d = 0; d < kConstantCount; ++d)
                    result[c][d] += weighted * m_slopes[i][d];
            }
        }
        return result;
    }

    bool newtonStep()
    {
        const std::size_t n = m_seen.size();
        linearise();
        m_precision = covariance(false);
        if (!invertPositiveDefinite(m_precision, n))
            return false;
        m_covariance = information(m_precision);
        if (!invertPositiveDefinite({m_covariance[0].data(), kConstantCount * kConstantCount},
                                    kConstantCount))
            return false;
        ConstantVector gradient{};
        for (std::size_t c = 0; c < kConstantCount; ++c) {
            gradient[c] = (m_prior.logValue[c] - m_logValue[c]) / m_prior.covariance[c][c];
            for (std::size_t i = 0; i < n; ++i) {
                for (std::size_t j = 0; j < n; ++j)
                    gradient[c] += m_slopes[i][c] * m_precision[i * n + j] * m_error[j];
            }
        }
        for (std::size_t c = 0; c < kConstantCount; ++c) {
            double move = 0;
            for (std::size_t d = 0; d < kConstantCount; ++d)
                move += m_covariance[c][d] * gradient[d];
            m_logValue[c] += std::clamp(move, -1.0, 1.0);
        }
        return true;
    }

    // How well each cell is foretold by the others, and how far it can be trusted therefore.
    bool judge()
    {
        const std::size_t n = m_seen.size();
        linearise();
        std::vector<double> whole = covariance(true);
        if (!invertPositiveDefinite(whole, n))
            return false;
        // Residuals against the prior's constants, linear around the present ones.
        std::vector<double> residual(n);
        for (std::size_t i = 0; i < n; ++i) {
            residual[i] = m_error[i];
            for (std::size_t c = 0; c < kConstantCount; ++c)
                residual[i] += m_slopes[i][c] * (m_logValue[c] - m_prior.logValue[c]);
        }
        m_leaveOneOut.assign(n, 0);
        std::vector<double> scores(n);
        for (std::size_t i = 0; i < n; ++i) {
            double weighted = 0;
            for (std::size_t j = 0; j < n; ++j)
                weighted += whole[i * n + j] * residual[j];
            const double variance = 1 / whole[i * n + i];
            m_leaveOneOut[i] = weighted * variance;
            const double fair = variance - noiseVariance(i) * (1 - m_trust[i]);
            scores[i] = std::abs(m_leaveOneOut[i]) / std::sqrt(std::max(fair, 1e-12));
        }
        const double excess = rescaleNoise(scores);
        for (std::size_t i = 0; i < n; ++i) {
            const double score = scores[i] / excess;
            m_trust[i] = score > kOutlierScore ? std::pow(kOutlierScore / score, 4) : 1;
        }
        return true;
    }

    // Where cells as a whole miss each other by more than they claim, all are noisier than said.
    double rescaleNoise(const std::vector<double> &scores)
    {
        if (scores.size() < kFewestToJudge)
            return 1;
        const double excess = medianSize(scores) / kMedianOfNormal;
        m_noiseScale = std::clamp(m_noiseScale * excess, 1.0, 1000.0);
        return std::max(excess, 1.0);
    }

    // Cells of which none helps to foretell the next, while the prior is off too.
    bool explainsNothing() const
    {
        if (m_seen.size() < kFewestToJudge)
            return false;
        std::vector<double> noise;
        for (const Observation &seen : m_seen)
            noise.push_back(seen.noise * m_noiseScale);
        if (medianOf(noise) > kUselessNoise)
            return true;
        const double prior = medianSize(m_priorError);
        return prior > 0.15 && medianSize(m_leaveOneOut) > 0.8 * prior;
    }

    PhaseFit failed(PhaseFit prior) const
    {
        prior.rejected = true;
        prior.ignored += int(m_seen.size());
        return prior;
    }

    PhaseFit posterior(PhaseFit result)
    {
        const std::size_t n = m_seen.size();
        if (!newtonStep())
            return failed(result);
        linearise();
        result.logValue = m_logValue;
        result.covariance = m_covariance;
        result.points = int(n);
        result.precision = m_precision;
        result.jacobian = m_slopes;
        for (std::size_t i = 0; i < n; ++i) {
            result.sites.push_back(m_seen[i].site);
            double weight = 0;
            for (std::size_t j = 0; j < n; ++j)
                weight += m_precision[i * n + j] * m_error[j];
            result.weights.push_back(weight);
        }
        return result;
    }

    const Phase m_phase;
    const PhaseFit &m_prior;
    const std::span<const RunModel> m_runs;
    std::vector<Observation> m_seen;
    std::vector<double> m_priorError;
    int m_ignored = 0;
    ConstantVector m_logValue;
    ConstantMatrix m_covariance{};
    std::vector<double> m_precision;
    std::vector<double> m_error;
    std::vector<ConstantVector> m_slopes;
    std::vector<double> m_trust;
    double m_noiseScale = 1; // of every cell's claimed noise
    std::vector<double> m_leaveOneOut;
};

PhaseFit fitPhase(Phase phase, const PhaseFit &prior, std::span<const RunModel> models,
                  std::span<const MeasuredRun> runs)
{
    int ignored = 0;
    std::vector<Observation> observations = observationsOf(runs, phase, ignored);
    PhaseFit fit = PhaseFitter(phase, prior, models, std::move(observations)).fit();
    fit.ignored += ignored;
    return fit;
}

} // namespace

std::string_view constantName(Constant constant)
{
    constexpr std::array<std::string_view, kConstantCount> names{
        "gemm_compute", "attention_compute", "weight_bandwidth", "kv_bandwidth",
        "per_layer",    "per_step",          "per_sequence"};
    return names[std::size_t(constant)];
}

double PhaseFit::value(Constant constant) const
{
    return std::exp(logValue[std::size_t(constant)]);
}

Calibration calibrate(const DeviceSpec &device, std::span<const MeasuredRun> runs)
{
    return calibrate(device, runs, shippedConstants());
}

Calibration calibrate(const DeviceSpec &device, std::span<const MeasuredRun> runs,
                      const EstimateConstants &constants)
{
    Calibration result = priorCalibration(device, constants);
    std::vector<RunModel> models;
    for (const MeasuredRun &run : runs) {
        result.runs.push_back({run.model, run.deployment.dtype, run.deployment.kvDType});
        const auto rates = [&](const PhaseFit &phase) {
            return ratesOf(device, run.deployment.dtype, result.habits, phase.overlap);
        };
        models.push_back({planOf(run.model), &run, rates(result.decode), rates(result.prefill),
                          chunkTokensOf(device, run.deployment)});
    }
    result.decode = fitPhase(Phase::Decode, result.decode, models, runs);
    result.prefill = fitPhase(Phase::Prefill, result.prefill, models, runs);
    return result;
}

} // namespace engine
