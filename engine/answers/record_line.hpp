#pragma once

#include <cstdint>
#include <string>

#include "connectors/connector.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

/// Where a record stands in a source's file.
struct RecordLine {
  bool unchanged = false;  ///< the file is as the last pull read it
  std::uint64_t line = 0;  ///< from 1; 0: unknown
};

/// Reads the file up to the record, where it is as the last pull read it. pulled: the source as it was
/// pulled. Answers line 0 for what is no file and for a file that cannot be read.
RecordLine line_of_record(Connector& source, const PlatformState& pulled, const std::string& record);

}  // namespace usher
