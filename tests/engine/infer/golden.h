// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/infer/decoder.h"
#include "engine/model/resolve_model.h"

namespace golden {

using namespace engine;

inline const std::vector<std::string> kModels{"llama", "smollm2", "qwen2", "qwen3", "mistral"};

struct Prompt
{
    std::vector<TokenId> tokens;
    std::size_t prefill = 0;
};

struct Golden
{
    ResolvedModel model;
    std::vector<Prompt> prompts;
    std::vector<float> expected; // (positions of all prompts, vocabulary)
};

inline std::string readFile(const std::string &path)
{
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

inline Golden load(const std::string &name)
{
    const std::string folder = std::string(PARETOSCOPE_TEST_DATA) + "/goldens/" + name;
    Golden golden;
    Result<ResolvedModel> model = resolveModel(folder);
    EXPECT_TRUE(model) << model.error().message;
    golden.model = *model;
    const auto tokens = nlohmann::json::parse(readFile(folder + "/tokens.json"));
    for (const auto &prompt : tokens["prompts"])
        golden.prompts.push_back(
            {prompt["tokens"].get<std::vector<TokenId>>(), prompt["prefill"].get<std::size_t>()});
    const std::string npy = readFile(folder + "/expected.npy");
    const std::size_t header = 10 + std::size_t(static_cast<unsigned char>(npy[8])) +
                               256 * std::size_t(static_cast<unsigned char>(npy[9]));
    golden.expected.resize((npy.size() - header) / sizeof(float));
    std::memcpy(golden.expected.data(), npy.data() + header, npy.size() - header);
    return golden;
}

inline DecoderOptions options(DType type, const std::string &isa = {})
{
    DecoderOptions result;
    result.weightType = result.kvType = type;
    result.threads = 2;
    result.maxSequences = 4;
    result.maxPositions = 128;
    result.maxStepTokens = 64;
    result.isa = isa;
    result.poisonCache = true;
    return result;
}

inline std::unique_ptr<Decoder> make(const ResolvedModel &model, const DecoderOptions &options)
{
    auto decoder = makeDecoder(DeviceKind::Cpu, model.spec, model.weights, options, {});
    EXPECT_TRUE(decoder) << decoder.error().message;
    return decoder ? std::move(*decoder) : nullptr;
}

inline SequenceId open(Decoder &decoder)
{
    const Result<SequenceId> sequence = decoder.open();
    EXPECT_TRUE(sequence) << sequence.error().message;
    return sequence ? *sequence : -1;
}

inline std::vector<float> logitsOf(Decoder &decoder, SequenceId sequence,
                                   std::span<const TokenId> tokens)
{
    StepOutput output;
    const TokenSpan span{sequence, tokens, SpanOutput::Logits};
    const Result<void> done = decoder.step({&span, 1}, output, {});
    EXPECT_TRUE(done) << done.error().message;
    return output.logits;
}

// Logits of all positions: the prefill in chunks, then token by token.
inline std::vector<float> run(Decoder &decoder, const std::vector<Prompt> &prompts,
                              std::size_t chunk = 1000)
{
    std::vector<float> logits;
    for (const Prompt &prompt : prompts) {
        const SequenceId sequence = open(decoder);
        std::size_t done = 0;
        while (done < prompt.tokens.size()) {
            const std::size_t step =
                done < prompt.prefill ? std::min(chunk, prompt.prefill - done) : 1;
            const auto part =
                logitsOf(decoder, sequence, std::span(prompt.tokens).subspan(done, step));
            logits.insert(logits.end(), part.begin(), part.end());
            done += step;
        }
        decoder.close(sequence);
    }
    return logits;
}

inline double maxAbsError(const std::vector<float> &a, const std::vector<float> &b)
{
    EXPECT_EQ(a.size(), b.size());
    double worst = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        const double error = std::abs(double(a[i]) - double(b[i]));
        worst = std::isnan(error) ? INFINITY : std::max(worst, error);
    }
    return worst;
}

inline double relativeL2(const std::vector<float> &a, const std::vector<float> &expected)
{
    EXPECT_EQ(a.size(), expected.size());
    double error = 0;
    double norm = 0;
    for (std::size_t i = 0; i < std::min(a.size(), expected.size()); ++i) {
        error += (double(a[i]) - expected[i]) * (double(a[i]) - expected[i]);
        norm += double(expected[i]) * expected[i];
    }
    return std::sqrt(error / norm);
}

} // namespace golden
