#include "state/store/migration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "state/store/database.hpp"
#include "state/store/lifecycle.hpp"
#include "state/store/plans.hpp"
#include "tests/unit/store/opening.hpp"
#include "tests/unit/store/scratch_state.hpp"

namespace usher {
namespace {

using namespace test;

/// A connection to a file of its own that is at version 1 and holds one row.
class Migrating : public ::testing::Test {
 protected:
  Migrating() {
    std::ofstream(folder_.state()).flush();
    connection_.emplace(folder_.state(), Connection::Mode::write);
    create_schema(*connection_, "create table t (a); insert into t values (1);", 1);
  }
  ScratchFolder folder_;
  std::optional<Connection> connection_;
};

TEST_F(Migrating, RunsWhatIsMissingInOrderAndOnce) {
  const std::vector<Migration> migrations{{2, "alter table t add column b default 2; "},
                                          {3, "update t set b = b * 10"}};
  migrate(*connection_, std::span(migrations).first(1));
  EXPECT_EQ(schema_version_of(*connection_), 2);
  migrate(*connection_, migrations);
  migrate(*connection_, migrations);
  EXPECT_EQ(schema_version_of(*connection_), 3);
  EXPECT_EQ(number(*connection_, "select b from t"), 20);
}

TEST_F(Migrating, LeavesTheVersionBeforeAStepThatFails) {
  const std::vector<Migration> migrations{{2, "alter table t add column b default 2"},
                                          {3, "update t set b = 30; insert into nowhere values (1)"}};
  EXPECT_THROW(migrate(*connection_, migrations), StoreError);
  EXPECT_EQ(schema_version_of(*connection_), 2);
  EXPECT_EQ(number(*connection_, "select b from t"), 2);
}

TEST(Migrations, LeadFromTheFirstVersionToThisOneWithoutAGap) {
  int version = 1;
  for (const Migration& migration : built_in_migrations()) EXPECT_EQ(migration.version, ++version);
  EXPECT_EQ(version, schema_version);
}

/// What a file is made of, without comments and layout.
std::vector<std::string> objects(Connection& connection) {
  std::vector<std::string> all;
  Statement select =
      connection.prepare("select type || ' ' || name || ': ' || coalesce(sql, '') from sqlite_master");
  while (select.step()) {
    static const std::regex comments("--[^\\n]*"), blanks("\\s+");
    static const std::regex before_sign(" ([,)])");  // where a column was added
    const std::string text = std::regex_replace(std::string(select.text(0)), comments, "");
    all.push_back(std::regex_replace(std::regex_replace(text, blanks, " "), before_sign, "$1"));
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::string schema_1() {
  std::ifstream first(USHER_SOURCE_DIR "/tests/unit/store/schema_1.sql");
  return {std::istreambuf_iterator<char>(first), {}};
}

TEST(Migrations, KeepWhatAFileHeldThatIsOpened) {
  const ScratchFolder folder;
  {
    Database database(folder.state(), Access::write);
    pull(database, database.platform("iot"), {{"a1", "{}"}});
  }
  with_sqlite(
      folder.state(),
      "drop view operations; create view operations as select id from run;"
      "drop view memberships; drop view entitlements; drop index body_past; drop index journal_person;"
      "drop index journal_account; drop index journal_membership; drop index journal_gives; drop index "
      "journal_settled;"
      "drop table hold; drop index journal_owed; drop table ended_link;"
      "drop table offboarded; drop table approval_signature; drop table approved_operation; "
      "drop table approval;"
      "drop table orphan; drop table former_entitlement; drop table refusal; drop table lost_secret; drop "
      "table owed_taking; drop table "
      "acceptance;"
      "drop table plan_part; drop table plan; drop table gone; drop table locked;"
      "create table plan (digest text primary key, created_at text not null, json text not null);"
      "insert into plan values ('cafe01', '2025', '{1}'), ('cafe02', '2026', '{2}');"
      "alter table entitlement drop column members; alter table platform drop column writes; alter table "
      "platform drop column writes_read;"
      "alter table platform drop column shown; drop index person_turn; alter table person drop column "
      "turns_at;"
      "alter table run drop column actor; alter table run drop column host;"
      "alter table run drop column arguments; alter table run drop column reason;"
      "alter table run drop column configuration; alter table run drop column program;"
      "alter table run drop column chain; alter table journal drop column written;"
      "alter table journal drop column ended_in; alter table person drop column became;"
      "pragma user_version = 2");
  EXPECT_EQ(refusal(folder.state(), Access::read).kind(), StoreErrorKind::older) << "only a writer may";
  const std::filesystem::path kept = folder.state().string() + ".v2";
  std::ofstream(kept) << "of an upgrade that was taken back";
  Database database(folder.state(), Access::write);
  EXPECT_EQ(schema_version_of(database.connection()), schema_version);
  {
    Connection before(kept, Connection::Mode::read);
    EXPECT_EQ(schema_version_of(before), 2) << "whoever goes back finds the state as it was";
    Statement plans_before = before.prepare("select json from plan order by digest");
    ASSERT_TRUE(plans_before.step());
    EXPECT_EQ(plans_before.text(0), "{1}");
    EXPECT_EQ(std::filesystem::status(kept).permissions(), std::filesystem::perms(0600));
  }
  EXPECT_EQ(alive(database.connection(), database.platform("iot")), (World{{"a1", "{}"}}));
  Plans plans(database.connection());
  EXPECT_EQ(plans.load("cafe01")->created_at, "2025");
  EXPECT_EQ(plans.load("cafe01")->content, "{1}");
  EXPECT_EQ(plans.load("cafe02")->content, "{2}");
  Lifecycle(database.connection()).remember_gone(database.platform("iot"), "E1", "2026-01-01T00:00:00.000Z");
  EXPECT_TRUE(Lifecycle(database.connection()).gone_since(database.platform("iot"), "E1"));
}

TEST(Migrations, MakeOfTheFirstVersionWhatANewStateIs) {
  ScratchFolder old_folder, new_folder;
  std::ofstream(old_folder.state()).flush();
  std::ofstream(new_folder.state()).flush();
  Connection migrated(old_folder.state(), Connection::Mode::write);
  Connection made(new_folder.state(), Connection::Mode::write);
  create_schema(migrated, schema_1(), 1);
  migrate(migrated, built_in_migrations());
  create_schema(made, built_in_schema(), schema_version);
  EXPECT_EQ(objects(migrated), objects(made));
}

}  // namespace
}  // namespace usher
