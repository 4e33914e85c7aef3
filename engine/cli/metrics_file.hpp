#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "engine/cli/arguments.hpp"
#include "engine/cli/console.hpp"
#include "engine/report/metrics.hpp"
#include "state/store/database.hpp"

namespace usher::cli {

inline constexpr Option metrics_option{"metrics-file", 0, "FILE",
                                       "write how this ended, and the state, to this file for Prometheus"};

/// Writes what the state knows to the file of --metrics-file, of mode 0644, whole or not at all. status:
/// null: the state cannot be read. end: as for metrics_text(). Throws CommandError(failed).
void write_metrics(const std::filesystem::path& file, const Status* status, const CommandEnd* end = nullptr);
/// The status that metrics_text() takes. Throws StoreError.
Status status_for_metrics(Database& database);

/// --metrics-file of one command: written when the command has ended, however it ended. Not thread-safe.
class MetricsFile {
 public:
  /// The command line was read.
  void ask(std::string command, const Arguments& arguments);
  /// The command line is wrong, and names this file.
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
