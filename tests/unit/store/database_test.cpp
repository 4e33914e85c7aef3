#include "state/store/database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <regex>
#include <thread>

#include "state/store/lifecycle.hpp"
#include "state/store/migration.hpp"
#include "state/store/plans.hpp"
#include "tests/unit/store/scratch_state.hpp"

namespace usher {
namespace {

using namespace test;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// What opening a state says; fails the test when it says nothing.
StoreError refusal(const fs::path& file, Access access) {
  try {
    Database database(file, access, "usher test");
  } catch (const StoreError& error) {
    return error;
  }
  ADD_FAILURE() << "opened";
  return {StoreErrorKind::failed, ""};
}

void with_sqlite(const fs::path& file, const std::string& sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
  char* error = nullptr;
  EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
  sqlite3_close(handle);
}

TEST(Database, IsForItsOwnerOnlyWhateverTheUmask) {
  const ScratchFolder folder;
  const mode_t before = ::umask(0);
  Database database(folder.state(), Access::write);
  pull(database, database.platform("iot"), {{"a", "{}"}});
  ::umask(before);
  for (const char* ending : {"", ".lock", "-wal", "-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((folder.state().string() + ending).c_str(), &status), 0) << ending;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << ending;
  }
}

TEST(Database, SaysWhatSqliteRefusedInOurWords) {
  const ScratchFolder folder;
  Database database(folder.state(), Access::write);
  try {
    database.connection().prepare("select wrong from nowhere");
    ADD_FAILURE() << "there is no such table";
  } catch (const StoreError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr(folder.state().string()), HasSubstr("the state cannot be used"),
                                    testing::Not(HasSubstr("select")), testing::Not(HasSubstr("nowhere"))));
    EXPECT_THAT(error.detail(), AllOf(HasSubstr("no such table"), HasSubstr("select wrong from nowhere")));
  }
}

TEST(Database, KeepsItsSecretAndItsFacts) {
  const ScratchFolder folder;
  Fingerprint key;
  {
    Database database(folder.state(), Access::write);
    key = database.fingerprints().of_id("ada");
    database.set_fact("rules iot", "1");
    database.set_fact("rules iot", "2");
    database.set_fact("other", "3");
    database.forget_fact("other");
  }
  Database database(folder.state(), Access::write);
  EXPECT_EQ(database.fingerprints().of_id("ada"), key);
  EXPECT_EQ(database.fact("rules iot"), "2");
  EXPECT_EQ(database.fact("other"), std::nullopt);
  const ScratchFolder other;
  EXPECT_NE(Database(other.state(), Access::write).fingerprints().of_id("ada"), key);
}

TEST(Database, NamesTheHolderOfTheLock) {
  const ScratchFolder folder;
  {
    const Database holder(folder.state(), Access::write, "usher sync --yes");
    const StoreError error = refusal(folder.state(), Access::write);
    EXPECT_EQ(error.kind(), StoreErrorKind::locked);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("usher sync --yes"),
                                    HasSubstr("pid " + std::to_string(::getpid())), HasSubstr("since 2")));
  }
  EXPECT_NO_THROW(Database(folder.state(), Access::write));
}

TEST(Database, CanBeReadBesideAWriterButNotWritten) {
  const ScratchFolder folder;
  Database writer(folder.state(), Access::write);
  const PlatformId platform = writer.platform("iot");
  pull(writer, platform, {{"a", "1"}});
  Database reader(folder.state(), Access::read);
  EXPECT_EQ(alive(reader.connection(), reader.platform("iot")), (World{{"a", "1"}}));
  pull(writer, platform, {{"a", "2"}});
  EXPECT_EQ(alive(reader.connection(), platform), (World{{"a", "2"}}));
  EXPECT_THROW(reader.set_fact("x", "y"), StoreError);
  EXPECT_THROW(reader.platform("unknown"), StoreError);
}

TEST(Database, SaysThatThereIsNothingToRead) {
  const ScratchFolder folder;
  EXPECT_EQ(refusal(folder.state(), Access::read).kind(), StoreErrorKind::missing);
  EXPECT_FALSE(fs::exists(folder.state()));
  std::ofstream(folder.state()).flush();
  EXPECT_EQ(refusal(folder.state(), Access::read).kind(), StoreErrorKind::missing);
  EXPECT_NO_THROW(Database(folder.state(), Access::write)) << "an empty file is a place for a new state";
}

