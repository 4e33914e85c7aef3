#pragma once

#include <cstdint>
#include <vector>

#include "state/store/database.hpp"
#include "state/store/scan.hpp"

namespace usher {

/// How the accounts of one platform and what is wanted there differ, as keys: what the planner looks at
/// closely. All lists are in key order.
struct Difference {
  std::vector<Fingerprint> unsettled;  ///< wanted and there, not known to agree
  std::vector<Fingerprint> missing;    ///< wanted (or left) and not there
  std::vector<Fingerprint> unclaimed;  ///< there, and nobody's: orphans, or not matched yet
  std::uint64_t absent = 0;            ///< should have none, and known to have none
  std::uint64_t settled = 0;           ///< wanted and there, and known to agree
};

/// Merges both sides of a platform in key order, parallel over slices of the key space, straight out of the
/// narrow tables. Memory grows with the differences. The same for any number of threads.
///
/// nobody: what `settled` of a leaver's row holds when no account was found for them among the accounts as
/// they are.
Difference diff(const Database& database, PlatformId platform, const Fingerprint& nobody);

/// What is left of sorted keys without some of them.
std::vector<Fingerprint> without(const std::vector<Fingerprint>& sorted, std::vector<Fingerprint> taken);

}  // namespace usher
