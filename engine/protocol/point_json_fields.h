// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/protocol/message_fields.h"
#include "engine/spec/environment.h"
#include "engine/spec/point.h"

namespace engine {

// The same as point_json.h on JSON values, for messages that hold points.
OrderedJson pointToJson(const Point &point);
OrderedJson environmentToJson(const Environment &environment);

// `where` names the value in messages.
Result<Point> pointFromJson(const Json &value, const std::string &where);
Result<Environment> environmentFromJson(const Json &value, const std::string &where);

} // namespace engine
