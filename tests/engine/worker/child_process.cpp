// SPDX-License-Identifier: Apache-2.0
#include "child_process.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace engine::testing {
namespace {

using Clock = std::chrono::steady_clock;

// Reads what is there, waiting for it; false at the end or when the time is over.
bool readSome(int fd, std::string &into, Clock::time_point until)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd waiting{fd, POLLIN, 0};
    if (left <= 0 || poll(&waiting, 1, int(left)) <= 0)
        return false;
    char bytes[65536];
    const ssize_t count = ::read(fd, bytes, sizeof bytes);
    if (count <= 0)
        return false;
    into.append(bytes, std::size_t(count));
    return true;
}

} // namespace

ChildProcess::ChildProcess(const std::vector<std::string> &arguments)
{
    int input[2], output[2], errors[2];
    if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0 ||
        pipe2(errors, O_CLOEXEC) != 0)
        std::abort();
    const std::string program = std::string(PARETOSCOPE_BIN) + "/paretoscope-engine";
    std::vector<char *> argv{const_cast<char *>(program.c_str())};
    for (const std::string &argument : arguments)
        argv.push_back(const_cast<char *>(argument.c_str()));
    argv.push_back(nullptr);
    m_pid = fork();
    if (m_pid == 0) {
        dup2(input[0], STDIN_FILENO);
        dup2(output[1], STDOUT_FILENO);
        dup2(errors[1], STDERR_FILENO);
        execv(program.c_str(), argv.data());
        _exit(127);
    }
    ::close(input[0]);
    ::close(output[1]);
    ::close(errors[1]);
    m_input = input[1];
    m_output = output[0];
    m_errors = errors[0];
    std::signal(SIGPIPE, SIG_IGN);
}

ChildProcess::~ChildProcess()
{
    if (!m_exitCode) {
        kill(m_pid, SIGKILL);
        wait();
    }
    for (int fd : {m_input, m_output, m_errors}) {
        if (fd >= 0)
            ::close(fd);
    }
}

void ChildProcess::write(const std::string &text)
{
    std::size_t written = 0;
    while (written < text.size()) {
        const ssize_t count = ::write(m_input, text.data() + written, text.size() - written);
        if (count <= 0)
            return;
        written += std::size_t(count);
    }
}

void ChildProcess::closeInput()
{
    ::close(std::exchange(m_input, -1));
}

void ChildProcess::closeOutput()
{
    ::close(std::exchange(m_output, -1));
}

std::optional<std::string> ChildProcess::readLine()
{
    const Clock::time_point until = Clock::now() + kPatience;
    while (true) {
        if (const std::size_t end = m_buffer.find('\n'); end != std::string::npos) {
            std::string line = m_buffer.substr(0, end);
            m_buffer.erase(0, end + 1);
            return line;
        }
        if (!readSome(m_output, m_buffer, until))
            return std::nullopt;
    }
}

std::string ChildProcess::readAll()
{
    const Clock::time_point until = Clock::now() + kPatience;
    while (readSome(m_output, m_buffer, until)) {
    }
    return std::exchange(m_buffer, {});
}

std::string ChildProcess::readErrors()
{
    std::string text;
    const Clock::time_point until = Clock::now() + kPatience;
    while (readSome(m_errors, text, until)) {
    }
    return text;
}

void ChildProcess::signal(int number)
{
    kill(m_pid, number);
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds patience)
{
    const Clock::time_point until = Clock::now() + patience;
    while (!m_exitCode) {
        int status = 0;
        if (waitpid(m_pid, &status, WNOHANG) == m_pid)
            m_exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        else if (Clock::now() >= until)
            return std::nullopt;
        else
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return m_exitCode;
}

Finished runEngine(const std::vector<std::string> &arguments)
{
    ChildProcess child(arguments);
    child.closeInput();
    Finished finished;
    // Both streams are short enough for their pipes, or stdout is drained first.
    finished.output = child.readAll();
    finished.errors = child.readErrors();
    finished.exitCode = child.wait().value_or(-1);
    return finished;
}

} // namespace engine::testing
