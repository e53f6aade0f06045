// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/catalog_arguments.h"

#include <CLI/CLI.hpp>

#include "app/catalog/catalog_file.h"
#include "engine/arguments/arguments.h"

namespace app {

using engine::ErrorKind;

// What CLI11 fills.
struct CatalogArguments::Texts
{
    CLI::App *catalog = nullptr;
    CLI::App *list = nullptr;
    CLI::App *import = nullptr;
    CLI::App *cost = nullptr;
    CLI::App *check = nullptr;
    CLI::App *refresh = nullptr;
    std::string file, model, provider, asOf, path, dated, offer, at, source, url;
    std::int64_t input = 0, cached = 0, written = 0, output = 0, reasoning = 0;
    std::vector<std::int64_t> accept, reject;
    bool json = false, csv = false, dryRun = false, force = false, undo = false;
    bool on = false, off = false;
};

namespace {

constexpr engine::CountRange kTokens{0, std::int64_t(1) << 40};
constexpr engine::CountRange kRecords{1, std::int64_t(1) << 40};

CLI::App *add(CLI::App *catalog, const char *name, const char *words, std::string &file, bool &json)
{
    CLI::App *command = catalog->add_subcommand(name, words);
    engine::addText(*command, "--catalog", file, "Another catalog.sqlite")->type_name("FILE");
    command->add_flag("--json", json, "Print JSON; prices are millionths per million tokens");
    return command;
}

engine::Result<QDate> day(const char *option, const std::string &text)
{
    const QDate date = QDate::fromString(QString::fromStdString(text), Qt::ISODate);
    if (!date.isValid())
        return engine::fail(ErrorKind::BadInput, std::string(option) +
                                                     " must be a day such as 2025-07-15, not \"" +
                                                     text + "\".");
    return date;
}

} // namespace

CatalogArguments::CatalogArguments(CLI::App &program) : m_texts(std::make_unique<Texts>())
{
    Texts &t = *m_texts;
    t.catalog =
        program.add_subcommand("catalog", "What is known of hosted offers: prices, waits, sources");
    t.catalog->require_subcommand(1);

    t.list = add(t.catalog, "list", "Print the offers of a day", t.file, t.json);
    engine::addText(*t.list, "--model", t.model, "A model or a family, as deepseek-r1");
    engine::addText(*t.list, "--provider", t.provider, "A provider, as azure");
    engine::addText(*t.list, "--as-of", t.asOf, "The day, as 2025-07-15 (default: today)")
        ->type_name("DAY");
    t.list->add_flag("--csv", t.csv, "Print CSV that catalog import reads and a spreadsheet may");
    t.list->footer("Examples:\n"
                   "  paretoscope catalog list --model deepseek-r1 --as-of 2025-07-15\n"
                   "  paretoscope catalog list --provider deepseek --json\n");

    t.import =
        add(t.catalog, "import", "Merge a price list; its format is recognised", t.file, t.json);
    t.import->add_option("file", t.path, "The list, or - for the standard input")
        ->type_name("FILE")
        ->required();
    t.import->add_flag("--dry-run", t.dryRun, "Print what would change and write nothing");
    t.import->add_flag("--force", t.force, "Take a list that has shrunk by more than 30%");
    engine::addText(*t.import, "--dated", t.dated,
                    "The day that the list is of (default: what it says, else its file)")
        ->type_name("DAY");
    t.import->footer("Reads: litellm, models.dev (api.json), OpenRouter /models and /endpoints, "
                     "genai-prices, llm-prices, and the JSON and CSV of docs/catalog.md.\n"
                     "Examples:\n"
                     "  paretoscope catalog import model_prices_and_context_window.json --dry-run\n"
                     "  curl https://models.dev/api.json | paretoscope catalog import -\n");

    t.cost = add(t.catalog, "cost", "What one request costs at an offer", t.file, t.json);
    engine::addText(*t.cost, "--offer", t.offer, "The offer's id, as catalog list prints it")
        ->type_name("ID")
        ->required();
    engine::addCount(*t.cost, "--input", t.input, kTokens,
                     "Tokens of the prompt, cached ones included")
        ->type_name("N");
    engine::addCount(*t.cost, "--cached", t.cached, kTokens,
                     "Of these, tokens that the cache holds")
        ->type_name("N");
    engine::addCount(*t.cost, "--written", t.written, kTokens,
                     "Of these, tokens that are written to the cache")
        ->type_name("N");
    engine::addCount(*t.cost, "--output", t.output, kTokens, "Tokens of the answer")
        ->type_name("N");
    engine::addCount(*t.cost, "--reasoning", t.reasoning, kTokens, "Tokens of thinking before it")
        ->type_name("N");
    t.cost
        ->add_option("--at", t.at, "When the request ends, as 2026-09-15T12:00:00Z (default: now)")
        ->type_name("TIME");
    t.cost->footer("Example:\n"
                   "  paretoscope catalog cost --offer deepseek/deepseek-v4-pro --input 50000 "
                   "--cached 48000 --output 500 --at 2026-09-15T12:00:00Z\n");

    t.check = add(t.catalog, "check",
                  "Is the file whole, what waits for review, what has grown old", t.file, t.json);
    engine::addCounts(*t.check, "--accept", t.accept, kRecords, "Accept these held records, as 3,7")
        ->type_name("N");
    engine::addCounts(*t.check, "--reject", t.reject, kRecords, "Reject these held records")
        ->type_name("N");
    t.check->add_flag("--undo", t.undo, "Take back the last decision or price of your own");

    t.refresh =
        add(t.catalog, "refresh", "Fetch a price list from where it is published", t.file, t.json);
    t.refresh->add_option("source", t.source, "Whose (default: list the sources)");
    auto *on = t.refresh->add_flag("--on", t.on, "From now on it may be asked");
    t.refresh->add_flag("--off", t.off, "From now on it may not")->excludes(on);
    engine::addText(*t.refresh, "--url", t.url, "Its address, where it is not the usual one")
        ->type_name("URL");
    t.refresh->add_flag("--dry-run", t.dryRun, "Print what would change and write nothing");
    t.refresh->footer("Nothing is fetched from a source until it is turned on:\n"
                      "  paretoscope catalog refresh litellm --on\n"
                      "  paretoscope catalog refresh litellm\n");
}

CatalogArguments::~CatalogArguments() = default;

bool CatalogArguments::parsed() const
{
    return m_texts->catalog->parsed();
}

engine::Result<CommandLine> CatalogArguments::take() const
{
    const Texts &t = *m_texts;
    CommandLine wanted;
    wanted.task = CommandLine::Task::Catalog;
    CatalogRequest &request = wanted.catalog;
    using Task = CatalogRequest::Task;
    request.task = t.import->parsed()    ? Task::Import
                   : t.cost->parsed()    ? Task::Cost
                   : t.check->parsed()   ? Task::Check
                   : t.refresh->parsed() ? Task::Refresh
                                         : Task::List;
    request.file = QString::fromStdString(t.file);
    request.json = request.list.json = t.json;
    request.list.csv = t.csv;
    request.list.model = QString::fromStdString(t.model);
    request.list.provider = QString::fromStdString(t.provider);
    request.path = QString::fromStdString(t.path);
    request.dryRun = t.dryRun;
    request.force = t.force;
    request.offer = QString::fromStdString(t.offer);
    request.tokens = {.input = t.input,
                      .cacheRead = t.cached,
                      .cacheWrite = t.written,
                      .output = t.output,
                      .reasoning = t.reasoning};
    request.accept.assign(t.accept.begin(), t.accept.end());
    request.reject.assign(t.reject.begin(), t.reject.end());
    request.undo = t.undo;
    request.source = QString::fromStdString(t.source);
    request.url = QString::fromStdString(t.url);
    if (t.on || t.off)
        request.enable = t.on;
    if (!t.asOf.empty()) {
        const auto date = day("--as-of", t.asOf);
        if (!date)
            return tl::make_unexpected(date.error());
        request.list.asOf = *date;
    }
    if (!t.dated.empty()) {
        const auto date = day("--dated", t.dated);
        if (!date)
            return tl::make_unexpected(date.error());
        request.dated = *date;
    }
    if (!t.at.empty()) {
        request.at = parseInstant(QString::fromStdString(t.at));
        if (!request.at)
            return engine::fail(ErrorKind::BadInput,
                                "--at must be a day or an instant in UTC such as "
                                "2026-09-15T12:00:00Z, not \"" +
                                    t.at + "\".");
    }
    return wanted;
}

} // namespace app
