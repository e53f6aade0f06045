// SPDX-License-Identifier: Apache-2.0
#include "engine/predict/serving/serving_fit.h"

#include <algorithm>
#include <cmath>

namespace engine {
namespace {

constexpr double kSoftness = 0.04;   // of the loss: errors below it count by square
constexpr double kTpotScale = 0.05;  // of errors, against the shifts' spreads
constexpr double kTtftWeight = 0.55; // of a first token's wait against a time per token
constexpr double kStep = 1e-3;       // of the logarithm, for slopes
constexpr int kRounds = 7;
constexpr int kConjugateSteps = 60;
constexpr double kFarthestMove = 0.7; // of a logarithm in one round

// One measured time of one case.
struct Line
{
    std::size_t row = 0;
    double target = 0; // logarithm of measured over computed
    double weight = 1;
    PhysicalVector slope{};
};

// Logarithms of TPOT and TTFT in milliseconds.
std::pair<double, double> logTimes(const StepModel &step, const ClosedLoop &loop)
{
    const LoopTimes times = closedLoop(step, loop);
    return {std::log(1e3 * times.tpot.value), std::log(1e3 * times.ttft.value)};
}

PhysicalVector exponential(const PhysicalVector &logarithms)
{
    PhysicalVector values;
    for (std::size_t c = 0; c < values.size(); ++c)
        values[c] = std::exp(logarithms[c]);
    return values;
}

// Models of one shape share what is known.
std::string shapeName(const std::string &model)
{
    return model.rfind("deepseek-", 0) == 0 ? "deepseek" : model;
}

class Fitter
{
public:
    Fitter(std::span<const ServingCase> cases, std::span<const std::size_t> used,
           const ServingTree &start)
        : m_cases(cases), m_used(used)
    {
        for (std::size_t i : used) {
            std::vector<std::pair<std::size_t, double>> groups;
            for (const auto &[name, level] : groupsOf(keyOf(cases[i].point))) {
                const auto [place, added] = m_index.try_emplace(name, m_index.size());
                if (added)
                    m_shift.emplace_back();
                if (added && start.shifts.count(name)) {
                    const PhysicalVector &from = start.shifts.at(name);
                    for (std::size_t c = 0; c < kPhysicalCount; ++c)
                        m_shift.back()[c] = from[c] / (level * physicalBeliefs()[c].spread);
                }
                groups.emplace_back(place->second, level);
                m_level[name] = level;
            }
            m_groups.push_back(std::move(groups));
        }
    }

    ServingTree fit(int rounds)
    {
        for (int round = 0; round < rounds; ++round) {
            linearise();
            move();
        }
        ServingTree tree;
        for (const auto &[name, index] : m_index) {
            PhysicalVector shift;
            for (std::size_t c = 0; c < kPhysicalCount; ++c)
                shift[c] = m_shift[index][c] * m_level[name] * physicalBeliefs()[c].spread;
            tree.shifts[name] = shift;
        }
        return tree;
    }

private:
    PhysicalVector logarithmsOf(std::size_t row) const
    {
        PhysicalVector logs;
        for (std::size_t c = 0; c < kPhysicalCount; ++c) {
            double sum = 0;
            for (const auto &[group, level] : m_groups[row])
                sum += level * m_shift[group][c];
            logs[c] = std::log(physicalBeliefs()[c].median) + sum * physicalBeliefs()[c].spread;
        }
        return logs;
    }

    void linearise()
    {
        m_lines.clear();
        for (std::size_t row = 0; row < m_used.size(); ++row) {
            const ServingCase &own = m_cases[m_used[row]];
            const PhysicalVector logs = logarithmsOf(row);
            const auto here = logTimes(own.step.with(exponential(logs)), own.point.loop);
            PhysicalVector tpotSlope{};
            PhysicalVector ttftSlope{};
            for (std::size_t c = 0; c < kPhysicalCount; ++c) {
                PhysicalVector moved = logs;
                moved[c] += kStep;
                const auto there = logTimes(own.step.with(exponential(moved)), own.point.loop);
                const double spread = physicalBeliefs()[c].spread / kStep;
                tpotSlope[c] = (there.first - here.first) * spread;
                ttftSlope[c] = (there.second - here.second) * spread;
            }
            if (own.point.tpotMs)
                addLine(row, std::log(*own.point.tpotMs) - here.first, 1, tpotSlope);
            if (own.point.ttftMs)
                addLine(row, std::log(*own.point.ttftMs) - here.second, kTtftWeight, ttftSlope);
        }
    }

    void addLine(std::size_t row, double error, double weight, const PhysicalVector &slope)
    {
        const double size = std::sqrt(error * error + kSoftness * kSoftness);
        m_lines.push_back({row, error, weight / (kTpotScale * size), slope});
    }

    using Shifts = std::vector<PhysicalVector>;

    double along(const Line &line, const Shifts &direction) const
    {
        double sum = 0;
        for (const auto &[group, level] : m_groups[line.row]) {
            double own = 0;
            for (std::size_t c = 0; c < kPhysicalCount; ++c)
                own += line.slope[c] * direction[group][c];
            sum += level * own;
        }
        return sum;
    }

    void scatter(const Line &line, double amount, Shifts &into) const
    {
        for (const auto &[group, level] : m_groups[line.row]) {
            for (std::size_t c = 0; c < kPhysicalCount; ++c)
                into[group][c] += amount * level * line.slope[c];
        }
    }

    // (slopes' weights slopes + 1) direction
    Shifts normal(const Shifts &direction) const
    {
        Shifts result = direction;
        for (const Line &line : m_lines)
            scatter(line, line.weight * along(line, direction), result);
        return result;
    }

