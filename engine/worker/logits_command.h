// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/infer/decoder.h"
#include "engine/spec/result.h"

namespace CLI {
class App;
}

namespace engine {

struct CommandContext;

// Adds `logits`: the logits after each position of given prompts, so that anyone can compare them.
void addLogitsCommand(CLI::App &app, CommandContext &context);

// A prompt of a tokens file: its first `prefill` ids go in together, the others one by one.
struct TokenPrompt
{
    std::vector<TokenId> tokens;
    std::size_t prefill = 0;
};

// Reads {"prompts": [{"tokens": [1, 2, 3], "prefill": 2}, ...]}; without "prefill" all tokens are
// the prompt. Ids must lie in [0, vocabulary); `where` names the text in messages.
Result<std::vector<TokenPrompt>> readTokenPrompts(const std::string &text, const std::string &where,
                                                  int vocabulary);

} // namespace engine
