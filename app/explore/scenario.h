// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

#include <QDate>
#include <QJsonObject>
#include <QString>

#include "engine/spec/dtype.h"
#include "engine/spec/units.h"
#include "engine/spec/workload.h"

namespace app {

// What runs along the charts' x axis; the other one is held at the scenario's value.
enum class CurveAxis { Batch, Context };

// A bound that the user cares about. Switched off, it keeps its value.
struct Limit
{
    bool on = false;
    double value = 0;

    friend bool operator==(const Limit &, const Limit &) = default;
};

struct Limits
{
    Limit ttftMs{false, 2000};        // at most
    Limit tokensPerSecond{false, 20}; // of one user, at least
    Limit usdPerMillion{false, 1};    // blended, at most

    friend bool operator==(const Limits &, const Limits &) = default;
};

// Everything that the user can choose. One value is the whole state of the window: undo is a stack
// of these, a file is one of these.
struct Scenario
{
    QString name;                                   // empty = untitled
    QString model = QStringLiteral("llama-3.1-8b"); // preset, folder or config.json
    QString device = QStringLiteral("h100-sxm");    // DeviceSpec::id
    engine::DType dtype = engine::DType::Bf16;
    engine::DType kvDtype = engine::DType::Bf16;
    engine::Workload workload{8, 2048, 256};
    engine::MicroUsd usdPerHour = 0; // of one device, in millionths of a dollar
    double utilisation = 1;          // share of the hour that is paid work, (0, 1]
    double inputPerOutput = 3;       // tokens in to tokens out, of blended prices
    double cachedShare = 0;          // of the input, 0..1
    CurveAxis axis = CurveAxis::Batch;
    Limits limits;
    QString offers = QStringLiteral("deepseek-r1"); // family or model whose offers are shown
    QDate offersAsOf;  // the day whose prices are shown; invalid = today
    QJsonObject extra; // keys of a scenario file that this version does not know

    friend bool operator==(const Scenario &, const Scenario &) = default;
};

} // namespace app
