#pragma once

#include <memory>
#include <nlohmann/json.hpp>

#include "tests/support/world.hpp"

namespace usher::test {

/// A small history that needs every kind of write: a sync of some people, then joiners, movers, a leaver, a
/// rename and a rehire. Fault tests disturb its second sync, run a clean one and compare.
class History {
 public:
  /// The first sync is done and the second is due.
  History();

  World& world() { return *world_; }

  /// One sync that is not disturbed; then the platform is as after a history without faults, the next plan is
  /// empty, and no write reached the platform twice. Reports what is not so as test failures.
  void expect_recovery();

  /// The writes the platform has done since the second sync was due.
  nlohmann::json journal();
  /// Write requests that reached the platform since then, done or not, logins left out.
  std::size_t write_requests();

 private:
  std::unique_ptr<World> world_;
  std::size_t journal_before_ = 0, requests_before_ = 0;
};

/// Accounts after the history, ids left out: what every disturbed run must lead to.
const nlohmann::json& accounts_after_history();

/// Fails when one write was done twice: the same effect with the same content on the same account, or one
/// identity created twice.
void expect_nothing_twice(const nlohmann::json& journal);

}  // namespace usher::test
