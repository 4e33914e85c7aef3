#include "rules/config/command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "rules/cel/unicode.hpp"
#include "rules/config/shell_launcher.hpp"
#include "state/model/excerpt.hpp"
#include "state/model/write_all.hpp"

namespace usher {
namespace {

constexpr std::size_t most_output = 1U << 20U;

/// One end to read, one for the child to write.
struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) == 0) {
      read = ends[0];
      write = ends[1];
    }
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(read);
    close(write);
  }
  static void close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }
};

/// A file without a name that holds the whole text, at its beginning; -1: it cannot be made, and errno says
/// why. No reader that ends early breaks it, as it would a pipe.
int file_of(const std::string& text) {
  const int file = ::memfd_create("input", MFD_CLOEXEC);
  if (file < 0 || (write_all(file, text) && ::lseek(file, 0, SEEK_SET) == 0)) return file;
  const int error = errno;
  ::close(file);
  errno = error;
  return -1;
}

/// input: null: there is none. 0, or an errno that says why it cannot be started.
int start_command(const std::string& command, const std::filesystem::path& directory,
                  const CommandInput* input, const Pipe& out, const Pipe& err, pid_t& child) {
  ShellLauncher shell;
  const int text_file = input == nullptr ? -1 : file_of(input->text);
  if (input != nullptr && text_file < 0) return errno;
  if (text_file >= 0) {
    shell.give(text_file, STDIN_FILENO);
  } else {
    shell.give_no_input();
  }
  if (input != nullptr) {
    shell.stand_alone();
    shell.set(input->environment);
  }
  shell.give(out.write, STDOUT_FILENO);
  shell.give(err.write, STDERR_FILENO);
  if (!directory.empty()) shell.work_in(directory);
  const int error = shell.start(command, child);
  if (text_file >= 0) ::close(text_file);
  return error;
}

/// How long a command may run.
struct Term {
  std::chrono::steady_clock::time_point deadline;
  const std::stop_token& stop;

  bool is_over() const { return stop.stop_requested() || std::chrono::steady_clock::now() >= deadline; }
  /// Until then, or until it is time to look for a stop again.
  std::chrono::milliseconds nap() const {
    constexpr std::chrono::milliseconds longest{100};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return stop.stop_possible() ? std::min(left, longest) : left;
  }
};

/// Reads what is there; closes the pipe at its end.
void drain(int& end, std::string& text) {
  std::array<char, 4096> buffer;
  const ssize_t got = ::read(end, buffer.data(), buffer.size());
  if (got > 0)
    text.append(buffer.data(), static_cast<std::size_t>(got));
  else if (got == 0 || errno != EINTR)
    Pipe::close(end);
}

/// Reads both pipes to their ends; false when time or room ran out first.
bool collect(Pipe& out, Pipe& err, std::string& output, std::string& errors, const Term& term) {
  while (out.read >= 0 || err.read >= 0) {
    if (term.is_over() || output.size() > most_output || errors.size() > most_output) return false;
    std::array<pollfd, 2> waiting = {pollfd{out.read, POLLIN, 0}, pollfd{err.read, POLLIN, 0}};
    const auto nap = std::max(term.nap(), std::chrono::milliseconds(1));
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(nap.count())) < 0 && errno != EINTR)
      return false;
    if (waiting[0].revents != 0) drain(out.read, output);
    if (waiting[1].revents != 0) drain(err.read, errors);
  }
  return true;
}

/// Waits for a child to end; false: it runs on after the deadline. It may have closed its pipes long before.
bool ends_in_time(pid_t child, const Term& term) {
  constexpr std::chrono::milliseconds longest_nap{20};
  siginfo_t ended{};
  for (std::chrono::milliseconds nap{1};; nap = std::min(2 * nap, longest_nap)) {
    const int looked = ::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT);
    if ((looked == 0 && ended.si_pid == child) || (looked < 0 && errno != EINTR)) return true;
    if (term.is_over()) return false;
    std::this_thread::sleep_for(nap);
  }
}

CommandResult run_with(const std::string& command, const std::filesystem::path& directory,
                       std::chrono::milliseconds patience, const CommandInput* input,
                       const std::stop_token& stop) {
  CommandResult result;
  Pipe out, err;
  pid_t child = 0;
  if (const int error = start_command(command, directory, input, out, err, child); error != 0) {
    result.failure = fmt::format("cannot be started: {}", std::strerror(error));
    return result;
  }
  Pipe::close(out.write);
  Pipe::close(err.write);
  std::string errors;
  const Term term{std::chrono::steady_clock::now() + patience, stop};
  const bool ended = collect(out, err, result.output, errors, term) && ends_in_time(child, term);
  if (!ended) ::kill(input == nullptr ? child : -child, SIGKILL);
  const std::optional<int> status = wait_for(child);
  result.first_error_line = cel::repaired(excerpt(errors.substr(0, errors.find('\n')), 200));
  if (!ended)
    result.failure =
        stop.stop_requested() ? "was ended, for a stop was requested" : "took too long or printed too much";
  else if (!status)
    result.failure = "ended, and the system does not say how";
  else if (WIFSIGNALED(*status))
    result.failure = fmt::format("was ended by signal {}", WTERMSIG(*status));
  else if (WEXITSTATUS(*status) != 0)
    result.failure = fmt::format("ended with status {}", WEXITSTATUS(*status));
  return result;
}

}  // namespace

CommandResult run_command(const std::string& command, const std::filesystem::path& directory,
                          std::chrono::milliseconds patience) {
  return run_with(command, directory, patience, nullptr, {});
}

CommandResult run_command(const std::string& command, const std::filesystem::path& directory,
                          std::chrono::milliseconds patience, const CommandInput& input,
                          const std::stop_token& stop) {
  return run_with(command, directory, patience, &input, stop);
}

}  // namespace usher
