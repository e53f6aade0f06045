// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace engine::testing {

// The engine's program as a child with pipes on its three streams. Nothing waits for ever: what
// does not come within `kPatience` is absent.
class ChildProcess
{
public:
    static constexpr std::chrono::seconds kPatience{60};

    explicit ChildProcess(const std::vector<std::string> &arguments);
    ~ChildProcess(); // kills it
    ChildProcess(const ChildProcess &) = delete;
    ChildProcess &operator=(const ChildProcess &) = delete;

    void write(const std::string &text);
    void writeLine(const std::string &line) { write(line + "\n"); }
    void closeInput();
    void closeOutput(); // of the child: nobody reads its stdout any more

    // The next line of stdout, or nothing at its end or when the patience is over.
    std::optional<std::string> readLine();
    std::string readAll();    // the rest of stdout
    std::string readErrors(); // stderr until its end

    void signal(int number);
    pid_t pid() const { return m_pid; }
    // The exit code, 128 + signal when killed; absent when it does not end in time.
    std::optional<int> wait(std::chrono::milliseconds patience = kPatience);

private:
    pid_t m_pid = -1;
    int m_input = -1;
    int m_output = -1;
    int m_errors = -1;
    std::string m_buffer;
    std::optional<int> m_exitCode;
};

// What a program printed and how it ended.
struct Finished
{
    std::string output;
    std::string errors;
    int exitCode = -1;
};
Finished runEngine(const std::vector<std::string> &arguments);

} // namespace engine::testing
