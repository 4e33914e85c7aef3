#pragma once

#include <string>

#include "engine/runtime/exit_code.hpp"
#include "state/store/status.hpp"

namespace usher {

/// One command that ended, as metrics tell it.
struct EndedCommand {
  std::string name;  ///< "sync"
  ExitCode code = ExitCode::done;
  double seconds = 0;    ///< how long it took
  std::string ended_at;  ///< RFC 3339, UTC
};

/// The state and the command in the Prometheus text format, for the textfile collector of node_exporter.
/// Names follow the conventions of Prometheus: a unit at the end, times in seconds since 1970. A value that
/// is not known, such as the time of a pull that never was, has no sample.
std::string metrics_text(const Status& status, const EndedCommand& command);

}  // namespace usher
