#include "state/store/run_chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <optional>
#include <set>

#include "scratch_state.hpp"
#include "state/model/sha256.hpp"
#include "state/store/approvals.hpp"
#include "state/store/journal.hpp"
#include "state/store/plans.hpp"

namespace usher::test {
namespace {

constexpr int runs = 9;
constexpr int operations = 3;

/// A state whose runs applied plans, closed and in one file.
class RunChain : public testing::Test {
 protected:
  RunChain() {
    Database database(folder_.state(), Access::write);
    Journal journal(database.connection());
    for (int number = 1; number <= runs; ++number) {
      const std::string at = "2026-01-0" + std::to_string(number) + "T06:00:00.000Z";
      const std::string plan = Plans(database.connection()).put(at, [&](const auto& sink) {
        sink("{\"plan\":" + std::to_string(number) + "}");
      });
      const std::int64_t run =
          journal.begin_run("apply", at, {.actor = "ada", .host = "night", .reason = "CHG-8"});
      std::vector<JournalEntry> entries;
      std::vector<std::int64_t> sent;
      std::vector<OperationOutcome> ended;
      for (int seq = 0; seq < operations; ++seq) {
        JournalEntry entry;
        entry.seq = seq;
        entry.operation = "op" + std::to_string(number * 10 + seq);
        entry.platform = "iot";
        entry.kind = "update";
        entry.person = "E" + std::to_string(seq);
        entry.detail = R"({"after":{"name":"x"}})";
        entries.push_back(entry);
        sent.push_back(seq);
        ended.push_back({seq, OperationState::done, "account", ""});
      }
      journal.plan(run, plan, entries);
      journal.mark_sent(run, sent, at);
      journal.mark_ended(run, ended, at);
      journal.end_run(run, 0, "{}", at);
    }
    database.connection().execute("pragma wal_checkpoint(truncate)");
  }

  ChainCheck check() const {
    Database database(folder_.state(), Access::read);
    return check_chain(database.connection());
  }

  /// What the record of runs says; nullopt: it cannot be read.
  std::optional<std::string> record() const {
    try {
      Database database(folder_.state(), Access::read);
      std::string text;
      for (const char* table : {"select * from run order by id", "select * from journal order by run, seq"}) {
        Statement select = database.connection().prepare(table);
        while (select.step())
          for (int column = 0; column < (table == std::string("select * from run order by id") ? 13 : 15);
               ++column)
            text += std::string(select.text(column)) + "\x1f";
      }
      return text;
    } catch (const StoreError&) {
      return std::nullopt;
    }
  }

  void alter(const std::string& sql) const {
    Database database(folder_.state(), Access::write);
    database.connection().execute(sql);
  }

  ScratchFolder folder_;
};

TEST_F(RunChain, IsWholeUntilSomethingIsAltered) {
  const ChainCheck whole = check();
  EXPECT_THAT(whole.breaks, testing::IsEmpty());
  EXPECT_EQ(whole.runs, static_cast<std::uint64_t>(runs));
  EXPECT_EQ(whole.first, 1);
  EXPECT_EQ(whole.last, runs);
}

TEST_F(RunChain, SaysWhereItBreaks) {
  struct Alteration {
    std::string sql;
    std::int64_t run;  ///< the first that does not agree
  };
  for (const Alteration& one :
       {Alteration{"update run set actor = 'nobody' where id = 4", 4},
        Alteration{"update run set reason = '' where id = 9", 9},
        Alteration{"update run set ended_at = '2026-01-03T07:00:00.000Z' where id = 3", 3},
        Alteration{"update journal set message = 'x' where run = 5 and seq = 2", 5},
        Alteration{"update journal set account = 'another' where run = 1 and seq = 0", 1},
        Alteration{"delete from journal where run = 6 and seq = 1", 6},
        Alteration{"delete from journal where run = 7; delete from run where id = 7", 8},
        Alteration{"update plan_part set content = zeroblob(9) where plan = 2", 2}}) {
    const std::string before = bytes_of(folder_.state());
    alter(one.sql);
    const ChainCheck broken = check();
    ASSERT_FALSE(broken.breaks.empty()) << one.sql;
    EXPECT_EQ(broken.breaks.front().run, one.run) << one.sql;
    std::ofstream(folder_.state(), std::ios::binary) << before;
    std::filesystem::remove(folder_.state().string() + "-wal");
  }
}

/// A changed byte is found, makes the file one that is refused, or changes nothing of the record: it lies in
/// the free space of the page.
TEST_F(RunChain, EveryByteOfAPageOfRunsCounts) {
  const std::string whole = bytes_of(folder_.state());
  const auto held = record();
  ASSERT_TRUE(held);
  const std::size_t at_chain = whole.rfind(check().chain);
  ASSERT_NE(at_chain, std::string::npos);
  constexpr std::size_t page = 4096;
  const std::size_t begin = at_chain / page * page;
  std::set<std::size_t> silent;
  std::size_t found = 0, refused = 0;
  std::FILE* file = std::fopen(folder_.state().c_str(), "r+b");
  ASSERT_NE(file, nullptr);
  const auto write = [&](std::size_t at, char byte) {
    std::fseek(file, static_cast<long>(at), SEEK_SET);
    std::fputc(byte, file);
    std::fflush(file);
  };
  for (std::size_t at = begin; at < begin + page; ++at) {
    write(at, static_cast<char>(whole[at] ^ 0x15));
    try {
      if (!check().breaks.empty())
        ++found;
      else if (record() != held)
        silent.insert(at - begin);
    } catch (const StoreError&) {
      ++refused;
    }
    write(at, whole[at]);
  }
  std::fclose(file);
  EXPECT_THAT(silent, testing::IsEmpty());
  EXPECT_GT(found, page / 4) << "most of the page is record; " << refused << " were refused";
}

TEST_F(RunChain, AnApprovalMayOutliveTheRunThatGaveIt) {
  Database database(folder_.state(), Access::write);
  Approvals approvals(database.connection());
  const auto give = [&](const char* at) {
    approvals.give({0, {"iot.removals"}, "", at, "2030-01-01T00:00:00.000Z", "ada@night", "CHG-9"}, {});
  };
  give("2026-01-05T00:00:00.000Z");
  EXPECT_THAT(check_approvals(database.connection()), testing::IsEmpty())
      << "runs with operations are kept longer than those of approve";
  Journal journal(database.connection());
  journal.end_run(journal.begin_run("pull", "2026-02-01T00:00:00.000Z"), 0, "{}", "2026-02-01T00:00:01.000Z");
  EXPECT_THAT(check_approvals(database.connection()), testing::IsEmpty());
  give("2026-02-02T00:00:00.000Z");
  const auto breaks = check_approvals(database.connection());
  ASSERT_EQ(breaks.size(), 1U);
  EXPECT_EQ(breaks[0].why, "approval 2: no run gave it");
}

}  // namespace
}  // namespace usher::test
