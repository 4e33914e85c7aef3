#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "state/store/database.hpp"

namespace usher {

/// A place where the chain of runs does not agree with what the state holds.
struct ChainBreak {
  std::int64_t run = 0;  ///< 0: no run tells of it
  std::string why;
};

/// What following the chain came to.
struct ChainCheck {
  std::int64_t first = 0, last = 0;  ///< the runs between which it was followed; 0: there is none
  std::string chain;                 ///< of the last run
  std::uint64_t runs = 0;            ///< that are in it
  std::vector<ChainBreak> breaks;
};

/// The digest of what a run did and of the chain before it: of its own row, of the rows of runs since the
/// last one with a chain (they were killed), and of every operation that it ended, also one that an earlier
/// run had sent. REQUIRES: the run has ended.
std::string chain_of(Connection& connection, std::int64_t run);

/// Where an approval is not any more what the run that gave it recorded: its lanes, its end, who gave it and
/// why, what it admits; or what a run revoked is not revoked.
std::vector<ChainBreak> check_approvals(Connection& connection);

/// Makes the chain anew from the oldest run that has one, and the digests of the plans that runs applied.
/// What came before, or was removed after its time, is not in it.
ChainCheck check_chain(Connection& connection);

}  // namespace usher
