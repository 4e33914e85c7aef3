#pragma once

#include <cstdint>

#include "state/store/database.hpp"

namespace usher {

/// A range of rows of `body`, both ends included; empty when last < first. Rows grow with arrival.
struct RowSlice {
  std::int64_t first = 0;
  std::int64_t last = -1;
};

/// The platform as its column holds it.
constexpr std::int64_t number(PlatformId platform) {
  return static_cast<std::int64_t>(platform);
}

/// Each platform's rows lie together, so that its accounts are read as one sequence: 2^32 rows from here on,
/// of which this first one stays empty.
constexpr std::int64_t first_row(PlatformId platform) {
  return number(platform) << 32;
}
constexpr RowSlice all_rows(PlatformId platform) {
  return {first_row(platform), first_row(platform) + 0xffffffff};
}

/// Removes the rows of pulls that have not published: of one platform, of all.
void remove_unpublished_rows(Connection& connection, PlatformId platform);
void remove_unpublished_rows(Connection& connection);

}  // namespace usher
