// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

// A folder of a test's own that goes when it goes.
class TemporaryFolder
{
public:
    TemporaryFolder()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "model-XXXXXX").string();
        m_path = mkdtemp(pattern.data());
    }
    ~TemporaryFolder()
    {
        std::error_code error;
        std::filesystem::remove_all(m_path, error);
    }
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;

    std::string path(const std::string &name = {}) const
    {
        return name.empty() ? m_path : m_path + "/" + name;
    }
    void write(const std::string &name, std::string_view content) const
    {
        std::ofstream(path(name), std::ios::binary) << content;
    }

private:
    std::string m_path;
};

// The bytes of a safetensors file with this header text and data.
inline std::string safetensors(const std::string &header, const std::string &data)
{
    std::string file;
    for (int i = 0; i < 8; ++i)
        file += char((header.size() >> (8 * i)) & 0xff);
    return file + header + data;
}
