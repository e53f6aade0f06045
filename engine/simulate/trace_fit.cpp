// SPDX-License-Identifier: Apache-2.0
#include "engine/simulate/trace_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "engine/simulate/simulate.h"

namespace engine {
namespace {

using Shift = std::array<double, TraceConstants::Count>;

constexpr int kTrials = 200;
constexpr double kFirstStep = 0.2;
constexpr double kPriorWeight = 0.05;
// Spreads of the logarithms of the constants, in their order.
constexpr Shift kPriorSpread{0.3, 0.5, 1.0};
// Below these distances (of logarithms) a request counts by its square, above by its size.
constexpr double kTtftNoise = 0.1;
constexpr double kDecodeNoise = 0.02;
constexpr double kDecodeWeight = 2;

double distance(double simulated, double recorded, double noise)
{
    if (!(simulated > 0) || !(recorded > 0))
        return 0;
    const double log = std::log(simulated / recorded);
    return std::sqrt(log * log + noise * noise);
}

double lossOf(const Simulation &simulation, const Trace &trace, const Shift &shift)
{
    double sum = 0;
    for (std::size_t i = 0; i < simulation.outcomes.size(); ++i) {
        const Outcome &outcome = simulation.outcomes[i];
        const Trace::Times &times = trace.times[i];
        const Seconds arrival = trace.requests[i].arrival;
        sum += distance(outcome.firstToken - arrival.value, (times.firstToken - arrival).value,
                        kTtftNoise);
        sum += kDecodeWeight * distance(outcome.lastToken - outcome.firstToken,
                                        (times.lastToken - times.firstToken).value, kDecodeNoise);
    }
    double prior = 0;
    for (std::size_t i = 0; i < shift.size(); ++i)
        prior += std::pow(shift[i] / kPriorSpread[i], 2);
    return sum / double(simulation.outcomes.size()) + kPriorWeight * prior;
}

// Nelder and Mead's simplex with the usual coefficients, from the origin.
class Simplex
{
public:
    explicit Simplex(std::function<double(const Shift &)> loss) : m_loss(std::move(loss))
    {
        m_corners.resize(TraceConstants::Count + 1);
        for (std::size_t i = 0; i < m_corners.size(); ++i) {
            if (i > 0)
                m_corners[i].shift[i - 1] = kFirstStep;
            m_corners[i].loss = m_loss(m_corners[i].shift);
        }
    }

    void improve()
    {
        std::sort(m_corners.begin(), m_corners.end(),
                  [](const Corner &a, const Corner &b) { return a.loss < b.loss; });
        Corner &worst = m_corners.back();
        const Corner mirrored = towardsWorst(-1);
        if (mirrored.loss < m_corners.front().loss) {
            const Corner farther = towardsWorst(-2);
            worst = farther.loss < mirrored.loss ? farther : mirrored;
        } else if (mirrored.loss < m_corners[m_corners.size() - 2].loss) {
            worst = mirrored;
        } else if (const Corner nearer = towardsWorst(0.5); nearer.loss < worst.loss) {
            worst = nearer;
        } else {
            shrink();
        }
    }

    Shift best() const
    {
        return std::min_element(m_corners.begin(), m_corners.end(),
                                [](const Corner &a, const Corner &b) { return a.loss < b.loss; })
            ->shift;
    }

private:
    struct Corner
    {
        Shift shift{};
        double loss = 0;
    };

    // From the middle of the others, `share` of the way to the worst corner.
    Corner towardsWorst(double share) const
    {
        Corner corner;
        const std::size_t others = m_corners.size() - 1;
        for (std::size_t j = 0; j < corner.shift.size(); ++j) {
            double middle = 0;
            for (std::size_t i = 0; i < others; ++i)
                middle += m_corners[i].shift[j] / double(others);
            corner.shift[j] = middle + share * (m_corners.back().shift[j] - middle);
        }
        corner.loss = m_loss(corner.shift);
        return corner;
    }

    void shrink()
    {
        for (std::size_t i = 1; i < m_corners.size(); ++i) {
            for (std::size_t j = 0; j < m_corners[i].shift.size(); ++j)
                m_corners[i].shift[j] = (m_corners[i].shift[j] + m_corners[0].shift[j]) / 2;
            m_corners[i].loss = m_loss(m_corners[i].shift);
        }
    }

    std::function<double(const Shift &)> m_loss;
    std::vector<Corner> m_corners;
};

} // namespace

Calibration TraceConstants::applied(Calibration prior) const
{
    const auto move = [this](PhaseFit &fit, Constant constant, Index index) {
        fit.logValue[std::size_t(constant)] += shift[index];
    };
    move(prior.decode, Constant::KvBandwidth, KvBandwidth);
    move(prior.decode, Constant::PerSequence, DecodePerSequence);
    return prior;
}

StepTables TraceConstants::applied(StepTables steps) const
{
    const double odds = steps.overlap / (1 - steps.overlap) * std::exp(shift[Overlap]);
    steps.overlap = odds / (1 + odds);
    return steps;
}

Result<TraceConstants> fitTrace(const Trace &trace, const Serving &serving,
                                const StepsFor &stepsFor, std::stop_token stop)
{
    if (trace.times.size() != trace.requests.size() || trace.times.empty()) {
        return fail(ErrorKind::BadInput, "The trace has no recorded times to fit; it needs the "
                                         "columns first_token_s and last_token_s.");
    }
    Result<void> ran;
    const auto loss = [&](const Shift &shift) {
        const TraceConstants constants{shift};
        const Result<StepTables> steps = stepsFor(constants);
        if (!steps) {
            ran = tl::make_unexpected(steps.error());
            return std::numeric_limits<double>::max();
        }
        const Result<Simulation> simulation =
            simulate(constants.applied(*steps), serving, trace.requests, 0, stop);
        if (!simulation) {
            ran = tl::make_unexpected(simulation.error());
            return std::numeric_limits<double>::max();
        }
        return lossOf(*simulation, trace, shift);
    };
    Simplex simplex(loss);
    for (int trial = 0; trial < kTrials && ran; ++trial)
        simplex.improve();
    if (!ran)
        return tl::make_unexpected(ran.error());
    return TraceConstants{simplex.best()};
}

} // namespace engine
