#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "state/model/capabilities.hpp"
#include "state/model/plan.hpp"
#include "state/store/database.hpp"

namespace usher {

/// Somebody of the old platform who is not on the new one as the rules want it.
struct Absentee {
  std::string person;
  std::string label;
  std::string why;
};

/// How two platforms compare after a migration.
struct Verification {
  std::uint64_t people = 0;    ///< declared on the old platform
  std::uint64_t inactive = 0;  ///< of them: may not log in there, and have no account here
  std::uint64_t unwanted = 0;  ///< of them: the rules want no account, or it is the one this program works as
  std::uint64_t created = 0;   ///< have an account that was made for them
  std::uint64_t matched = 0;   ///< have one that was there before
  std::uint64_t disabled = 0;  ///< of the created: may not log in, as on the old platform
  std::vector<Absentee> absent;   ///< should have one and have none; by person
  std::vector<Change> different;  ///< have one that is not as wanted: what a plan made now would change
  std::vector<Note> notes;        ///< what cannot be made so, and why
  std::uint64_t others = 0;       ///< accounts of the new platform that are nobody's

  /// Everybody who should be there is there, as wanted.
  bool clean() const { return absent.empty() && different.empty(); }
};

/// Compares what the state knows after both platforms were pulled and `plan` was made. Memory grows with what
/// is not in order.
Verification parity(Database& database, const std::string& from, const std::string& to, const Plan& plan);

/// One row of an id map: an account and what became of it.
struct IdPair {
  std::string old_id, new_id;
  std::string key;  ///< what the new account is recognised by
  LinkOrigin how;
};

/// Every account of the old platform that has one on the new, the one this program works as left out, in the
/// order of the people's keys.
void for_each_id(Database& database, const std::string& from, const std::string& to, const Capabilities& can,
                 const std::function<void(const IdPair&)>& visit);

}  // namespace usher
