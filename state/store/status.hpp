#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "state/store/database.hpp"
#include "state/store/journal.hpp"
#include "state/store/offboarded.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

/// What one undo keeps from being done again.
struct HeldOff {
  std::int64_t run = 0;     ///< that undid
  std::string undone;       ///< "run 57"
  std::string until;        ///< RFC 3339, UTC
  std::uint64_t parts = 0;  ///< values, memberships and steps of accounts
};

/// What the state knows without asking anybody: the last pull of each platform, runs, and operations whose
/// outcome is open.
struct Status {
  struct Platform {
    PlatformState last;
    std::uint64_t links = 0;
    std::string last_sealed_at;  ///< when the latest sealed pull ended; empty: there was none
  };
  std::string state;                        ///< its file
  std::vector<Platform> platforms;          ///< by name
  std::vector<RunState> runs;               ///< newest first
  std::vector<JournalEntry> open;           ///< oldest first, the first of them
  OpenOperations open_operations;           ///< how many there are
  std::size_t secrets = 0;                  ///< that wait to be handed over
  std::vector<Offboarded> offboarded = {};  ///< who is kept out, by person
  std::vector<HeldOff> held_off = {};       ///< by run
  /// By platform, how many accounts match people by the last plan and are not linked: no apply has recorded
  /// it.
  std::map<std::string, std::uint64_t> links_found = {};
};

/// Reads it as of `now` (RFC 3339); at most so many runs.
Status read_status(Database& database, std::size_t runs, std::string_view now);
/// The same with Journal::latest_runs(), however many others came after them.
Status read_latest_status(Database& database, std::string_view now);

}  // namespace usher
