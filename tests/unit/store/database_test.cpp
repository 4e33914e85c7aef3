#include "state/store/database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "state/store/lock.hpp"
#include "tests/unit/store/opening.hpp"
#include "tests/unit/store/scratch_state.hpp"

namespace usher {
namespace {

using namespace test;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Locks, RememberWritesWhateverTheirHolderIsCalled) {
  const ScratchFolder folder;
  const std::string file = folder.state().string() + ".lock";
  {
    StoreLock lock(file, "usher " + std::string(2000, 'x'), {});
    lock.remember({"abc", 57});
    // The first line stays where its holder is killed.
    std::filesystem::copy_file(file, file + ".killed");
  }
  const StoreLock next(file + ".killed", "usher", {});
  EXPECT_EQ(next.remembered().state, "abc");
  EXPECT_EQ(next.remembered().writes, 57U);
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

}  // namespace
}  // namespace usher
