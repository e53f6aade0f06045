// SPDX-License-Identifier: Apache-2.0
#include "engine/infer/gpu_backend.h"

#include <filesystem>
#include <optional>
#include <system_error>

#include <dlfcn.h>

namespace engine {
namespace {

constexpr const char *kModuleName = "paretoscope_cuda.so";

// Beside the program, or in the library folder of an installed one.
std::optional<std::filesystem::path> modulePath()
{
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error)
        return std::nullopt;
    const std::filesystem::path folder = program.parent_path();
    for (const auto &path :
         {folder / kModuleName, folder.parent_path() / "lib" / "paretoscope" / kModuleName}) {
        if (std::filesystem::exists(path, error))
            return path;
    }
    return std::nullopt;
}

Result<GpuBackend *> openModule()
{
    const std::optional<std::filesystem::path> path = modulePath();
    if (!path)
        return fail(ErrorKind::DeviceFailed,
                    "This engine has no CUDA module (" + std::string(kModuleName) +
                        " beside the program), so it measures on the CPU only.");
    void *module = dlopen(path->c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!module)
        return fail(ErrorKind::DeviceFailed,
                    "The CUDA module " + path->string() + " does not open; build it again here.",
                    dlerror());
    const auto entry = reinterpret_cast<GpuBackendEntry>(dlsym(module, kGpuBackendSymbol));
    GpuBackend *backend = entry ? entry(kGpuBackendVersion) : nullptr;
    if (!backend)
        return fail(ErrorKind::DeviceFailed,
                    "The CUDA module " + path->string() +
                        " is of another version than this engine; build both together.");
    return backend;
}

} // namespace

Result<GpuBackend *> gpuBackend()
{
    static const Result<GpuBackend *> backend = openModule();
    return backend;
}

} // namespace engine
