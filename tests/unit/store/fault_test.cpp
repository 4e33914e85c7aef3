#include "state/store/fault.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <functional>

#include "state/store/journal.hpp"
#include "state/store/links.hpp"
#include "state/store/retention.hpp"
#include "state/store/wanted.hpp"
#include "tests/unit/store/scratch_state.hpp"

namespace usher {
namespace {

using namespace test;

const World before{{"a", "1"}, {"b", "1"}, {"c", "1"}};
const World next{{"a", "1"}, {"b", "2"}, {"d", "1"}};

/// Everything the state says, without what each run says differently.
std::string everything(const fs::path& file) {
  Database database(file, Access::read);
  std::string text;
  for (const char* table :
       {"platform", "snapshot", "body", "packed", "packing", "entitlement", "link", "journal"}) {
    Statement select = database.connection().prepare("select * from " + std::string(table));
    text += std::string(table) + "\n";
    const int columns = static_cast<int>(number(
        database.connection(), "select count(*) from pragma_table_info('" + std::string(table) + "')"));
    while (select.step()) {
      for (int i = 0; i < columns; ++i) text += std::string(select.bytes(i)) + "|";
      text += "\n";
    }
  }
  return text;
}

/// One run: a pull with batches of its own, a journal, links, derived rows, pruning.
void run(const fs::path& file) {
  Database database(file, Access::write);
  const PlatformId platform = database.platform("iot");
  pull(database, platform, next);
  Journal journal(database.connection());
  const std::int64_t id = journal.begin_run("sync", "2026-01-01T00:00:00Z");
  JournalEntry entry;
  entry.seq = 1;
  entry.platform = "iot";
  journal.plan(id, "digest", std::span(&entry, 1));
  const std::int64_t seq = 1;
  journal.mark_sent(id, std::span(&seq, 1), "2026-01-01T00:00:01Z");
  {
    Transaction transaction(database.connection());
    const OperationOutcome ending{1, OperationState::done, "d", ""};
    journal.mark_ended(id, std::span(&ending, 1), "2026-01-01T00:00:02Z");
    const Link link{"dora", "d", database.fingerprints().of_id("d"), std::nullopt, LinkOrigin{}, "2026"};
    Links(database.connection()).put(platform, std::span(&link, 1));
    transaction.commit();
  }
  const WantedRow wanted{database.fingerprints().of_id("d"), {}, WantedState::present, {}, std::nullopt};
  Wanted(database.connection()).put(platform, std::span(&wanted, 1));
  prune(database.connection(), Retention{}, "2026-01-01T00:00:00Z");
}

void prepare_state(const fs::path& file) {
  Database database(file, Access::write);
  pull(database, database.platform("iot"), before);
}

/// What must hold after an attempt that broke off anywhere.
void expect_sound(const fs::path& file, std::uint64_t nth) {
  Database database(file, Access::write);
  Connection& connection = database.connection();
  const World world = alive(connection, database.platform("iot"));
  EXPECT_TRUE(world == before || world == next) << "statement " << nth << ": a generation is there in part";
  EXPECT_EQ(number(connection, "select count(*) from body where row > (select last_row from platform)"), 0)
      << nth;
  EXPECT_EQ(number(connection, "select count(*) from journal where state = 'done'"),
            number(connection, "select count(*) from link"))
      << nth << ": an operation and its link share a commit";
  EXPECT_EQ(number(connection, "select count(*) from pragma_integrity_check where integrity_check = 'ok'"),
            1);
}

TEST(StatementFault, AtAnyStatementLeavesTheStateWhole) {
  const ScratchFolder reference;
  prepare_state(reference.state());
  arm_statement_fault(0, StatementFault::fail);
  run(reference.state());
  const std::uint64_t statements = statements_begun();
  disarm_statement_fault();
  ASSERT_GT(statements, 20U);

  std::uint64_t failures = 0;
  for (std::uint64_t nth = 1; nth <= statements; ++nth) {
    const ScratchFolder folder;
    prepare_state(folder.state());
    arm_statement_fault(nth, StatementFault::fail);
    try {
      run(folder.state());
    } catch (const StoreError&) {
      ++failures;
    }
    disarm_statement_fault();
    expect_sound(folder.state(), nth);
  }
  EXPECT_GE(failures, statements - 3) << "only a destructor may pass over a failed statement";
}

/// Runs `act` in a child that is killed at its nth statement; false when it ended before.
bool killed_at(std::uint64_t nth, const std::function<void()>& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    arm_statement_fault(nth, StatementFault::kill);
    act();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

TEST(StatementFault, KilledAtAnyStatementTheNextRunIsWhole) {
  const ScratchFolder reference;
  prepare_state(reference.state());
  run(reference.state());
  std::uint64_t kills = 0;
  for (std::uint64_t nth = 1;; ++nth) {
    const ScratchFolder folder;
    prepare_state(folder.state());
    if (!killed_at(nth, [&] { run(folder.state()); })) break;
    ++kills;
    expect_sound(folder.state(), nth);
    Database database(folder.state(), Access::write);
    pull(database, database.platform("iot"), next);
    EXPECT_EQ(alive(database.connection(), database.platform("iot")), next);
  }
  EXPECT_GT(kills, 20U);
}

TEST(StatementFault, KilledWhileTheStateIsMadeItIsMadeAnew) {
  std::uint64_t kills = 0;
  for (std::uint64_t nth = 1;; ++nth) {
    const ScratchFolder folder;
    if (!killed_at(nth, [&] { prepare_state(folder.state()); })) break;
    ++kills;
    prepare_state(folder.state());
    Database database(folder.state(), Access::read);
    EXPECT_EQ(alive(database.connection(), database.platform("iot")), before) << nth;
  }
  EXPECT_GT(kills, 5U);
}

/// Many batches reach the disk before a pull of this size publishes.
TEST(StatementFault, KilledBetweenBatchesTheOldGenerationStandsAndTheRestIsSwept) {
  World many = before;
  for (int i = 0; i < 20000; ++i) many["n" + std::to_string(i)] = "1";
  for (const std::uint64_t nth : {100U, 5000U, 15000U, 30000U, 40010U}) {
    const ScratchFolder folder;
    prepare_state(folder.state());
    ASSERT_TRUE(killed_at(nth, [&] {
      Database database(folder.state(), Access::write);
      const PlatformId platform = database.platform("iot");
      SnapshotWriter writer(database, platform);
      std::vector<PreparedAccount> all = prepared(database, many);
      for (std::size_t first = 0; first < all.size(); first += 500) {
        const auto from = all.begin() + static_cast<std::ptrdiff_t>(first);
        writer.add(
            {from, from + static_cast<std::ptrdiff_t>(std::min<std::size_t>(500, all.size() - first))});
      }
      writer.publish(sealed());
    }));
    {
      Database reader(folder.state(), Access::read);
      const std::int64_t rows = number(reader.connection(), "select count(*) from body");
      EXPECT_EQ(rows > 4000, nth > 5000) << "batches are written as they fill";
      EXPECT_EQ(alive(reader.connection(), reader.platform("iot")), before) << nth;
      EXPECT_EQ(number(reader.connection(), "select count(*) from accounts"), 3) << nth;
    }
    Database database(folder.state(), Access::write);
    EXPECT_EQ(number(database.connection(), "select count(*) from body"), 3) << nth;
  }
}

TEST(StatementFault, SamePullsMakeTheSameStateButForItsSecret) {
  const ScratchFolder folder;
  prepare_state(folder.state());
  const std::string once = everything(folder.state());
  {
    Database database(folder.state(), Access::write);
    SnapshotWriter broken(database, database.platform("iot"));
    broken.add(prepared(database, next));
  }
  EXPECT_EQ(everything(folder.state()), once) << "a broken pull leaves no trace";
}

}  // namespace
}  // namespace usher
