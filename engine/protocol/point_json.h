// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/spec/environment.h"
#include "engine/spec/point.h"
#include "engine/spec/result.h"

namespace engine {

// run.json, the object of `bench --json`: {"schema", "env", "model", "points"}.
struct RunDocument
{
    std::string schema = "paretoscope-run/1";
    Environment environment; // with the ceiling_* keys
    Environment model;
    std::vector<Point> points;

    friend bool operator==(const RunDocument &, const RunDocument &) = default;
};

std::string toJson(const RunDocument &run); // indented
Result<RunDocument> parseRun(std::string_view json);

std::string toJson(const Point &point); // one line
Result<Point> parsePoint(std::string_view json);

std::string toJson(const Environment &environment); // one line
Result<Environment> parseEnvironment(std::string_view json);

// curves.csv: a header line, then one row a point; an absent figure is an empty cell.
std::string toCsv(const std::vector<Point> &points);

} // namespace engine
