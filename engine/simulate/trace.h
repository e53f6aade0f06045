// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "engine/simulate/traffic.h"
#include "engine/spec/result.h"

namespace engine {

// A recorded stream of requests, and what each of them met where the record says so.
struct Trace
{
    struct Times // from the same zero as the arrivals
    {
        Seconds firstToken;
        Seconds lastToken;
    };

    std::vector<UserRequest> requests; // in order of arrival
    std::vector<Times> times;          // one a request, or empty
};

// A CSV with a header line that names the columns, in any order: arrival_s, input_tokens,
// output_tokens, and if wanted prefix_id with prefix_tokens, first_token_s with last_token_s.
// Further columns are left alone. Times are made to start at 0. BadInput names line and column.
Result<Trace> parseTrace(std::string_view csv);

} // namespace engine
