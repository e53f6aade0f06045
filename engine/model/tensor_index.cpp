// SPDX-License-Identifier: Apache-2.0
#include "engine/model/tensor_index.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/model/json_fields.h"
#include "engine/model/read_text_file.h"
#include "engine/model/safetensors.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

constexpr const char *kSingleFile = "model.safetensors";
constexpr const char *kIndexFile = "model.safetensors.index.json";
constexpr std::size_t kMaxIndexBytes = 64 << 20;
constexpr std::size_t kMaxShards = 4096;

// A file mapped for reading.
class Mapping
{
public:
    static Result<Mapping> open(const std::string &path)
    {
        const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (file < 0)
            return fail(errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Io,
                        path + " cannot be opened: " + std::strerror(errno) + ".");
        struct stat status = {};
        const bool regular = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
        if (!regular || status.st_size == 0) {
            ::close(file);
            return fail(ErrorKind::BadInput,
                        path + (regular ? " is empty." : " is not a regular file."));
        }
        Mapping result;
        result.m_size = std::size_t(status.st_size);
        void *data = ::mmap(nullptr, result.m_size, PROT_READ, MAP_PRIVATE, file, 0);
        const int error = errno;
        ::close(file);
        if (data == MAP_FAILED)
            return fail(ErrorKind::Io, path + " cannot be mapped: " + std::strerror(error) + ".");
        result.m_data = data;
        return result;
    }

    Mapping(Mapping &&other) noexcept
        : m_data(std::exchange(other.m_data, nullptr)), m_size(std::exchange(other.m_size, 0))
    {
    }
    Mapping &operator=(Mapping &&) = delete;
    ~Mapping()
    {
        if (m_data)
            ::munmap(m_data, m_size);
    }

    std::span<const std::byte> bytes() const
    {
        return {static_cast<const std::byte *>(m_data), m_size};
    }

private:
    Mapping() = default;
    void *m_data = nullptr;
    std::size_t m_size = 0;
};

float halfToFloat(std::uint16_t half)
{
    const std::uint32_t sign = std::uint32_t(half & 0x8000u) << 16;
    const std::uint32_t exponent = (half >> 10) & 0x1fu;
    const std::uint32_t fraction = half & 0x3ffu;
    if (exponent == 0) { // zero or subnormal: exact in fp32
        const float magnitude = float(fraction) * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    const std::uint32_t bits =
        exponent == 31 ? 0x7f800000u | fraction << 13 : (exponent + 112) << 23 | fraction << 13;
    return std::bit_cast<float>(sign | bits);
}

std::string shapeText(std::span<const std::int64_t> shape)
{
    std::string text = "[";
    for (const std::int64_t size : shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    return text + "]";
}

// A shard must lie in the model's own folder: an index may not point elsewhere.
bool isPlainFileName(const std::string &name)
{
    return !name.empty() && name != "." && name != ".." && name.size() <= 255 &&
           name.find('/') == std::string::npos && name.find('\\') == std::string::npos &&
           name.find('\0') == std::string::npos;
}

} // namespace

struct TensorIndex::State
{
    std::string directory;
    std::vector<Mapping> files;
    struct Place
    {
        std::size_t file;
        TensorEntry entry;
    };
    std::map<std::string, Place> places;
    std::vector<std::string> fileNames;

    Result<void> add(const std::string &name)
    {
        const std::string path = (fs::path(directory) / name).string();
        Result<Mapping> mapping = Mapping::open(path);
        if (!mapping)
            return tl::make_unexpected(mapping.error());
        Result<std::vector<TensorEntry>> entries = readSafetensorsHeader(mapping->bytes(), path);
        if (!entries)
            return tl::make_unexpected(entries.error());
        for (TensorEntry &entry : *entries) {
            const std::string tensor = entry.name;
            const auto [place, fresh] = places.try_emplace(tensor, Place{files.size(), entry});
            if (!fresh)
                return fail(ErrorKind::BadInput, path + ": tensor \"" + tensor + "\" is in " +
                                                     fileNames[place->second.file] + " already.");
        }
        files.push_back(std::move(*mapping));
        fileNames.push_back(name);
        return {};
    }

    Result<void> addShards();
    Result<void> addEveryFile();
};

// Folders without the usual names: every *.safetensors counts.
Result<void> TensorIndex::State::addEveryFile()
{
    std::set<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(directory, error), end; !error && it != end;
         it.increment(error)) {
        if (it->path().extension() == ".safetensors" && names.size() < kMaxShards)
            names.insert(it->path().filename().string());
    }
    if (names.empty())
        return fail(ErrorKind::NotFound, directory + " holds no weights: neither " + kSingleFile +
                                             " nor " + kIndexFile + " is there.");
    for (const std::string &name : names) {
        if (Result<void> added = add(name); !added)
            return added;
    }
    return {};
}

