#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "state/store/database.hpp"

namespace usher {

/// That something is not to be done for a time although the rules want it.
struct Hold {
  std::string part;      ///< parts_of() an operation
  std::string since;     ///< RFC 3339, UTC
  std::string until;     ///< RFC 3339, UTC: from then on it is done again
  std::int64_t run = 0;  ///< that made it
  std::string reason;
};

/// What must not be done again after an undo. Facts: ended, never erased. Writes join the caller's
/// transaction or are one each, synced.
class Holds {
 public:
  explicit Holds(Connection& connection) : connection_(connection) {}

  void put(std::span<const Hold> holds);
  /// Those that hold as of `now` (RFC 3339), by part.
  std::map<std::string, Hold> all(std::string_view now);
  /// Ends what a run made; how many held.
  std::uint64_t end(std::int64_t run, std::string_view at);
  /// Ends these parts of what a run made.
  void end(std::int64_t run, const std::set<std::string>& parts, std::string_view at);

 private:
  Connection& connection_;
};

}  // namespace usher
