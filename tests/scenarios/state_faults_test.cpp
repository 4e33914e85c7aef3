#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state/store/fault.hpp"
#include "tests/scenarios/history.hpp"

namespace usher::test {
namespace {

/// After the fault the second sync is either not done or done in part: writes that reached the platform must
/// all have done something, for a repeated one would have been refused.
void expect_recovered(History& history, std::uint64_t statement) {
  SCOPED_TRACE(fmt::format("statement {}", statement));
  history.expect_recovery();
  EXPECT_EQ(history.write_requests(), history.journal().size()) << history.journal().dump(1);
}

/// The statement to try after this one: every one of the first few, then ever sparser, never the same ones.
std::uint64_t after(std::uint64_t statement) {
  return statement + 7 + statement / 12;
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

/// Runs one sync of the world in a process of its own that is killed before its nth statement. True when it
/// was; false when the sync ended before.
bool killed_at(World& world, std::uint64_t statement) {
  const std::string config = world.options().config.string();
  const std::string nth = std::to_string(statement);
  const pid_t child = fork();
  if (child == 0) {
    execl(USHER_BINARY_DIR "/tests/sync_until_killed", "sync_until_killed", config.c_str(), nth.c_str(),
          static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    EXPECT_EQ(WTERMSIG(status), SIGKILL);
    return true;
  }
  EXPECT_EQ(WEXITSTATUS(status), 0) << "the sync did not end well by itself";
  return false;
}

TEST(StateFaults, MayBeKilledAtAnyStatement) {
  std::uint64_t killed = 0;
  for (std::uint64_t statement = 4; statement < far; statement = after(statement)) {
    History history;
    const bool met = killed_at(history.world(), statement);
    expect_recovered(history, statement);
    if (!met) break;
    ++killed;
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_GT(killed, 10U);
}

}  // namespace
}  // namespace usher::test
