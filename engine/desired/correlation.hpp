#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/desired/planning_input.hpp"
#include "state/model/link_origin.hpp"

namespace usher {

/// A person without an account, looking for one.
struct Seeker {
  std::string_view id;  ///< of the person; must outlive the search
  /// One a match rule, empty: none; the natural key's value last, where known.
  std::vector<std::string> values;
};

/// What matching found for one seeker.
struct Correlation {
  enum class Kind { none, found, ambiguous, claimed } kind = Kind::none;
  Fingerprint account;      ///< found: its key
  std::string account_id;   ///< found, claimed
  LinkOrigin how;           ///< found
  std::string explanation;  ///< ambiguous, claimed: for a person
  std::string path = {};    ///< claimed: the attribute it was found by
  std::string value = {};   ///< claimed: and its value
};

/// Finds the accounts of people who have none among the unclaimed ones, by the rules in their order: the
/// first rule that names exactly one account decides. Two accounts for one person, or two people for one
/// account, are ambiguous: nobody gets any of them. A value that only an account of somebody else has:
/// claimed. Answers in the order of the seekers, for any number of threads.
std::vector<Correlation> match(const Database& database, const Target& target,
                               const std::vector<Seeker>& seekers, const std::vector<Fingerprint>& unclaimed);

}  // namespace usher
