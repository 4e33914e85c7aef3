#pragma once

#include <cstddef>
#include <vector>

#include "state/store/people.hpp"

namespace usher {

/// How the people of the state differ from those who are declared now.
struct PeopleDifference {
  /// Rows of the declared that lie together.
  struct Range {
    std::size_t first = 0;
    std::size_t count = 0;
  };
  std::vector<Range> changed;           ///< those that the state has not, or not so
  std::vector<PersonRow> not_declared;  ///< of the state, by key
};

/// declared: everybody, by key; where a key comes twice, its last row counts. Reads on all threads what is
/// committed.
PeopleDifference people_difference(const Database& database, const std::vector<PersonRow>& declared);

}  // namespace usher
