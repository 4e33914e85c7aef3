#pragma once

#include <string>

#include "state/store/status.hpp"

namespace usher {

/// The state in the Prometheus text format, for the textfile collector of node_exporter.
/// Names follow the conventions of Prometheus: a unit at the end, times in seconds since 1970. A value that
/// is not known, such as the time of a pull that never was, has no sample.
///
/// status: with enough runs that the latest of each command is among them.
std::string metrics_text(const Status& status);

}  // namespace usher
