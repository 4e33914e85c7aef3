#pragma once

#include <cstdint>
#include <string>

namespace usher {

/// An operation of an earlier run of which nobody knows yet whether it was done. Nothing else is done to its
/// account until it is settled.
struct Unsettled {
  std::string platform;
  std::string person;   ///< empty: of no person
  std::string account;  ///< empty: it was to create one
  std::string label;
  std::int64_t run = 0;  ///< that sent it
  std::string why;       ///< why it could not be settled

  /// Whether something about this person or account must wait for it.
  bool concerns(const std::string& on, const std::string& who, const std::string& what) const {
    if (on != platform) return false;
    return (!account.empty() && what == account) || (!person.empty() && who == person);
  }
};

}  // namespace usher
