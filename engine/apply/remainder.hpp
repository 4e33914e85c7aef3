#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "state/model/plan.hpp"
#include "state/model/unsettled.hpp"
#include "state/store/database.hpp"

namespace usher {

/// What the state says today of what a plan rests on.
struct PlanGround {
  std::set<std::string> sources;   ///< platforms that say who should exist
  bool wanted_is_current = false;  ///< who should have what is worked out from the sources as they are now
};

/// What of a plan is still to be done, by the index of its operations.
struct Remainder {
  std::vector<char> done;  ///< 1: an earlier run of this plan did it
  std::map<std::size_t, std::string>
      refused;  ///< why it must not be sent: a stale_message(), or what is unsettled
  std::map<std::size_t, std::string> accounts;  ///< ids that an earlier run's creates were answered
  std::uint64_t done_before = 0;
  std::int64_t earlier_run = 0;  ///< the last run that carried out any of it; 0: none did

  bool complete(const Plan& plan) const;
};

/// Compares a plan with what its earlier runs did, and with the state. A create is refused when the person
/// has an account by now, when it may have been done already, or when the platform was written to, or shows
/// anything new, since the snapshot it rests on. What takes something from a person is refused when a source
/// was read since, unless the rules still say so. What concerns an account of which something is unsettled is
/// refused. Reads the state only. run: the one under way.
Remainder remainder_of(Database& database, const Plan& plan, const PlanGround& ground,
                       const std::vector<Unsettled>& unsettled, std::int64_t run);

}  // namespace usher
