#include "engine/cli/console.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>

namespace usher::cli {

namespace {

constexpr std::size_t usual_width = 80;

bool wait_for_standard_input(std::stop_token stop) {
  // A signal may reach any thread, so it need not end poll(): look now and then.
  constexpr int milliseconds = 100;
  while (!stop.stop_requested()) {
    pollfd input{STDIN_FILENO, POLLIN, 0};
    if (poll(&input, 1, milliseconds) > 0) return true;
  }
  return false;
}

winsize size_of(int terminal) {
  winsize size{};
  return ioctl(terminal, TIOCGWINSZ, &size) == 0 ? size : winsize{};
}

/// Whether standard error is the stream that systemd says leads to the journal: "DEVICE:INODE".
bool is_journal(int descriptor) {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || fstat(descriptor, &status) != 0) return false;
  return stream == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

}  // namespace

Console process_console() {
  Console console{std::cin, std::cout, std::cerr};
  console.in_is_terminal = isatty(STDIN_FILENO) != 0;
  console.out_is_terminal = isatty(STDOUT_FILENO) != 0;
  console.err_is_terminal = isatty(STDERR_FILENO) != 0;
  if (console.out_is_terminal) {
    const winsize size = size_of(STDOUT_FILENO);
    console.rows = size.ws_row;
    console.columns = size.ws_col == 0 ? usual_width : size.ws_col;
  }
  console.err_is_journal = is_journal(STDERR_FILENO);
  console.variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  console.wait_for_input = wait_for_standard_input;
  console.reader_left = [] {
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    return poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0;
  };
  return console;
}

void write_problem(Console& console, std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    console.err << (console.err_is_journal ? "<3>" : "") << lines.substr(0, end) << '\n';
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return usual_width;
}

}  // namespace usher::cli
