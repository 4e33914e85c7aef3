#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "engine/desired/entitlement_names.hpp"
#include "engine/desired/planning_input.hpp"
#include "engine/runtime/progress.hpp"

namespace usher {

/// A person and an account that match each other and nobody else, the account being active and as the person
/// should have it: only the link is new. Texts live until the visit ends.
struct AgreedPair {
  Fingerprint wanted;   ///< key of the wanted row
  Fingerprint account;  ///< key
  std::string_view person;
  std::string_view account_id;
  std::string_view path;  ///< of the attribute by which the first rule found it
};

/// Finds such pairs among many people without an account, by what everybody looks for and what all accounts
/// have, without opening anybody. A pair for which that is not certain is left out: match() and Comparison
/// would come to the same for the pairs that are found, and settle the others.
///
/// missing, unclaimed: of the difference, both sorted. Visits in the order in which the accounts lie in the
/// state, the same for any number of threads; none where the rules choose unique values. Holds some 150 bytes
/// a person.
void for_each_agreed_pair(const Database& database, const PlanningInput& input, std::size_t target,
                          const EntitlementNames& names, const std::vector<Fingerprint>& missing,
                          const std::vector<Fingerprint>& unclaimed, Progress& progress,
                          const std::function<void(const AgreedPair&)>& visit);

}  // namespace usher