    static double dot(const Shifts &a, const Shifts &b)
    {
        double sum = 0;
        for (std::size_t g = 0; g < a.size(); ++g) {
            for (std::size_t c = 0; c < kPhysicalCount; ++c)
                sum += a[g][c] * b[g][c];
        }
        return sum;
    }

    static void add(Shifts &to, double factor, const Shifts &what)
    {
        for (std::size_t g = 0; g < to.size(); ++g) {
            for (std::size_t c = 0; c < kPhysicalCount; ++c)
                to[g][c] += factor * what[g][c];
        }
    }

    Shifts diagonal() const
    {
        Shifts result(m_shift.size());
        for (PhysicalVector &group : result)
            group.fill(1);
        for (const Line &line : m_lines) {
            for (const auto &[group, level] : m_groups[line.row]) {
                for (std::size_t c = 0; c < kPhysicalCount; ++c)
                    result[group][c] += line.weight * level * level * line.slope[c] * line.slope[c];
            }
        }
        return result;
    }

    // One Gauss-Newton round: conjugate gradients on the normal equations.
    void move()
    {
        Shifts residual(m_shift.size());
        add(residual, -1, m_shift);
        for (const Line &line : m_lines)
            scatter(line, line.weight * line.target, residual);
        const Shifts scale = diagonal();
        const auto scaled = [&scale](Shifts shifts) {
            for (std::size_t g = 0; g < shifts.size(); ++g) {
                for (std::size_t c = 0; c < kPhysicalCount; ++c)
                    shifts[g][c] /= scale[g][c];
            }
            return shifts;
        };
        Shifts solution(m_shift.size());
        Shifts towards = scaled(residual);
        Shifts direction = towards;
        double size = dot(residual, towards);
        const double first = size;
        for (int i = 0; i < kConjugateSteps && size > 1e-8 * first; ++i) {
            const Shifts moved = normal(direction);
            const double length = size / dot(direction, moved);
            add(solution, length, direction);
            add(residual, -length, moved);
            towards = scaled(residual);
            const double next = dot(residual, towards);
            Shifts turned = towards;
            add(turned, next / size, direction);
            direction = std::move(turned);
            size = next;
        }
        // No constant of any row moves farther than the slopes can be believed.
        double farthest = 0;
        for (std::size_t row = 0; row < m_groups.size(); ++row) {
            for (std::size_t c = 0; c < kPhysicalCount; ++c) {
                double sum = 0;
                for (const auto &[group, level] : m_groups[row])
                    sum += level * solution[group][c];
                farthest = std::max(farthest, std::abs(sum) * physicalBeliefs()[c].spread);
            }
        }
        add(m_shift, farthest > kFarthestMove ? kFarthestMove / farthest : 1, solution);
    }

    const std::span<const ServingCase> m_cases;
    const std::span<const std::size_t> m_used;
    std::map<std::string, std::size_t> m_index;
    std::map<std::string, double> m_level;
    std::vector<PhysicalVector> m_shift; // in units of level and spread
    std::vector<std::vector<std::pair<std::size_t, double>>> m_groups;
    std::vector<Line> m_lines;
};

} // namespace

ServingKey keyOf(const ModelSpec &model, const DeviceSpec &device, const Deployment &deployment)
{
    const std::string family = familyOf(model);
    return {deployment.servingEngine,
            deployment.engineVersion,
            {},
            device.id,
            family,
            shapeName(model.name),
            precisionOf(deployment.dtype, family),
            modeOf(deployment.layout) + std::to_string(deployment.layout.devices())};
}

ServingKey keyOf(const ServingPoint &point)
{
    return {point.engine,
            point.version,
            point.date.substr(0, 7),
            point.device,
            point.family,
            shapeName(point.model),
            point.precision(),
            point.mode() + std::to_string(point.layout.devices())};
}

Result<std::vector<ServingCase>> casesOf(const ServingTable &table,
                                         const std::vector<ModelSpec> &models,
                                         const std::vector<DeviceSpec> &devices)
{
    std::vector<ServingCase> cases;
    const PhysicalVector start = ServingTree{}.resolve({});
    for (const ServingPoint &point : table.points) {
        const auto model = std::find_if(models.begin(), models.end(),
                                        [&](const ModelSpec &m) { return m.name == point.model; });
        const auto device = std::find_if(devices.begin(), devices.end(),
                                         [&](const DeviceSpec &d) { return d.id == point.device; });
        if (model == models.end() || device == devices.end())
            return fail(ErrorKind::NotFound,
                        "No shape of " + point.model + " or no data of " + point.device + ".");
        Result<StepModel> step = StepModel::create(
            *model, *device, stepTypesOf(*model, point.weights, point.cache), point.layout, start);
        if (!step)
            return tl::make_unexpected(step.error());
        cases.push_back({point, std::move(*step)});
    }
    return cases;
}

ServingTree fitServing(std::span<const ServingCase> cases, std::span<const std::size_t> used,
                       const ServingTree &start)
{
    return Fitter(cases, used, start).fit(start.shifts.empty() ? kRounds : 3);
}

ServingError errorOf(const ServingCase &which, const ServingTree &tree)
{
    const auto [tpot, ttft] =
        logTimes(which.step.with(tree.resolve(keyOf(which.point))), which.point.loop);
    ServingError error;
    if (which.point.tpotMs)
        error.tpot = std::log(*which.point.tpotMs) - tpot;
    if (which.point.ttftMs)
        error.ttft = std::log(*which.point.ttftMs) - ttft;
    return error;
}

} // namespace engine
