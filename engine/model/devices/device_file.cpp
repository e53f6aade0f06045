// SPDX-License-Identifier: Apache-2.0
#include "engine/model/devices/device_file.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "engine/model/devices/cpu_device.h"
#include "engine/model/devices/device_files.h"
#include "engine/model/json_fields.h"
#include "engine/model/read_text_file.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxDeviceBytes = 1 << 20;
constexpr std::size_t kMaxPrices = 100;
constexpr std::size_t kMaxText = 500;
constexpr const char *kSchema = "paretoscope-device/1";

bool isId(const std::string &text)
{
    const auto allowed = [](unsigned char c) {
        return std::islower(c) || std::isdigit(c) || c == '-' || c == '.';
    };
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), allowed);
}

bool isDate(const std::string &text)
{
    // "2026", "2026-08" or "2026-08-06"
    if (text.size() != 4 && text.size() != 7 && text.size() != 10)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 4 || i == 7;
        if (dash ? text[i] != '-' : !std::isdigit(static_cast<unsigned char>(text[i])))
            return false;
    }
    return true;
}

// A text of bounded length without control characters.
std::string boundedText(JsonFields &fields, const char *key, const std::string &fallback)
{
    const std::string text = fields.text(key, fallback);
    const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    if (text.size() > kMaxText || std::any_of(text.begin(), text.end(), control)) {
        fields.complain(ErrorKind::BadInput, std::string(key) + " must be one line of at most " +
                                                 std::to_string(kMaxText) + " bytes.");
    }
    return text;
}

std::string optionalDate(JsonFields &fields)
{
    const std::string date = boundedText(fields, "date", "");
    if (!date.empty() && !isDate(date))
        fields.complain(ErrorKind::BadInput, "date must be written 2026, 2026-08 or 2026-08-06.");
    return date;
}

void readRates(const nlohmann::json &value, const std::string &where, DeviceSpec &device,
               JsonFields &fields)
{
    if (!value.is_object()) {
        fields.complain(ErrorKind::BadInput, "dense_tflops must be an object of rates by type.");
        return;
    }
    JsonFields rates(value, where + ", dense_tflops");
    for (const auto &entry : value.items()) {
        const std::optional<DType> type = dtypeFromName(entry.key());
        if (!type) {
            fields.complain(ErrorKind::BadInput,
                            "dense_tflops knows no type " + shown(entry.key()) +
                                "; it takes fp32, bf16, fp16, fp8, int8, fp4 and int4.");
            return;
        }
        if (!rates.has(entry.key().c_str()))
            continue; // null: not offered
        const double tflops = rates.number(entry.key().c_str(), 1e-6, 1e7);
        device.denseRate[*type] = FlopsPerSecond(tflops * 1e12);
    }
    if (rates.failed())
        fields.complain(rates.error().kind, rates.error().message);
    else if (device.denseRate.empty())
        fields.complain(ErrorKind::BadInput, "dense_tflops must hold one rate at least.");
}

void readPrices(const nlohmann::json &value, const std::string &where, DeviceSpec &device,
                JsonFields &fields)
{
    if (!value.is_array() || value.size() > kMaxPrices) {
        fields.complain(ErrorKind::BadInput, "prices must be a list of at most " +
                                                 std::to_string(kMaxPrices) + " prices.");
        return;
    }
    for (const nlohmann::json &entry : value) {
        if (!entry.is_object()) {
            fields.complain(ErrorKind::BadInput, "each of prices must be an object.");
            return;
        }
        JsonFields price(entry, where + ", prices");
        RentalPrice read;
        read.perHour = price.integer("micro_usd_per_hour", 0, 1'000'000'000'000);
        read.source = boundedText(price, "source", "");
        const std::string term = boundedText(price, "term", "");
        if (!term.empty())
            read.source = term + (read.source.empty() ? "" : "; " + read.source);
        read.date = optionalDate(price);
        if (price.failed()) {
            fields.complain(price.error().kind, price.error().message);
            return;
        }
        device.prices.push_back(std::move(read));
    }
    std::stable_sort(device.prices.begin(), device.prices.end(),
                     [](const RentalPrice &a, const RentalPrice &b) { return a.date > b.date; });
}

DeviceKind readKind(JsonFields &fields)
{
    const std::string kind = fields.text("kind", "gpu");
    if (kind != "gpu" && kind != "cpu")
        fields.complain(ErrorKind::BadInput, "kind must be gpu or cpu.");
    return kind == "cpu" ? DeviceKind::Cpu : DeviceKind::Gpu;
}

