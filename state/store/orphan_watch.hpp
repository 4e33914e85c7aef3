#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "state/store/database.hpp"

namespace usher {

/// Since when plans see accounts of one platform that nobody declares, and how long these have waited.
/// Waiting is counted and not read off the clock: from one plan to the next it grows by what the clock says,
/// by a week at most and no time twice, so that a clock that goes to and fro ends no waiting; one that went
/// back by more than a week begins all waiting anew. Facts: never rebuilt.
/// Times are RFC 3339 in UTC. Writes join the caller's transaction or are one each, synced. One thread.
class OrphanWatch {
 public:
  /// name: of the platform.
  OrphanWatch(Database& database, PlatformId platform, std::string name);

  struct Seen {
    std::string since;
    std::int64_t waited = 0;  ///< seconds on the count then
  };

  /// The count, in seconds.
  std::int64_t count() const { return count_; }
  /// Goes on counting up to a time in seconds since 1970.
  void advance(std::int64_t now);

  /// By account id; read from the state once.
  const std::map<std::string, Seen>& all();
  /// Begins the waiting of an account now.
  void begin(const std::string& account, std::string_view since);
  void end(const std::string& account);

 private:
  std::string fact() const { return "orphans waited " + name_; }

  Database& database_;
  const PlatformId platform_;
  const std::string name_;
  std::int64_t count_ = 0;
  std::int64_t counted_at_ = -1;  // seconds since 1970; -1: never
  std::optional<std::map<std::string, Seen>> seen_;
};

}  // namespace usher
