// SPDX-License-Identifier: GPL-3.0-or-later
// The include rule: engine <- app <- ui, module by module, and the headers kept for one place.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

// Module -> the modules it may include besides itself. A module that is not here may not exist.
const std::map<std::string, Names> &allowedModules()
{
    static const Names engineModules{"engine/spec",    "engine/arguments", "engine/model",
                                     "engine/predict", "engine/infer",     "engine/measure",
                                     "engine/protocol"};
    static const Names appModules{"app/catalog", "app/explore", "app/measure", "app/storage"};
    static const std::map<std::string, Names> table = [] {
        std::map<std::string, Names> t;
        t["engine/spec"] = {};
        t["engine/arguments"] = {"engine/spec"};
        t["engine/model"] = {"engine/spec"};
        t["engine/predict"] = {"engine/spec", "engine/model"};
        t["engine/simulate"] = {"engine/spec", "engine/predict"};
        t["engine/plan"] = {"engine/spec", "engine/predict", "engine/simulate"};
        t["engine/infer"] = {"engine/spec", "engine/model"};
        t["engine/measure"] = {"engine/spec", "engine/infer", "engine/protocol"};
        t["engine/protocol"] = {"engine/spec"};
        t["engine/worker"] = engineModules;
        t["engine/worker"].insert({"engine/simulate", "engine/plan"});
        t["app/catalog"] = {"engine/spec", "engine/model"};
        t["app/measure"] = {"engine/spec", "engine/protocol"};
        t["app/explore"] = {"engine/spec", "engine/model", "engine/predict", "app/catalog",
                            "app/measure"};
        t["app/storage"] = {"engine/spec", "engine/protocol", "app/catalog", "app/explore",
                            "app/measure"};
        t["ui/theme"] = {};
        t["ui/plot"] = {"ui/theme"};
        t["ui/widgets"] = {"engine/spec", "ui/theme"};
        t["ui/views"] = {"engine/spec", "engine/protocol", "app/explore", "app/measure",
                         "app/catalog", "ui/plot",         "ui/widgets",  "ui/theme"};
        t["ui/main_window"] = {"engine/spec", "ui/views", "ui/plot", "ui/widgets", "ui/theme"};
        t["ui/main_window"].insert(appModules.begin(), appModules.end());
        Names &root =
            t["app/main"]; // the composition root sees everything but the engine's process
        root = {"engine/spec",    "engine/arguments", "engine/model",
                "engine/predict", "engine/protocol",  "ui/theme",
                "ui/widgets",     "ui/views",         "ui/main_window"};
        root.insert(appModules.begin(), appModules.end());
        return t;
    }();
    return table;
}

std::string moduleOf(const std::string &path)
{
    const std::size_t first = path.find('/');
    const std::size_t second = path.find('/', first + 1);
    if (second != std::string::npos)
        return path.substr(0, second);
    // Files right below app/ are the composition root.
    return path.compare(0, 4, "app/") == 0 ? "app/main" : path;
}

struct Include
{
    std::string file; // from the root
    std::string header;
    bool angled = false;
};

std::vector<Include> allIncludes()
{
    static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
    std::vector<Include> result;
    const fs::path root = PARETOSCOPE_SOURCE;
    for (const char *top : {"engine", "app", "ui"}) {
        for (const fs::directory_entry &entry : fs::recursive_directory_iterator(root / top)) {
            const std::string extension = entry.path().extension().string();
            if (extension != ".h" && extension != ".cpp" && extension != ".cu" &&
                extension != ".cuh")
                continue;
            std::ifstream stream(entry.path());
            std::string line;
            std::smatch match;
            while (std::getline(stream, line)) {
                if (std::regex_search(line, match, pattern)) {
                    result.push_back({fs::relative(entry.path(), root).generic_string(), match[2],
                                      match[1] == "<"});
                }
            }
        }
    }
    return result;
}

bool isProjectHeader(const std::string &header)
{
    return header.rfind("engine/", 0) == 0 || header.rfind("app/", 0) == 0 ||
           header.rfind("ui/", 0) == 0;
}

bool isQtHeader(const std::string &header)
{
    return header.size() > 1 && header[0] == 'Q' && (std::isupper(header[1]) || header[1] == 't');
}

TEST(Includes, EveryModuleIsDeclaredAndKeepsToItsArrows)
{
    std::size_t seen = 0;
    for (const Include &include : allIncludes()) {
        const std::string module = moduleOf(include.file);
        const auto allowed = allowedModules().find(module);
        ASSERT_NE(allowed, allowedModules().end()) << module << " is not in the table";
        if (include.angled || !isProjectHeader(include.header))
            continue;
        ++seen;
        const std::string target = moduleOf(include.header);
        EXPECT_TRUE(target == module || allowed->second.count(target))
            << include.file << " may not include " << include.header;
    }
    EXPECT_GT(seen, 0u);
}

TEST(Includes, ProjectHeadersAreNamedFromTheRoot)
{
    const fs::path root = PARETOSCOPE_SOURCE;
    for (const Include &include : allIncludes()) {
        // What moc writes beside a source is the one exception.
        if (include.angled || include.header.find(".moc") != std::string::npos)
            continue;
        EXPECT_TRUE(fs::exists(root / include.header)) << include.file << ": " << include.header;
    }
}

TEST(Includes, TheEngineKnowsNoQt)
{
    for (const Include &include : allIncludes()) {
        if (include.file.rfind("engine/", 0) == 0) {
            EXPECT_FALSE(isQtHeader(include.header)) << include.file << ": " << include.header;
        }
    }
}

TEST(Includes, QtChartsStaysInThePlot)
{
    for (const Include &include : allIncludes()) {
        const bool charts =
            include.header.rfind("QtCharts", 0) == 0 ||
            std::regex_search(include.header, std::regex("^Q.*(Chart|Series|ValueAxis)"));
        if (charts) {
            EXPECT_EQ(moduleOf(include.file), "ui/plot") << include.file << ": " << include.header;
        }
    }
}

TEST(Includes, CudaStaysBehindTheDecoder)
{
    for (const Include &include : allIncludes()) {
        if (std::regex_search(include.header, std::regex("^(cuda|cublas|nvml|mma)"))) {
            EXPECT_EQ(include.file.rfind("engine/infer/cuda/", 0), 0u)
                << include.file << ": " << include.header;
        }
    }
}

#ifdef PARETOSCOPE_QT_INCLUDE
// Debian keeps the headers of all Qt modules side by side, so the linker alone would not notice.
TEST(Includes, TheAppLibrariesKnowNoWindows)
{
    const fs::path qt = PARETOSCOPE_QT_INCLUDE;
    ASSERT_TRUE(fs::exists(qt / "QtWidgets" / "QWidget")) << qt;
    for (const Include &include : allIncludes()) {
        const std::string module = moduleOf(include.file);
        if (include.file.rfind("app/", 0) != 0 || module == "app/main" ||
            !isQtHeader(include.header))
            continue;
        const std::string name = include.header.substr(include.header.find('/') + 1);
        for (const char *forbidden : {"QtWidgets", "QtGui", "QtCharts"}) {
            EXPECT_FALSE(fs::exists(qt / forbidden / name))
                << include.file << ": " << include.header;
        }
    }
}
#endif

} // namespace
