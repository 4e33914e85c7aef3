#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "state/store/fault.hpp"
#include "tests/scenarios/history.hpp"
#include "tests/support/sync_elsewhere.hpp"

namespace usher::test {
namespace {

/// After the fault the second sync is either not done or done in part: writes that reached the platform must
/// all have done something, for a repeated one would have been refused.
void expect_recovered(History& history, std::uint64_t statement) {
  SCOPED_TRACE(fmt::format("statement {}", statement));
  history.expect_recovery();
  EXPECT_EQ(history.write_requests(), history.journal().size()) << history.journal().dump(1);
}

/// The statement to try after this one: every one with USHER_EVERY_FAULT in the environment
/// (tests/nightly.sh), otherwise a sample that becomes sparser.
std::uint64_t after(std::uint64_t statement) {
  static const bool every = std::getenv("USHER_EVERY_FAULT") != nullptr;
  return every ? statement + 1 : statement + 7 + statement / 12;
}

/// Statements of a sync: where the loop ends even when a fault is never met.
constexpr std::uint64_t far = 20'000;

TEST(StateFaults, AnyStatementMayFail) {
  std::uint64_t failed = 0;
  for (std::uint64_t statement = 1; statement < far; statement = after(statement)) {
    History history;
    arm_statement_fault(statement, StatementFault::fail);
    bool met = false;
    try {
      history.world().sync();
      met = statements_begun() >= statement;  // met where a failure is none: reading what can be read anew
    } catch (const std::exception& error) {
      met = true;
      EXPECT_NE(std::string(error.what()), "");
    }
    disarm_statement_fault();
    expect_recovered(history, statement);
    if (!met) break;
    ++failed;
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(failed, 10U);
}

TEST(StateFaults, MayBeKilledAtAnyStatement) {
  std::uint64_t killed = 0;
  for (std::uint64_t statement = 4; statement < far; statement = after(statement)) {
    History history;
    const bool met = SyncElsewhere(history.world(), statement).killed();
    expect_recovered(history, statement);
    if (!met) break;
    ++killed;
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(killed, 10U);
}

}  // namespace
}  // namespace usher::test
