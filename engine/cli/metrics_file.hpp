#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "engine/cli/arguments.hpp"
#include "engine/cli/console.hpp"
#include "engine/report/metrics.hpp"
#include "state/store/status.hpp"

namespace usher::cli {

inline constexpr Option metrics_option{
    "metrics-file", 0, "FILE", "write the result and figures of the state to this file for Prometheus"};

/// Writes what the state knows to the file of --metrics-file, of mode 0644, whole or not at all, and keeps of
/// it what metrics_text() says. Two commands may do so at once: one reads the state and the file only when
/// the other has written. status: reads what read_latest_status() does; nullopt: the state cannot be read.
/// end: as for metrics_text(). Throws CommandError(failed), and what `status` throws.
void write_metrics(const std::filesystem::path& file, const std::function<std::optional<Status>()>& status,
                   const CommandEnd* end = nullptr);

/// --metrics-file of one command: written when the command has ended, however it ended. Not thread-safe.
class MetricsFile {
 public:
  /// This command writes the file that its options name, and the state that they name into it.
  void ask(std::string command, const Arguments& arguments);
  /// This command did not come to work, for its command line is wrong: it writes how it ended to this file,
  /// and nothing of the state. Empty: it writes none.
  void ask(std::string command, std::filesystem::path file);

  /// Set by a command that works on another state than the one the configuration or --state names.
  std::filesystem::path state;

  /// Writes it, where it was asked for. That it cannot be written is said on standard error.
  void write(ExitCode code, Console& console) const noexcept;

 private:
  std::string command_, configuration_;
  std::filesystem::path file_;
  bool read_ = false;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace usher::cli