TEST(Database, DoesNotTakeAnEmptiedFileForANewOneWhereItsLockRemembersWrites) {
  const ScratchFolder folder;
  {
    Database database(folder.state(), Access::write);
    const PlatformId platform = database.platform("iot");
    database.connection()
        .statement("update platform set writes = 3 where id = ?1")
        ->run(static_cast<std::int64_t>(platform));
    database.remember_writes();
  }
  for (const char* rest : {"-wal", "-shm"}) fs::remove(folder.state().string() + rest);
  fs::resize_file(folder.state(), 0);
  const StoreError error = refusal(folder.state(), Access::write);
  EXPECT_EQ(error.kind(), StoreErrorKind::corrupt);
  EXPECT_THAT(error.what(), HasSubstr("3 operations were sent"));
  EXPECT_EQ(fs::file_size(folder.state()), 0U);
  fs::remove(folder.state().string() + ".lock");
  EXPECT_NO_THROW(Database(folder.state(), Access::write));
}

TEST(Database, SaysThatAFolderCannotBeWritten) {
  EXPECT_EQ(refusal("/nonexistent/usher.db", Access::write).kind(), StoreErrorKind::failed);
}

/// A file that is not to be used, made by `spoil` from a good state.
void expect_untouched(StoreErrorKind kind, const std::function<void(const fs::path&)>& spoil) {
  const ScratchFolder folder;
  {
    Database database(folder.state(), Access::write);
    World world;
    for (int i = 0; i < 500; ++i) world[std::to_string(i)] = std::string(100, 'x');
    pull(database, database.platform("iot"), world);
  }
  spoil(folder.state());
  const std::string before = bytes_of(folder.state());
  for (const Access access : {Access::write, Access::read}) {
    const StoreError error = refusal(folder.state(), access);
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_THAT(error.what(), HasSubstr(folder.state().string()));
    EXPECT_EQ(bytes_of(folder.state()), before);
  }
}

TEST(Database, DoesNotTouchANewerFile) {
  expect_untouched(StoreErrorKind::newer,
                   [](const fs::path& file) { with_sqlite(file, "pragma user_version = 99"); });
}

TEST(Database, DoesNotTouchTheFileOfAnotherProgram) {
  expect_untouched(StoreErrorKind::foreign,
                   [](const fs::path& file) { with_sqlite(file, "pragma application_id = 7"); });
}

TEST(Database, DoesNotTouchWhatIsNoDatabase) {
  expect_untouched(StoreErrorKind::corrupt, [](const fs::path& file) {
    std::ofstream(file, std::ios::trunc) << "id,mail\n1,ada@example.com\n" << std::string(200, ' ');
  });
}

TEST(Database, DoesNotTouchAFileThatIsCutOff) {
  expect_untouched(StoreErrorKind::corrupt,
                   [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); });
}

TEST(Database, DoesNotTouchAFileWhoseTablesAreDamaged) {
  expect_untouched(StoreErrorKind::corrupt, [](const fs::path& file) {
    std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
    out.seekp(100);
    out << std::string(200, '\xff');
  });
}

TEST(Database, ReportsDamageFoundLater) {
  const ScratchFolder folder;
  World world;
  for (int i = 0; i < 2000; ++i) world[std::to_string(i)] = std::string(200, 'x');
  {
    Database database(folder.state(), Access::write);
    pull(database, database.platform("iot"), world);
  }
  {
    std::fstream out(folder.state(), std::ios::in | std::ios::out | std::ios::binary);
    for (std::uintmax_t at = 30 * 4096; at < fs::file_size(folder.state()); at += 4096) {
      out.seekp(static_cast<std::streamoff>(at));
      out << std::string(64, '\xff');
    }
  }
  try {
    Database database(folder.state(), Access::read);
    alive(database.connection(), database.platform("iot"));
    FAIL() << "read";
  } catch (const StoreError& error) {
    EXPECT_EQ(error.kind(), StoreErrorKind::corrupt) << error.what();
  }
}

TEST(Database, ReadsFromManyThreads) {
  const ScratchFolder folder;
  Database database(folder.state(), Access::write);
  const PlatformId platform = database.platform("iot");
  World world;
  for (int i = 0; i < 3000; ++i) world[std::to_string(i)] = "{}";
  pull(database, platform, world);
  const std::vector<RowSlice> slices = Snapshots(database.connection()).row_slices(platform, 4);
  std::vector<World> parts(slices.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < slices.size(); ++i) {
      threads.emplace_back([&, i] {
        Connection connection = database.reader();
        Snapshots(connection).for_each_alive(slices[i], [&](const AccountView& each) {
          parts[i].emplace(each.id, each.attributes);
        });
      });
    }
  }
  World together;
  for (const World& part : parts) together.insert(part.begin(), part.end());
  EXPECT_EQ(slices.size(), 4U);
  EXPECT_EQ(together, world);
}

