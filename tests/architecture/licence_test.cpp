// SPDX-License-Identifier: GPL-3.0-or-later
// Every source file names its licence in its first lines: Apache-2.0 in the engine and its tests,
// GPL-3.0-or-later elsewhere. Files that cannot carry a line (JSON, pictures) are in REUSE.toml.
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

const fs::path source = PARETOSCOPE_SOURCE;

bool canCarryALine(const fs::path &file)
{
    static const std::set<std::string> extensions{".cpp", ".h",   ".cu", ".cuh", ".cmake", ".md",
                                                  ".sh",  ".txt", ".ts", ".svg", ".in",    ".toml"};
    return extensions.contains(file.extension().string());
}

std::string firstLines(const fs::path &file)
{
    std::ifstream in(file);
    std::string text;
    std::string line;
    for (int i = 0; i < 4 && std::getline(in, line); ++i)
        text += line + '\n';
    return text;
}

std::string licenceOf(const std::string &path)
{
    const bool engine = path.starts_with("engine/") || path.starts_with("tests/engine/");
    return engine ? "Apache-2.0" : "GPL-3.0-or-later";
}

TEST(Licence, EverySourceFileNamesItsOwn)
{
    int seen = 0;
    for (const char *top : {"app", "engine", "ui", "resources", "tests", "packaging", "docs"}) {
        for (const auto &entry : fs::recursive_directory_iterator(source / top)) {
            const std::string path = fs::relative(entry.path(), source).generic_string();
            const bool data = path.find("/data/") != std::string::npos;
            if (!entry.is_regular_file() || data || !canCarryALine(entry.path()))
                continue;
            ++seen;
            const std::string wanted = "SPDX-License-Identifier: " + licenceOf(path);
            EXPECT_NE(firstLines(entry.path()).find(wanted), std::string::npos)
                << path << " does not say \"" << wanted << '"';
        }
    }
    EXPECT_GT(seen, 400);
}

TEST(Licence, TheTextsAreThere)
{
    for (const char *name : {"Apache-2.0.txt", "GPL-3.0-or-later.txt"})
        EXPECT_GT(fs::file_size(source / "LICENSES" / name), 10'000U);
}

} // namespace
