// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/logits_command.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <span>

#include <CLI/CLI.hpp>

#include "engine/arguments/arguments.h"
#include "engine/model/json_fields.h"
#include "engine/model/read_text_file.h"
#include "engine/model/resolve_model.h"
#include "engine/protocol/messages.h"
#include "engine/worker/command.h"

namespace engine {
namespace {

constexpr std::size_t kMaxTokensFile = 64 << 20;

struct LogitsRequest
{
    std::string model;
    std::string tokensFile;
    std::string dtype = "fp32";
    std::string device = "cpu";
    std::string isa;
    int threads = 0;
    std::int64_t chunk = 512;
    bool json = false;
};

// Writes rows as they come, so that long prompts need no memory for all of them.
class RowPrinter
{
public:
    RowPrinter(bool json, int vocabulary) : m_json(json), m_vocabulary(std::size_t(vocabulary)) {}

    void begin()
    {
        if (m_json)
            std::fputs("{\"prompts\":[", stdout);
    }
    void beginPrompt()
    {
        if (m_json)
            std::fputs(m_prompt > 0 ? ",{\"logits\":[" : "{\"logits\":[", stdout);
        ++m_prompt;
        m_position = 0;
    }
    void rows(std::span<const float> logits)
    {
        for (; !logits.empty(); logits = logits.subspan(m_vocabulary)) {
            if (m_json)
                jsonRow(logits.first(m_vocabulary));
            else
                textRow(logits.first(m_vocabulary));
            ++m_position;
        }
    }
    void endPrompt()
    {
        if (m_json)
            std::fputs("]}", stdout);
    }
    // False when what was printed did not all reach its reader.
    bool end()
    {
        if (m_json)
            std::fputs("]}\n", stdout);
        return std::fflush(stdout) == 0 && !std::ferror(stdout);
    }

private:
    void jsonRow(std::span<const float> row) const
    {
        std::string text = m_position > 0 ? ",[" : "[";
        char number[32];
        for (std::size_t i = 0; i < row.size(); ++i) {
            // Nine digits bring back the same float; JSON has no word for what is not finite.
            std::snprintf(number, sizeof number, std::isfinite(row[i]) ? "%.9g" : "null",
                          double(row[i]));
            if (i > 0)
                text += ',';
            text += number;
        }
        text += ']';
        std::fwrite(text.data(), 1, text.size(), stdout);
    }
    void textRow(std::span<const float> row) const
    {
        const auto best = std::max_element(row.begin(), row.end());
        std::printf("prompt %zu position %zu: token %td with logit %.6g\n", m_prompt,
                    m_position + 1, best - row.begin(), double(*best));
    }

