// SPDX-License-Identifier: Apache-2.0
#include "engine/worker/run_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <tuple>

#include <fcntl.h>
#include <unistd.h>

#include "engine/measure/machine.h"

namespace engine {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxRunBytes = 64 * 1024 * 1024;

std::string textOf(const Environment &environment, const char *key)
{
    const auto found = environment.find(key);
    if (found == environment.end() || !std::holds_alternative<std::string>(found->second))
        return {};
    return std::get<std::string>(found->second);
}

tl::unexpected<Error> ioError(const std::string &path)
{
    return fail(ErrorKind::Io,
                "The run cannot be written to " + path + ": " + std::strerror(errno) + ".");
}

bool writeAll(int fd, const std::string &text)
{
    std::size_t written = 0;
    while (written < text.size()) {
        const ssize_t count = ::write(fd, text.data() + written, text.size() - written);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        written += std::size_t(count);
    }
    return fsync(fd) == 0;
}

} // namespace

Result<std::optional<RunDocument>> readRunFile(const std::string &path)
{
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found)
        return std::optional<RunDocument>();
    if (!fs::is_regular_file(status))
        return fail(ErrorKind::BadInput, path + " is no file; name one for the run, run.json.");
    const std::uintmax_t size = fs::file_size(path, error);
    if (error || size > kMaxRunBytes)
        return fail(ErrorKind::BadInput, path + " is too large for a run; choose another --out.");
    std::ifstream stream(path, std::ios::binary);
    std::string text(std::size_t(size), '\0');
    if (!stream.read(text.data(), std::streamsize(size)))
        return fail(ErrorKind::Io, path + " cannot be read.");
    if (text.empty())
        return std::optional<RunDocument>();
    Result<RunDocument> run = parseRun(text);
    if (!run) {
        return fail(ErrorKind::BadInput,
                    path + " holds no run that could be continued (" + run.error().message +
                        "); choose another --out or delete it.",
                    run.error().detail);
    }
    return std::optional(std::move(*run));
}

Result<void> writeRunFile(const std::string &path, const RunDocument &run)
{
    const std::string partial = path + ".partial";
    const int fd = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return ioError(path);
    const bool isWritten = writeAll(fd, toJson(run) + "\n");
    const int fault = errno;
    ::close(fd);
    errno = fault;
    if (!isWritten || std::rename(partial.c_str(), path.c_str()) != 0) {
        auto error = ioError(path);
        ::unlink(partial.c_str());
        return error;
    }
    return {};
}

Result<void> checkResumable(const RunDocument &run, const SweepRequest &request,
                            const std::string &modelName, const std::string &path)
{
    const Environment machine = machineEnvironment();
    const std::tuple<const char *, std::string, std::string> same[] = {
        {"model", textOf(run.environment, "model_name"), modelName},
        {"weight type", textOf(run.environment, "weight_type"),
         std::string(dtypeName(request.dtype))},
        {"backend", textOf(run.environment, "backend"), request.device},
        {"CPU", textOf(run.environment, "cpu_model"), textOf(machine, "cpu_model")}};
    for (const auto &[what, before, now] : same) {
        if (!before.empty() && before != now) {
            return fail(ErrorKind::BadInput, path + " holds a run with another " + what + " (" +
                                                 before + ", now " + now +
                                                 "); choose another --out or delete it.");
        }
    }
    return {};
}

void putPoint(RunDocument &run, const Point &point)
{
    const auto rank = [](const Point &p) {
        return std::tuple(p.workload.contextTokens, p.workload.batch, p.workload.outputTokens);
    };
    const auto place =
        std::lower_bound(run.points.begin(), run.points.end(), point,
                         [&](const Point &a, const Point &b) { return rank(a) < rank(b); });
    if (place != run.points.end() && place->workload == point.workload)
        *place = point;
    else
        run.points.insert(place, point);
}

} // namespace engine