Result<void> TensorIndex::State::addShards()
{
    const std::string path = (fs::path(directory) / kIndexFile).string();
    const Result<std::string> text = readTextFile(path, kMaxIndexBytes);
    if (!text)
        return tl::make_unexpected(text.error());
    const Result<nlohmann::json> index = parseJsonObject(*text, path);
    if (!index)
        return tl::make_unexpected(index.error());
    const auto map = index->find("weight_map");
    if (map == index->end() || !map->is_object() || map->empty())
        return fail(ErrorKind::BadInput, path + " has no \"weight_map\" from tensors to files.");
    std::set<std::string> shards;
    for (const auto &[tensor, file] : map->items()) {
        const std::string name = file.is_string() ? file.get<std::string>() : std::string();
        if (!isPlainFileName(name))
            return fail(ErrorKind::BadInput, path + ": tensor " + shown(nlohmann::json(tensor)) +
                                                 " lies in " + shown(file) +
                                                 ", which is not a file of this folder.");
        shards.insert(name);
        if (shards.size() > kMaxShards)
            return fail(ErrorKind::BadInput, path + " names more than 4096 files.");
    }
    for (const std::string &shard : shards) {
        if (Result<void> added = add(shard); !added)
            return added;
    }
    for (const auto &[tensor, file] : map->items()) {
        const auto place = places.find(tensor);
        if (place == places.end() || fileNames[place->second.file] != file.get<std::string>())
            return fail(ErrorKind::BadInput, path + ": tensor " + shown(nlohmann::json(tensor)) +
                                                 " is not in " + shown(file) +
                                                 " as the index says.");
    }
    return {};
}

std::int64_t StoredTensor::elements() const
{
    return std::int64_t(bytes.size()) / (type == StoredType::F32 ? 4 : 2);
}

void readFloats(const StoredTensor &tensor, std::int64_t first, std::int64_t count, float *out)
{
    const std::size_t width = tensor.type == StoredType::F32 ? 4 : 2;
    const std::byte *source = tensor.bytes.data() + std::size_t(first) * width;
    if (tensor.type == StoredType::F32) {
        std::memcpy(out, source, std::size_t(count) * width);
        return;
    }
    for (std::int64_t i = 0; i < count; ++i) {
        std::uint16_t bits = 0;
        std::memcpy(&bits, source + 2 * i, 2);
        out[i] = tensor.type == StoredType::F16 ? halfToFloat(bits)
                                                : std::bit_cast<float>(std::uint32_t(bits) << 16);
    }
}

TensorIndex::TensorIndex(std::unique_ptr<State> state) : m_state(std::move(state)) {}
TensorIndex::TensorIndex(TensorIndex &&) noexcept = default;
TensorIndex &TensorIndex::operator=(TensorIndex &&) noexcept = default;
TensorIndex::~TensorIndex() = default;

Result<TensorIndex> TensorIndex::open(const std::string &directory)
{
    auto state = std::make_unique<State>();
    state->directory = directory;
    std::error_code error;
    const bool sharded = fs::exists(fs::path(directory) / kIndexFile, error);
    const bool single = fs::exists(fs::path(directory) / kSingleFile, error);
    Result<void> added = single    ? state->add(kSingleFile)
                         : sharded ? state->addShards()
                                   : state->addEveryFile();
    if (!added)
        return tl::make_unexpected(added.error());
    return TensorIndex(std::move(state));
}

bool TensorIndex::contains(const std::string &name) const
{
    return m_state->places.count(name) > 0;
}

Result<StoredTensor> TensorIndex::tensor(const std::string &name,
                                         std::span<const std::int64_t> shape) const
{
    const auto found = m_state->places.find(name);
    if (found == m_state->places.end())
        return fail(ErrorKind::BadInput,
                    m_state->directory + ": tensor \"" + name + "\" is missing from the weights.");
    const auto &[file, entry] = found->second;
    const std::string where = m_state->fileNames[file] + ": tensor \"" + name + "\"";
    StoredTensor tensor;
    if (entry.type == "F32")
        tensor.type = StoredType::F32;
    else if (entry.type == "F16")
        tensor.type = StoredType::F16;
    else if (entry.type == "BF16")
        tensor.type = StoredType::Bf16;
    else
        return fail(ErrorKind::Unsupported, where + " is of type " +
                                                shown(nlohmann::json(entry.type)) +
                                                "; readable are F32, F16 and BF16.");
    if (!std::equal(shape.begin(), shape.end(), entry.shape.begin(), entry.shape.end()))
        return fail(ErrorKind::BadInput, where + " has shape " + shapeText(entry.shape) +
                                             " where config.json asks for " + shapeText(shape) +
                                             ".");
    tensor.shape = entry.shape;
    tensor.bytes = m_state->files[file].bytes().subspan(entry.begin, entry.end - entry.begin);
    tensor.file = m_state->fileNames[file];
    return tensor;
}

std::vector<std::string> TensorIndex::names() const
{
    std::vector<std::string> names;
    for (const auto &[name, place] : m_state->places)
        names.push_back(name);
    return names;
}

} // namespace engine