std::string readSource(JsonFields &fields)
{
    std::string source = boundedText(fields, "source", "");
    const std::string date = optionalDate(fields);
    const std::string note = boundedText(fields, "note", "");
    if (!date.empty())
        source += (source.empty() ? "" : ", ") + date;
    if (!note.empty())
        source += (source.empty() ? "" : ". ") + note;
    return source;
}

Result<std::vector<DeviceSpec>> readDeviceFolder(const fs::path &folder)
{
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        if (it->path().extension() == ".json")
            files.push_back(it->path());
    }
    if (error)
        return fail(ErrorKind::Io, folder.string() + " cannot be read: " + error.message() + ".");
    std::vector<DeviceSpec> devices;
    for (const fs::path &file : files) {
        Result<DeviceSpec> device = readDeviceFile(file.string());
        if (!device)
            return tl::make_unexpected(device.error());
        devices.push_back(std::move(*device));
    }
    return devices;
}

Result<std::vector<DeviceSpec>> readEmbedded()
{
    std::vector<DeviceSpec> devices;
    for (const EmbeddedFile &file : embeddedDeviceFiles()) {
        Result<DeviceSpec> device = parseDeviceFile(file.content, std::string(file.name));
        if (!device)
            return tl::make_unexpected(device.error());
        devices.push_back(std::move(*device));
    }
    return devices;
}

} // namespace

Result<DeviceSpec> parseDeviceFile(std::string_view json, const std::string &where)
{
    const Result<nlohmann::json> object = parseJsonObject(json, where);
    if (!object)
        return tl::make_unexpected(object.error());
    JsonFields fields(*object, where);
    DeviceSpec device;
    if (const std::string schema = fields.text("schema", kSchema); schema != kSchema) {
        return fail(ErrorKind::Unsupported, where + " has the schema " + shown(schema) +
                                                "; this version reads " + kSchema + ".");
    }
    device.id = fields.text("id", "");
    if (!fields.failed() && !isId(device.id)) {
        fields.complain(ErrorKind::BadInput, "id must be 1 to 64 of a-z, 0-9, dash and full stop.");
    }
    device.name = boundedText(fields, "name", device.id);
    device.kind = readKind(fields);
    device.memory = Bytes(fields.number("memory_gb", 0.01, 1e6) * 1e9);
    device.bandwidth = BytesPerSecond(fields.number("bandwidth_gbs", 0.01, 1e6) * 1e9);
    device.lastLevelCache = Bytes(fields.number("last_level_cache_mib", 0, 1e6, 0) * 1048576);
    device.linkBandwidth = BytesPerSecond(fields.number("link_gbs", 0, 1e6, 0) * 1e9);
    device.watts = fields.number("watts", 0, 1e6, 0);
    const nlohmann::json *rates = fields.find("dense_tflops");
    readRates(rates ? *rates : nlohmann::json::object(), where, device, fields);
    if (const nlohmann::json *prices = fields.find("prices"))
        readPrices(*prices, where, device, fields);
    device.source = readSource(fields);
    if (fields.failed())
        return tl::make_unexpected(fields.error());
    return device;
}

Result<DeviceSpec> readDeviceFile(const std::string &path)
{
    const Result<std::string> text = readTextFile(path, kMaxDeviceBytes);
    if (!text)
        return tl::make_unexpected(text.error());
    return parseDeviceFile(*text, path);
}

Result<std::vector<DeviceSpec>> devicePresets(const std::string &resources)
{
    const fs::path folder = fs::path(resources) / "devices";
    std::error_code error;
    Result<std::vector<DeviceSpec>> devices = !resources.empty() && fs::is_directory(folder, error)
                                                  ? readDeviceFolder(folder)
                                                  : readEmbedded();
    if (devices) {
        std::sort(devices->begin(), devices->end(),
                  [](const DeviceSpec &a, const DeviceSpec &b) { return a.name < b.name; });
    }
    return devices;
}

Result<DeviceSpec> findDevice(const std::string &idOrPath, const std::string &resources)
{
    if (idOrPath == "cpu")
        return cpuDevice(detectCpu());
    const Result<std::vector<DeviceSpec>> presets = devicePresets(resources);
    if (!presets)
        return tl::make_unexpected(presets.error());
    std::string known = "cpu";
    for (const DeviceSpec &device : *presets) {
        if (device.id == idOrPath)
            return device;
        known += ", " + device.id;
    }
    std::error_code error;
    if (fs::exists(idOrPath, error))
        return readDeviceFile(idOrPath);
    return fail(ErrorKind::NotFound, "There is no device " + shown(idOrPath) +
                                         " and no such file; known devices are " + known + ".");
}

} // namespace engine
