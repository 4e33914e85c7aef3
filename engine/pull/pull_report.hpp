#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "state/model/failure.hpp"

namespace usher {

/// What one pull of one platform came to.
struct PullReport {
  std::string platform;
  bool read = false;  ///< false: the last snapshot still holds (an unchanged file), nothing was read
  bool published = false;
  bool sealed = false;
  std::string why_not;             ///< why it is not sealed, or not published
  std::optional<Failure> failure;  ///< what ended it early
  std::vector<BadRecord> bad;      ///< the first hundred
  std::uint64_t bad_count = 0;
  std::vector<std::string> remarks;  ///< what the user should know, sealed or not
  std::uint64_t generation = 0;
  std::uint64_t accounts = 0, added = 0, changed = 0, removed = 0;
  std::uint64_t pages = 0;
  std::uint64_t alone = 0;  ///< accounts that had to be asked for one by one
  double seconds = 0;
};

}  // namespace usher
