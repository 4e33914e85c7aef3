#pragma once

#include <cstdint>
#include <string_view>

#include "state/store/database.hpp"

namespace usher {

/// How long the state remembers. Living accounts and links are never pruned.
///
/// A version of an account that was replaced or removed is kept while it belongs to one of the last
/// `snapshots` of its platform or to one younger than `history_days`: whichever keeps more.
///
/// A run is kept while it is one of the last `runs` or younger than `run_days`; one that sent something also
/// while it is younger than `history_days`, and one with an open operation always.
///
/// A plan is kept while a kept run refers to it or it is one of the last `plans`. Of plans that nothing was
/// sent of, the oldest go when all plans together take more than `plan_bytes` (as they are stored); the
/// newest stays.
struct Retention {
  std::uint64_t snapshots = 30;
  int history_days = 90;
  int run_days = 90;
  std::uint64_t runs = 100;
  std::uint64_t plans = 20;
  std::uint64_t plan_bytes = 2'000'000'000;
};

struct Pruned {
  std::uint64_t versions = 0, snapshots = 0, runs = 0, plans = 0;
};

/// Forgets what the rule no longer keeps. For after a publication; a few lookups when there is nothing to
/// forget. now: RFC 3339, UTC. The space is used again, the file does not shrink.
Pruned prune(Connection& connection, const Retention& retention, std::string_view now);

}  // namespace usher
