// SPDX-License-Identifier: Apache-2.0
#include "engine/model/read_text_file.h"

#include <filesystem>
#include <fstream>

namespace engine {

Result<std::string> readTextFile(const std::string &path, std::size_t maxBytes)
{
    namespace fs = std::filesystem;
    std::error_code error;
    if (!fs::exists(path, error))
        return fail(ErrorKind::NotFound, path + " does not exist.");
    if (!fs::is_regular_file(path, error))
        return fail(ErrorKind::BadInput, path + " is not a regular file.");
    const std::uintmax_t size = fs::file_size(path, error);
    if (error)
        return fail(ErrorKind::Io, path + " cannot be read: " + error.message() + ".");
    if (size > maxBytes)
        return fail(ErrorKind::BadInput, path + " has " + std::to_string(size) +
                                             " bytes; at most " + std::to_string(maxBytes) +
                                             " are read.");
    std::ifstream stream(path, std::ios::binary);
    std::string text(std::size_t(size), '\0');
    stream.read(text.data(), std::streamsize(size));
    if (!stream)
        return fail(ErrorKind::Io, path + " cannot be read to its end.");
    return text;
}

} // namespace engine
