// SPDX-License-Identifier: Apache-2.0
#include "engine/measure/machine.h"

#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

namespace {

using namespace engine;
namespace fs = std::filesystem;

// A machine made of a few files.
class Machine : public testing::Test
{
protected:
    void SetUp() override
    {
        std::string name = (fs::temp_directory_path() / "machine-XXXXXX").string();
        m_root = mkdtemp(name.data());
    }
    void TearDown() override { fs::remove_all(m_root); }

    void write(const std::string &file, const std::string &text)
    {
        fs::create_directories((m_root / file).parent_path());
        std::ofstream(m_root / file) << text;
    }
    void writeCache(int index, int level, const std::string &type, const std::string &size)
    {
        const std::string folder =
            "sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/";
        write(folder + "level", std::to_string(level) + "\n");
        write(folder + "type", type + "\n");
        write(folder + "size", size + "\n");
    }

    fs::path m_root;
};

TEST_F(Machine, IsDescribedFromItsFiles)
{
    write("proc/cpuinfo", "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\nphysical id\t: 0\n"
                          "cpu MHz\t\t: 2100.500\nflags\t\t: fpu hypervisor avx2\n\n"
                          "processor\t: 1\nmodel name\t: Some CPU @ 2 GHz\nphysical id\t: 1\n");
    write("proc/meminfo", "MemTotal:       1000 kB\nMemAvailable:    600 kB\n");
    write("proc/loadavg", "0.75 0.5 0.25 1/100 42\n");
    write("etc/os-release", "NAME=\"X\"\nPRETTY_NAME=\"Some Linux 12\"\n");
    write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    write("sys/devices/system/node/node0/x", "");
    write("sys/devices/system/node/node1/x", "");
    write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
    writeCache(0, 1, "Data", "48K");
    writeCache(1, 2, "Unified", "2048K");
    writeCache(2, 3, "Unified", "32M");
    const Environment environment = machineEnvironment(m_root);
    const auto is = [&](const char *key, const EnvironmentValue &value) {
        return environment.at(key) == value;
    };
    EXPECT_TRUE(is("cpu_model", std::string("Some CPU @ 2 GHz")));
    EXPECT_TRUE(is("cpu_sockets", std::int64_t(2)));
    EXPECT_TRUE(is("cpu_mhz", 2100.5));
    EXPECT_TRUE(is("virtualised", true));
    EXPECT_TRUE(is("mem_bytes", std::int64_t(1024000)));
    EXPECT_TRUE(is("load_avg", 0.75));
    EXPECT_TRUE(is("os", std::string("Some Linux 12")));
    EXPECT_TRUE(is("cpu_governor", std::string("powersave")));
    EXPECT_TRUE(is("numa_nodes", std::int64_t(2)));
    EXPECT_TRUE(is("huge_pages", std::string("madvise")));
    EXPECT_TRUE(is("l2_bytes", std::int64_t(2048 * 1024)));
    EXPECT_TRUE(is("l3_bytes", std::int64_t(32 * 1024 * 1024)));
    EXPECT_EQ(lastLevelCacheBytes(m_root), 32 * 1024 * 1024);
    EXPECT_TRUE(is("gpu_name", EnvironmentValue()));
}

TEST_F(Machine, WithoutFilesIsUnknownNotZero)
{
    const Environment environment = machineEnvironment(m_root);
    for (const char *key : {"cpu_model", "cpu_sockets", "mem_bytes", "load_avg", "l3_bytes",
                            "huge_pages", "os", "virtualised", "cpu_governor"})
        EXPECT_EQ(environment.at(key), EnvironmentValue()) << key;
    EXPECT_FALSE(lastLevelCacheBytes(m_root));
    EXPECT_FALSE(readLoad(m_root));
}

TEST_F(Machine, NonsenseInItsFilesIsUnknown)
{
    write("proc/meminfo", "\xff\xfe");
    write("proc/loadavg", "none\n");
    write("proc/stat", "intr 5\n");
    writeCache(0, 3, "Unified", "big");
    EXPECT_EQ(machineEnvironment(m_root).at("load_avg"), EnvironmentValue());
    EXPECT_FALSE(readLoad(m_root));
    EXPECT_FALSE(lastLevelCacheBytes(m_root));
}

TEST_F(Machine, LoadIsReadAsSecondsSinceBoot)
{
    const double tick = 1.0 / double(sysconf(_SC_CLK_TCK));
    write("proc/stat", "cpu  100 10 20 1000 5 1 2 30 0 0\ncpu0 1 2 3\n");
    write("proc/loadavg", "1.5 1 1 1/1 1\n");
    const std::optional<LoadReading> load = readLoad(m_root);
    ASSERT_TRUE(load);
    EXPECT_NEAR(load->busySeconds, 133 * tick, 1e-9);
    EXPECT_NEAR(load->stealSeconds, 30 * tick, 1e-9);
    EXPECT_NEAR(load->totalSeconds, 1168 * tick, 1e-9);
    EXPECT_EQ(load->loadAverage, 1.5);
    EXPECT_FALSE(load->coreMhz);
    EXPECT_GT(load->ownSeconds, 0);
}

TEST(ThisMachine, HasAnEnvironmentWithTheKeysThatReproduceARun)
{
    const Environment environment = machineEnvironment();
    for (const char *key :
         {"app_version", "compiler", "compile_flags", "kernel", "cpu_model", "mem_bytes"})
        EXPECT_NE(environment.at(key), EnvironmentValue()) << key;
}

} // namespace