TEST(Transaction, JoinsTheOneThatIsOpen) {
  const ScratchFolder folder;
  Database database(folder.state(), Access::write);
  {
    Transaction outer(database.connection());
    {
      Transaction inner(database.connection());
      database.set_fact("x", "1");
      inner.commit();
    }
    EXPECT_EQ(database.fact("x"), "1");
  }
  EXPECT_EQ(database.fact("x"), std::nullopt) << "the outer one was never committed";
}

TEST(States, HaveOneLockUnderAllTheirSymbolicLinks) {
  const ScratchFolder folder;
  const auto other = folder.state().parent_path() / "other.db";
  std::filesystem::create_symlink(folder.state(), other);
  Database database(folder.state(), Access::write, "the first");
  EXPECT_EQ(refusal(other, Access::write).kind(), StoreErrorKind::locked);
}

TEST(States, WithASecondNameAreRefused) {
  const ScratchFolder folder;
  { Database database(folder.state(), Access::write); }
  std::filesystem::create_hard_link(folder.state(), folder.state().parent_path() / "other.db");
  EXPECT_THAT(refusal(folder.state(), Access::write).what(), testing::HasSubstr("hard links"));
}

TEST(States, DoNotFollowALockThatIsASymbolicLink) {
  const ScratchFolder folder;
  const auto target = folder.state().parent_path() / "precious";
  std::ofstream(target) << "kept";
  std::filesystem::create_symlink(target, folder.state().string() + ".lock");
  EXPECT_THAT(refusal(folder.state(), Access::write).what(), testing::HasSubstr("symbolic link"));
  EXPECT_EQ(std::filesystem::file_size(target), 4U);
}

TEST(States, OfWhichAByteFlippedAreRefusedWhenItIsRead) {
  for (const char* const damage :
       {"update packed set entries = substr(entries, 1, length(entries) - 1)",
        "update packed set entries = zeroblob(length(entries))", "update packing set bits = 40",
        "update body set attributes = '{\"name\":\"somebody else\"}'"}) {
    SCOPED_TRACE(damage);
    const ScratchFolder folder;
    Database database(folder.state(), Access::write);
    const PlatformId iot = database.platform("iot");
    pull(database, iot, {{"a1", "{}"}, {"a2", "{}"}});
    database.connection().execute(damage);
    try {
      Snapshots snapshots(database.connection());
      for (const char* const id : {"a1", "a2"}) snapshots.find(iot, database.fingerprints().of_id(id));
      ADD_FAILURE() << "was read";
    } catch (const StoreError& error) {
      EXPECT_EQ(error.kind(), StoreErrorKind::corrupt) << error.what();
    }
  }
}

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
      "drop view memberships; drop view entitlements; drop index body_past; drop index journal_person;"
      "drop index journal_account; drop index journal_membership; drop index journal_settled;"
      "drop table hold; drop index journal_owed; drop table ended_link;"
      "drop table offboarded; drop table approved_operation; drop table approval;"
      "drop table refusal; drop table lost_secret; drop table owed_taking; drop table acceptance;"
      "drop table plan_part; drop table plan; drop table gone; drop table locked;"
      "create table plan (digest text primary key, created_at text not null, json text not null);"
      "insert into plan values ('cafe01', '2025', '{1}'), ('cafe02', '2026', '{2}');"
      "alter table platform drop column writes; alter table platform drop column writes_read;"
      "alter table platform drop column shown; drop index person_turn; alter table person drop column "
      "turns_at;"
      "alter table run drop column actor; alter table run drop column host;"
      "alter table run drop column arguments; alter table run drop column reason;"
      "alter table run drop column configuration; alter table run drop column program;"
      "alter table run drop column chain; alter table journal drop column written;"
      "alter table journal drop column ended_in; alter table person drop column became;"
      "pragma user_version = 2");
  EXPECT_EQ(refusal(folder.state(), Access::read).kind(), StoreErrorKind::older) << "only a writer may";
  Database database(folder.state(), Access::write);
  EXPECT_EQ(schema_version_of(database.connection()), schema_version);
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
