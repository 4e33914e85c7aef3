#pragma once

#include <string>
#include <vector>

#include "state/store/database.hpp"

namespace usher {

// One person under another key: what the state remembers of them goes with them. Everybody is evaluated anew
// by the next plan. Writes join the caller's transaction or are one each, synced.

/// Ends the link of `from` to a platform and gives `to` what unique() chose for it there; the link of `to` is
/// for the caller to record.
void hand_on(Database& database, PlatformId platform, const std::string& from, const std::string& to,
             const std::string& at);

/// An account that goes from one key to another.
struct HandedOn {
  std::string platform;
  std::string account;
  bool taken = false;  ///< the new key has an account there already: this one stays with the old key
};

/// What renumber() would do, by platform.
std::vector<HandedOn> accounts_to_hand_on(Database& database, const std::string& from, const std::string& to);

/// Gives every account that `from` has to `to`, on all platforms. REQUIRES: none of accounts_to_hand_on() is
/// taken.
void renumber(Database& database, const std::string& from, const std::string& to, const std::string& at);

}  // namespace usher