    bool m_json;
    std::size_t m_vocabulary;
    std::size_t m_prompt = 0;
    std::size_t m_position = 0;
};

Result<void> printPrompt(Decoder &decoder, const TokenPrompt &prompt, std::int64_t chunk,
                         RowPrinter &printer)
{
    const Result<SequenceId> sequence = decoder.open();
    if (!sequence)
        return tl::make_unexpected(sequence.error());
    StepOutput output;
    printer.beginPrompt();
    for (std::size_t done = 0; done < prompt.tokens.size();) {
        const std::size_t count = done < prompt.prefill
                                      ? std::min(std::size_t(chunk), prompt.prefill - done)
                                      : std::size_t{1};
        const TokenSpan span{*sequence, std::span(prompt.tokens).subspan(done, count),
                             SpanOutput::Logits};
        if (Result<void> stepped = decoder.step({&span, 1}, output, {}); !stepped)
            return stepped;
        printer.rows(output.logits);
        done += count;
    }
    printer.endPrompt();
    decoder.close(*sequence);
    return {};
}

Result<DeviceKind> deviceKind(const std::string &device)
{
    if (device == "cpu")
        return DeviceKind::Cpu;
    if (device.rfind("cuda", 0) == 0)
        return DeviceKind::Gpu;
    return fail(ErrorKind::BadInput,
                "There is no device \"" + device.substr(0, 60) + "\"; use cpu or cuda:N.");
}

Result<void> runLogits(const LogitsRequest &request, const CommandContext &context)
{
    const Result<DeviceKind> device = deviceKind(request.device);
    if (!device)
        return tl::make_unexpected(device.error());
    const std::optional<DType> type = dtypeFromName(request.dtype);
    if (!type)
        return fail(ErrorKind::BadInput,
                    "There is no type \"" + request.dtype.substr(0, 60) + "\"; use fp32 or bf16.");
    const Result<ResolvedModel> model = resolveModel(request.model, context.resourcesDirectory);
    if (!model)
        return tl::make_unexpected(model.error());
    const Result<std::string> text = readTextFile(request.tokensFile, kMaxTokensFile);
    if (!text)
        return tl::make_unexpected(text.error());
    const Result<std::vector<TokenPrompt>> prompts =
        readTokenPrompts(*text, request.tokensFile, model->spec.vocabulary);
    if (!prompts)
        return tl::make_unexpected(prompts.error());

    std::size_t longest = 1;
    std::size_t longestPrefill = 1;
    for (const TokenPrompt &prompt : *prompts) {
        longest = std::max(longest, prompt.tokens.size());
        longestPrefill = std::max(longestPrefill, prompt.prefill);
    }
    DecoderOptions options;
    options.weightType = *type;
    options.kvType = *type;
    options.threads = request.threads;
    options.maxPositions = std::int64_t(longest);
    // Rows of logits at a time: 64 MiB of them at most.
    options.maxStepTokens =
        std::clamp<std::int64_t>((std::int64_t{16} << 20) / model->spec.vocabulary, 1,
                                 std::min(request.chunk, std::int64_t(longestPrefill)));
    options.isa = request.isa;
    const auto decoder = makeDecoder(*device, model->spec, model->weights, options, {});
    if (!decoder)
        return tl::make_unexpected(decoder.error());
    RowPrinter printer(request.json, model->spec.vocabulary);
    printer.begin();
    for (const TokenPrompt &prompt : *prompts) {
        if (Result<void> done = printPrompt(**decoder, prompt, options.maxStepTokens, printer);
            !done)
            return done;
    }
    if (!printer.end())
        return fail(ErrorKind::Io, "The output could not be written to its end.");
    return {};
}

Result<TokenPrompt> readPrompt(const nlohmann::json &object, const std::string &where,
                               int vocabulary)
{
    const auto tokens = object.is_object() ? object.find("tokens") : object.end();
    if (!object.is_object() || tokens == object.end() || !tokens->is_array() || tokens->empty())
        return fail(ErrorKind::BadInput,
                    where + " must be an object whose \"tokens\" is a list of token ids.");
    TokenPrompt prompt;
    prompt.tokens.reserve(tokens->size());
    for (const nlohmann::json &token : *tokens) {
        const bool whole = token.is_number_integer();
        if (!whole || token < 0 || token >= vocabulary)
            return fail(ErrorKind::BadInput, where + " holds token " + shown(token) +
                                                 "; ids must be whole numbers from 0 to " +
                                                 std::to_string(vocabulary - 1) +
                                                 ", the model's vocabulary.");
        prompt.tokens.push_back(token.get<TokenId>());
    }
    JsonFields fields(object, where);
    const auto count = std::int64_t(prompt.tokens.size());
    prompt.prefill = std::size_t(fields.integer("prefill", 1, count, count));
    if (fields.failed())
        return tl::make_unexpected(fields.error());
    return prompt;
}

} // namespace

Result<std::vector<TokenPrompt>> readTokenPrompts(const std::string &text, const std::string &where,
                                                  int vocabulary)
{
    const std::string form = R"(, as {"prompts": [{"tokens": [1, 2, 3]}]}.)";
    // A bare list parses, but says neither where prompts begin nor how they go in.
    if (const std::size_t first = text.find_first_not_of(" \t\r\n");
        first != std::string::npos && text[first] == '[')
        return fail(ErrorKind::BadInput,
                    where + " holds a bare list; it must be an object with \"prompts\"" + form);
    const Result<nlohmann::json> file = parseJsonObject(text, where);
    if (!file)
        return tl::make_unexpected(file.error());
    const auto list = file->find("prompts");
    if (list == file->end() || !list->is_array() || list->empty())
        return fail(ErrorKind::BadInput,
                    where + " must have \"prompts\", a list of prompts" + form);
    std::vector<TokenPrompt> prompts;
    for (const nlohmann::json &object : *list) {
        Result<TokenPrompt> prompt = readPrompt(
            object, where + ", prompt " + std::to_string(prompts.size() + 1), vocabulary);
        if (!prompt)
            return tl::make_unexpected(prompt.error());
        prompts.push_back(std::move(*prompt));
    }
    return prompts;
}

void addLogitsCommand(CLI::App &app, CommandContext &context)
{
    CLI::App *command = app.add_subcommand(
        "logits", "Print the logits after each position of given prompts, to check the engine");
    const auto request = std::make_shared<LogitsRequest>();
    addText(*command, "--model", request->model, "Preset, Hugging Face folder or config.json")
        ->type_name("NAME|DIR|config.json")
        ->required();
    addText(
        *command, "--tokens", request->tokensFile,
        "JSON file: {\"prompts\": [{\"tokens\": [...], \"prefill\": n}]}; the first n ids go in "
        "together, the others one by one")
        ->type_name("FILE")
        ->required();
    addChoice(*command, "--dtype", request->dtype, {"fp32", "bf16"},
              "Weights and KV cache: fp32 or bf16");
    addText(*command, "--device", request->device, "cpu or cuda:N")->type_name("cpu|cuda:N");
    addCount(*command, "--threads", request->threads, {0, kMaxThreads},
             "Threads; 0 takes every core");
    addCount(*command, "--chunk", request->chunk, {1, 65536},
             "Longest piece of a prompt in one step");
    addText(*command, "--isa", request->isa,
            "Kernel variant: amx, avx512bf16, avx2 or portable; the best by itself")
        ->type_name("NAME");
    command->add_flag("--json", request->json,
                      "Print {\"prompts\":[{\"logits\":[[...],...]}]} instead of the likeliest "
                      "token of each position");
    command->footer("Example: paretoscope-engine logits --model DIR --tokens tokens.json --json\n");
    command->callback([request, &context] {
        if (const Result<void> done = runLogits(*request, context); !done)
            reportError(context, done.error());
    });
}

} // namespace engine
