#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/runtime/exit_code.hpp"
#include "state/store/status.hpp"

namespace usher {

/// How one command ended.
struct CommandEnd {
  std::string command;  ///< as it was typed: "sync"
  ExitCode code = ExitCode::done;
  std::string at;      ///< when it ended, RFC 3339
  double seconds = 0;  ///< how long it took
};

/// One metric, as docs/operations.md lists it.
struct MetricFamily {
  std::string_view name, help;
  bool of_command = false;  ///< how a command ended; else what the state knows
};
/// All there are, in the order of the file.
std::span<const MetricFamily> metric_families();

/// The Prometheus text format, for the textfile collector of node_exporter.
/// Names follow the conventions of Prometheus: a unit at the end, times in seconds since 1970. A value that
/// is not known, such as the time of a pull that never was, has no sample.
///
/// status: with the latest ended run of each command and the latest one that carried operations out
/// (Journal::latest_runs()); null: the state could not be read.
/// end: the command that writes; null: it is not worth a sample.
/// before: what the file held. What this command does not know is kept from it: how other commands ended,
/// when this one last ended well, and what the state knew when it could last be read. Whatever is not as this
/// function writes it is left out.
std::string metrics_text(const Status* status, const CommandEnd* end = nullptr, std::string_view before = {});

}  // namespace usher
