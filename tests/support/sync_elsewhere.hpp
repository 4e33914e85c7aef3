#pragma once

#include <sys/types.h>

#include <cstdint>

#include "tests/support/world.hpp"

namespace usher::test {

/// One sync of a world in a process of its own (sync_until_killed), which may die in the middle of it.
/// killed() has to be called.
class SyncElsewhere {
 public:
  /// It is killed before its nth statement, when it comes to so many. plan: a file that is applied instead.
  SyncElsewhere(World& world, std::uint64_t statement, const std::string& plan = "");

  /// Kills it now.
  void kill();
  /// Waits for its end: whether it was killed. A sync that ends by itself and not well fails the test.
  bool killed();

 private:
  pid_t process_;
};

}  // namespace usher::test
