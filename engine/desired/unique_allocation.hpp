#pragma once

#include <vector>

#include "engine/desired/person_deriver.hpp"

namespace usher {

/// What choosing for the people of one target came to.
struct UniqueAllocation {
  std::vector<WantedRow> wanted;
  std::vector<UniqueReservation> claims;
};

/// Evaluates, in the order of their ids, the people whose unique() values are still to be chosen: who comes
/// first gets the first choice, whatever the order of records or the number of threads. People without a link
/// are matched first, so that the values of the account they have already count as theirs.
UniqueAllocation allocate_unique(Database& database, const PlanningInput& input, std::size_t target,
                                 std::vector<DerivedRows::Open> people);

}  // namespace usher
