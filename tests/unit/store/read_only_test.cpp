#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "state/store/backup.hpp"
#include "tests/unit/store/scratch_state.hpp"

// States that stand where this process cannot write, or that are no files.
namespace usher {
namespace {

using namespace test;

constexpr uid_t nobody = 65534;

/// What comes of opening a state: how many accounts it holds, or why it cannot be opened.
std::string answer(const fs::path& file, Access access) {
  try {
    Database database(file, access, "usher test");
    Connection reader = database.reader();
    return "holds " + std::to_string(alive(reader, database.platform("iot")).size());
  } catch (const StoreError& error) {
    return error.what();
  }
}

/// Ends the process, which a test has forked, with the answer on its standard error. Root may write anywhere,
/// so it becomes somebody else first.
[[noreturn]] void answer_as_nobody(const fs::path& file, Access access) {
  if (::geteuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0) std::_Exit(1);
  std::cerr << answer(file, access) << std::endl;
  std::_Exit(0);
}

void make_state(const fs::path& file) {
  Database database(file, Access::write);
  pull(database, database.platform("iot"), {{"a", "{}"}, {"b", "{}"}});
}

class ReadOnlyFolder : public testing::Test {
 protected:
  /// Everybody may read the folder and what it holds, nobody may write.
  void close() {
    for (const auto& entry : fs::directory_iterator(folder_.path())) ::chmod(entry.path().c_str(), 0444);
    ::chmod(folder_.path().c_str(), 0555);
  }
  void TearDown() override { ::chmod(folder_.path().c_str(), 0755); }

  void expect(Access access, const std::string& said) {
    EXPECT_EXIT(answer_as_nobody(folder_.state(), access), testing::ExitedWithCode(0),
                testing::HasSubstr(said));
  }

  /// What a writer leaves that is killed before it copies its log into the state.
  void copy_of_killed_writer() {
    const ScratchFolder living;
    Database database(living.state(), Access::write);
    pull(database, database.platform("iot"), {{"a", "{}"}});
    for (const char* ending : {"", "-wal"})
      fs::copy_file(living.state().string() + ending, folder_.state().string() + ending);
  }

  ScratchFolder folder_;
};

TEST_F(ReadOnlyFolder, HoldsAStateThatCanBeRead) {
  make_state(folder_.state());
  close();
  expect(Access::read, "holds 2");
  expect(Access::write, "the lock of the state cannot be written: Permission denied; check the folder");
}

TEST_F(ReadOnlyFolder, MayHoldWhatAKilledWriterLeft) {
  copy_of_killed_writer();
  close();
  expect(Access::read, "usher needs to write");
}

TEST_F(ReadOnlyFolder, IsNotTheSameAsAReadOnlyFile) {
  make_state(folder_.state());
  ::chmod(folder_.path().c_str(), 0777);
  ::chmod((folder_.state().string() + ".lock").c_str(), 0666);
  ::chmod(folder_.state().c_str(), 0444);
  expect(Access::write, "usher.db: cannot be written: Permission denied; check the file");
  expect(Access::read, "holds 2");
  expect(Access::read, "holds 2");
}

/// A folder of a user that is not root, whatever runs the test.
class FolderOfAnOrdinaryUser : public testing::Test {
 protected:
  FolderOfAnOrdinaryUser() {
    if (::geteuid() == 0 && ::chown(folder_.path().c_str(), nobody, nobody) != 0) ADD_FAILURE();
  }

  /// Ends a forked process with what a writer says after others have read the state while it was read-only.
  [[noreturn]] void write_after_a_reader() const {
    if (::geteuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0) std::_Exit(1);
    make_state(folder_.state());
    ::chmod(folder_.state().c_str(), 0400);
    std::cerr << answer(folder_.state(), Access::read) << "; ";
    ::chmod(folder_.state().c_str(), 0600);
    std::cerr << answer(folder_.state(), Access::write) << std::endl;
    std::_Exit(0);
  }

  ScratchFolder folder_;
};

TEST_F(FolderOfAnOrdinaryUser, IsWrittenAgainAfterItsStateWasReadOnly) {
  EXPECT_EXIT(write_after_a_reader(), testing::ExitedWithCode(0), testing::HasSubstr("holds 2; holds 2"));
}

TEST_F(ReadOnlyFolder, IsTheSameForAFileBesideTheState) {
  make_state(folder_.state());
  ::chmod(folder_.path().c_str(), 0777);
  ::chmod((folder_.state().string() + ".lock").c_str(), 0666);
  ::chmod(folder_.state().c_str(), 0666);
  for (const char* ending : {"-shm", "-wal"}) {
    const std::string side = folder_.state().string() + ending;
    std::ofstream(side).close();
    ::chmod(side.c_str(), 0400);
    if (::geteuid() == 0)
      expect(Access::write,
             std::string("usher.db") + ending +
                 ": cannot be written: Permission denied; it is a part of the state beside it: "
                 "give it the owner and the permissions of usher.db");
    fs::remove(side);
  }
  expect(Access::write, "holds 2");
}

TEST_F(ReadOnlyFolder, NamesTheFileBesideTheStateThatCannotBeRead) {
  copy_of_killed_writer();
  close();
  ::chmod((folder_.state().string() + "-wal").c_str(), 0000);
  expect(Access::read,
         "usher.db-wal: cannot be read: Permission denied; it is a part of the state beside it");
}

TEST(States, ThatAreNoFilesAreRefusedBeforeALockIsMade) {
  const ScratchFolder folder;
  const fs::path inner = folder.path() / "inner", pipe = folder.path() / "pipe";
  fs::create_directory(inner);
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const Access access : {Access::read, Access::write}) {
    EXPECT_THAT(answer(inner, access), testing::HasSubstr("is a folder; name a file in it"));
    EXPECT_THAT(answer(pipe, access), testing::HasSubstr("is no regular file"));
  }
  EXPECT_FALSE(fs::exists(folder.path() / "inner.lock"));
  EXPECT_FALSE(fs::exists(folder.path() / "pipe.lock"));
}

TEST(States, SayHowMuchRoomAFullDiskNeeds) {
  const ScratchFolder folder;
  Database database(folder.state(), Access::write);
  const PlatformId platform = database.platform("iot");
  World world;
  for (int i = 0; i < 20'000; ++i)
    world[std::to_string(i)] = std::string(100, static_cast<char>('a' + i % 26));
  pull(database, platform, world);
  const auto size = fs::file_size(folder.state().string() + "-wal");
  database.connection().execute("pragma max_page_count = 1");  // no more than there are
  try {
    for (auto& [id, attributes] : world) attributes += "{\"more\":" + id + "}";
    pull(database, platform, world);
    ADD_FAILURE() << "there was room";
  } catch (const StoreError& error) {
    EXPECT_EQ(error.kind(), StoreErrorKind::full);
    const std::string needed = "make room, at least ";
    const std::string said = error.what();
    ASSERT_NE(said.find(needed), std::string::npos) << said;
    EXPECT_GE(std::stoull(said.substr(said.find(needed) + needed.size())) * 1'000'000, size) << said;
  }
}

}  // namespace
}  // namespace usher
