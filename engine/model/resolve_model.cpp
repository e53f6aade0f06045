// SPDX-License-Identifier: Apache-2.0
#include "engine/model/resolve_model.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <numeric>
#include <utility>

#include "engine/model/json_fields.h"
#include "engine/model/model_config.h"
#include "engine/model/preset_files.h"
#include "engine/model/read_text_file.h"
#include "engine/spec/work.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxConfigBytes = 16 << 20;

Result<ModelPreset> readPreset(std::string_view text, const std::string &where)
{
    Result<ModelSpec> spec = readModelConfig(text, where);
    if (!spec)
        return tl::make_unexpected(spec.error());
    const Result<nlohmann::json> object = parseJsonObject(text, where);
    if (!object)
        return tl::make_unexpected(object.error());
    JsonFields fields(*object, where);
    ModelPreset preset{.spec = std::move(*spec), .date = fields.text("date", "")};
    preset.spec.name = fields.text("name", fs::path(where).stem().string());
    preset.spec.source = fields.text("source", "");
    if (fields.failed())
        return tl::make_unexpected(fields.error());
    return preset;
}

Result<std::vector<ModelPreset>> readPresetFolder(const fs::path &folder)
{
    std::vector<ModelPreset> presets;
    std::error_code error;
    std::vector<fs::path> files;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        if (it->path().extension() == ".json")
            files.push_back(it->path());
    }
    if (error)
        return fail(ErrorKind::Io, folder.string() + " cannot be read: " + error.message() + ".");
    for (const fs::path &file : files) {
        const Result<std::string> text = readTextFile(file.string(), kMaxConfigBytes);
        if (!text)
            return tl::make_unexpected(text.error());
        Result<ModelPreset> preset = readPreset(*text, file.string());
        if (!preset)
            return tl::make_unexpected(preset.error());
        presets.push_back(std::move(*preset));
    }
    return presets;
}

std::string lowered(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    return text;
}

// Edits that turn one text into the other.
std::size_t editDistance(const std::string &a, const std::string &b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t corner = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t above = row[j + 1];
            row[j + 1] = std::min({corner + (a[i] != b[j]), above + 1, row[j] + 1});
            corner = above;
        }
    }
    return row[b.size()];
}

std::string nearestNames(const std::string &name, const std::vector<ModelPreset> &presets)
{
    constexpr std::size_t kShown = 3;
    const std::string wanted = lowered(name.substr(0, 64));
    std::vector<std::pair<std::size_t, std::string>> ranked;
    for (const ModelPreset &preset : presets)
        ranked.emplace_back(editDistance(wanted, preset.spec.name), preset.spec.name);
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto &a, const auto &b) { return a.first < b.first; });
    std::string text;
    for (std::size_t i = 0; i < std::min(kShown, ranked.size()); ++i)
        text += (i ? ", " : "") + ranked[i].second;
    return text;
}

Result<ResolvedModel> readConfigFile(const fs::path &file, const std::string &name)
{
    const Result<std::string> text = readTextFile(file.string(), kMaxConfigBytes);
    if (!text)
        return tl::make_unexpected(text.error());
    Result<ModelSpec> spec = readModelConfig(*text, file.string());
    if (!spec)
        return tl::make_unexpected(spec.error());
    ResolvedModel model{.spec = std::move(*spec), .weights = {}};
    model.spec.name = name;
    model.spec.source = file.string();
    return model;
}

std::string folderName(const fs::path &folder)
{
    std::error_code error;
    const fs::path whole = fs::weakly_canonical(folder, error);
    const std::string name = (error ? folder : whole).filename().string();
    return name.empty() ? folder.string() : name;
}

} // namespace

Result<std::vector<ModelPreset>> modelPresets(const std::string &resources)
{
    std::vector<ModelPreset> presets;
    const fs::path folder = fs::path(resources) / "models";
    std::error_code error;
    if (!resources.empty() && fs::is_directory(folder, error)) {
        Result<std::vector<ModelPreset>> read = readPresetFolder(folder);
        if (!read)
            return read;
        presets = std::move(*read);
    } else {
        for (const EmbeddedFile &file : embeddedModelFiles()) {
            Result<ModelPreset> preset = readPreset(file.content, std::string(file.name));
            if (!preset)
                return tl::make_unexpected(preset.error());
            presets.push_back(std::move(*preset));
        }
    }
    std::stable_sort(presets.begin(), presets.end(),
                     [](const ModelPreset &a, const ModelPreset &b) {
                         return std::pair(parameterCount(a.spec), a.spec.name) <
                                std::pair(parameterCount(b.spec), b.spec.name);
                     });
    return presets;
}

Result<ResolvedModel> resolveModel(const std::string &nameOrPath, const std::string &resources)
{
    if (nameOrPath.empty())
        return fail(ErrorKind::BadInput, "No model was named: give a preset, a Hugging Face folder "
                                         "or a config.json.");
    Result<std::vector<ModelPreset>> presets = modelPresets(resources);
    if (!presets)
        return tl::make_unexpected(presets.error());
    for (ModelPreset &preset : *presets) {
        if (lowered(nameOrPath) == lowered(preset.spec.name))
            return ResolvedModel{.spec = std::move(preset.spec), .weights = {}};
    }
    std::error_code error;
    const fs::path path(nameOrPath);
    if (fs::is_directory(path, error)) {
        if (!fs::exists(path / "config.json", error))
            return fail(ErrorKind::NotFound, nameOrPath + " has no config.json: it is no Hugging "
                                                          "Face model folder.");
        Result<ResolvedModel> model = readConfigFile(path / "config.json", folderName(path));
        if (model)
            model->weights = {.kind = WeightSource::Kind::Directory, .directory = nameOrPath};
        return model;
    }
    if (fs::exists(path, error)) {
        const bool plain = path.filename() == "config.json";
        return readConfigFile(path, plain ? folderName(fs::absolute(path, error).parent_path())
                                          : path.stem().string());
    }
    return fail(ErrorKind::NotFound, "There is no model \"" + nameOrPath.substr(0, 200) +
                                         "\": it is neither a folder, nor a file, nor a preset; "
                                         "the nearest presets are " +
                                         nearestNames(nameOrPath, *presets) + ".");
}

} // namespace engine
