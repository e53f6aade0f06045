// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/sweep_progress.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unistd.h>

namespace app {

namespace {

constexpr int kBarWidth = 24;

std::string cellOf(std::int64_t batch, std::int64_t context)
{
    return "batch " + std::to_string(batch) + ", context " + std::to_string(context);
}

// Three significant digits, never an exponent.
std::string significant(double value)
{
    const int digits =
        value > 0 ? std::max(0, 2 - static_cast<int>(std::floor(std::log10(value)))) : 0;
    char text[48];
    std::snprintf(text, sizeof text, "%.*f", std::min(digits, 6), value);
    return text;
}

std::string duration(double milliseconds)
{
    return milliseconds < 1000 ? significant(milliseconds) + " ms"
                               : significant(milliseconds / 1000) + " s";
}

std::string wordsOf(const engine::Point &point)
{
    switch (point.status) {
    case engine::PointStatus::Ok:
        // A cell whose first token is still to come has nothing to say yet.
        if (!point.ttftMs.p50 || !point.tpotMs.p50)
            return {};
        return "first token " + duration(*point.ttftMs.p50) + ", each further " +
               duration(*point.tpotMs.p50) +
               (point.outputTps ? ", " + significant(*point.outputTps) + " tok/s" : "");
    case engine::PointStatus::DoesNotFit:
        return "does not fit" + (point.message.empty() ? "" : ": " + point.message);
    case engine::PointStatus::Cancelled:
        return "stopped";
    case engine::PointStatus::Failed:
        return "failed" + (point.message.empty() ? "" : ": " + point.message);
    }
    return {};
}

} // namespace

SweepProgressLine::SweepProgressLine() : m_terminal(isatty(STDERR_FILENO) != 0) {}

void SweepProgressLine::show(const engine::SweepProgress &progress)
{
    if (!m_terminal) {
        if (progress.phase != m_phase)
            note(progress.phase);
        m_phase = progress.phase;
        return;
    }
    erase();
    const int full =
        static_cast<int>(std::lround(std::clamp(progress.fraction, 0.0, 1.0) * kBarWidth));
    m_line = "[" + std::string(static_cast<std::size_t>(full), '#') +
             std::string(static_cast<std::size_t>(kBarWidth - full), '.') + "] " + progress.phase;
    if (progress.cellsTotal > 0)
        m_line += ", " + std::to_string(progress.cellsDone) + " of " +
                  std::to_string(progress.cellsTotal) + " points";
    if (progress.secondsLeft)
        m_line += ", about " + roughTime(*progress.secondsLeft) + " left";
    if (progress.batch > 0)
        m_line += ", " + cellOf(progress.batch, progress.contextTokens);
    std::fputs(m_line.c_str(), stderr);
    std::fflush(stderr);
}

void SweepProgressLine::show(const engine::Point &point)
{
    const std::string words = wordsOf(point);
    std::string &told = m_told[point.workload];
    if (words.empty() || words == told)
        return;
    told = words;
    note(cellOf(point.workload.batch, point.workload.contextTokens) + ": " + words);
}

void SweepProgressLine::note(const std::string &sentence)
{
    const std::string line = m_line;
    erase();
    std::fprintf(stderr, "%s\n%s", sentence.c_str(), line.c_str());
    std::fflush(stderr);
    m_line = line;
}

void SweepProgressLine::finish()
{
    erase();
}

void SweepProgressLine::erase()
{
    if (m_terminal && !m_line.empty())
        std::fprintf(stderr, "\r%s\r", std::string(m_line.size(), ' ').c_str());
    m_line.clear();
}

std::string roughTime(double seconds)
{
    const auto roundedTo = [seconds](double step) {
        return static_cast<long>(std::max(step, std::ceil(seconds / step) * step));
    };
    if (seconds < 55)
        return std::to_string(roundedTo(5)) + " s";
    const long whole = seconds < 600 ? roundedTo(30) : roundedTo(60);
    const std::string minutes = std::to_string(whole / 60) + " min";
    return whole % 60 ? minutes + " " + std::to_string(whole % 60) + " s" : minutes;
}

} // namespace app
