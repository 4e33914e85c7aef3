#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace usher::cli {

/// Where a command reads and writes, and what it knows of the world around it. Results go to out; logs,
/// progress and questions to err.
struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool err_is_journal =
      false;                ///< journald reads it, and takes "<3>" at the beginning of a line for its level
  std::size_t rows = 0;     ///< of the terminal that standard output is; 0: it is none, or does not say
  std::size_t columns = 0;  ///< the same; 80 where it does not say
  /// The value of an environment variable; nullopt when it is not set.
  std::function<std::optional<std::string>(const std::string& name)> variable = [](const std::string&) {
    return std::nullopt;
  };
  /// Waits until `in` has a line; false when a stop was requested before. Tests leave it out.
  std::function<bool(std::stop_token)> wait_for_input = [](std::stop_token) { return true; };
  /// Whether nobody reads `out` any more: a pipe whose other end is closed.
  std::function<bool()> reader_left = [] { return false; };
};

/// The console of this process: standard streams, environment, terminals.
Console process_console();

/// Writes lines to standard error that say why a command did not do everything; for journald each with its
/// level.
void write_problem(Console& console, std::string_view lines);

/// Columns of the terminal on standard error; 80 where it does not say.
std::size_t terminal_width();

}  // namespace usher::cli
