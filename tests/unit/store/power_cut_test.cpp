// What a power cut leaves: only what was synced before it. A layer between SQLite and the system copies each
// file to another folder whenever it is synced; opening that folder is waking up after the cut.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstring>
#include <optional>

#include "state/store/journal.hpp"
#include "state/store/links.hpp"
#include "tests/unit/store/scratch_state.hpp"

namespace usher {
namespace {

using namespace test;

fs::path watched;    // the folder of the state; one test at a time
fs::path survivors;  // the folder of what was synced of it

bool is_watched(const char* file) {
  return file != nullptr && fs::path(file).parent_path() == watched;
}
fs::path survivor(const char* file) {
  return survivors / fs::path(file).filename();
}

sqlite3_vfs* system_vfs() {
  static sqlite3_vfs* const vfs = sqlite3_vfs_find("unix");
  return vfs;
}

/// SQLite allocates it with room for the system's own file behind it.
struct WatchedFile {
  sqlite3_file base;
  const char* name;

  static WatchedFile* of(sqlite3_file* file) { return reinterpret_cast<WatchedFile*>(file); }
  static sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(of(file) + 1); }
};

/// Calls the system's method of the same name.
template <auto Method, class... Arguments>
auto pass_on(sqlite3_file* file, Arguments... arguments) {
  sqlite3_file* real = WatchedFile::real(file);
  return (real->pMethods->*Method)(real, arguments...);
}

int sync(sqlite3_file* file, int flags) {
  const int code = pass_on<&sqlite3_io_methods::xSync>(file, flags);
  const char* name = WatchedFile::of(file)->name;
  if (is_watched(name)) fs::copy_file(name, survivor(name), fs::copy_options::overwrite_existing);
  return code;
}

const sqlite3_io_methods watched_methods{
    3,
    [](sqlite3_file* f) { return pass_on<&sqlite3_io_methods::xClose>(f); },
    [](sqlite3_file* f, void* to, int n, sqlite3_int64 at) {
      return pass_on<&sqlite3_io_methods::xRead>(f, to, n, at);
    },
    [](sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
      return pass_on<&sqlite3_io_methods::xWrite>(f, from, n, at);
    },
    [](sqlite3_file* f, sqlite3_int64 size) { return pass_on<&sqlite3_io_methods::xTruncate>(f, size); },
    sync,
    [](sqlite3_file* f, sqlite3_int64* size) { return pass_on<&sqlite3_io_methods::xFileSize>(f, size); },
    [](sqlite3_file* f, int level) { return pass_on<&sqlite3_io_methods::xLock>(f, level); },
    [](sqlite3_file* f, int level) { return pass_on<&sqlite3_io_methods::xUnlock>(f, level); },
    [](sqlite3_file* f, int* out) { return pass_on<&sqlite3_io_methods::xCheckReservedLock>(f, out); },
    [](sqlite3_file* f, int op, void* arg) { return pass_on<&sqlite3_io_methods::xFileControl>(f, op, arg); },
    [](sqlite3_file* f) { return pass_on<&sqlite3_io_methods::xSectorSize>(f); },
    [](sqlite3_file* f) { return pass_on<&sqlite3_io_methods::xDeviceCharacteristics>(f); },
    [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return pass_on<&sqlite3_io_methods::xShmMap>(f, page, size, extend, out);
    },
    [](sqlite3_file* f, int offset, int n, int flags) {
      return pass_on<&sqlite3_io_methods::xShmLock>(f, offset, n, flags);
    },
    [](sqlite3_file* f) { pass_on<&sqlite3_io_methods::xShmBarrier>(f); },
    [](sqlite3_file* f, int remove) { return pass_on<&sqlite3_io_methods::xShmUnmap>(f, remove); },
    [](sqlite3_file* f, sqlite3_int64 at, int n, void** out) {
      return pass_on<&sqlite3_io_methods::xFetch>(f, at, n, out);
    },
    [](sqlite3_file* f, sqlite3_int64 at, void* page) {
      return pass_on<&sqlite3_io_methods::xUnfetch>(f, at, page);
    },
};

int open_watched(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  WatchedFile::of(file)->name = name;
  file->pMethods = nullptr;
  const int code = system_vfs()->xOpen(system_vfs(), name, WatchedFile::real(file), flags, out_flags);
  if (code == SQLITE_OK) file->pMethods = &watched_methods;
  return code;
}

int remove_watched(sqlite3_vfs*, const char* name, int sync_folder) {
  if (is_watched(name)) fs::remove(survivor(name));
  return system_vfs()->xDelete(system_vfs(), name, sync_folder);
}

/// SQLite goes through the layer while one lives.
class PowerCut : public ::testing::Test {
 protected:
  PowerCut() : vfs_(*system_vfs()) {
    watched = before_.path();
    survivors = after_.path();
    vfs_.szOsFile += static_cast<int>(sizeof(WatchedFile));
    vfs_.zName = "watched";
    vfs_.xOpen = open_watched;
    vfs_.xDelete = remove_watched;
    sqlite3_vfs_register(&vfs_, 1);
    database_.emplace(before_.state(), Access::write);
    platform_ = database_->platform("iot");
  }
  ~PowerCut() override {
    database_.reset();
    sqlite3_vfs_unregister(&vfs_);
  }

  /// The state as somebody finds it who comes back after a cut at this moment.
  Database& wake_up() {
    woken_.reset();
    bed_.emplace();
    fs::copy(after_.path(), bed_->path());
    woken_.emplace(bed_->state(), Access::write);
    return *woken_;
  }

  ScratchFolder before_, after_;
  sqlite3_vfs vfs_;
  std::optional<Database> database_;
  PlatformId platform_{};
  std::optional<ScratchFolder> bed_;
  std::optional<Database> woken_;
};

TEST_F(PowerCut, TakesNoPublishedGeneration) {
  const World first{{"a", "1"}, {"b", "1"}}, second{{"a", "2"}};
  pull(*database_, platform_, first);
  EXPECT_EQ(alive(wake_up().connection(), platform_), first);
  pull(*database_, platform_, second);
  EXPECT_EQ(alive(wake_up().connection(), platform_), second);
}

TEST_F(PowerCut, InTheMiddleOfAPullLeavesTheGenerationBefore) {
  const World first{{"a", "1"}, {"b", "1"}};
  pull(*database_, platform_, first);
  World many;
  for (int i = 0; i < 20000; ++i) many["n" + std::to_string(i)] = "1";
  SnapshotWriter writer(*database_, platform_);
  writer.add(prepared(*database_, many));
  EXPECT_EQ(alive(wake_up().connection(), platform_), first);
  EXPECT_EQ(number(woken_->connection(), "select count(*) from body"), 2);
  writer.publish(sealed());
  EXPECT_EQ(alive(wake_up().connection(), platform_), many);
}

TEST_F(PowerCut, TakesNothingThatWasJournalled) {
  Journal journal(database_->connection());
  pull(*database_, platform_, {{"a", "1"}});
  const std::int64_t run = journal.begin_run("sync", "2026-01-01T00:00:00Z");
  JournalEntry entry;
  entry.seq = 1;
  entry.platform = "iot";
  journal.plan(run, "cafe", std::span(&entry, 1));
  const auto state = [&] {
    std::optional<OperationState> found;
    Journal(wake_up().connection()).for_each_operation(run, [&](const JournalEntry& each) {
      found = each.state;
    });
    return found;
  };
  EXPECT_EQ(state(), OperationState::planned);

  {  // the next commit must be synced whatever was written before it
    Transaction bulk(database_->connection(), Durability::lazy);
    database_->set_fact("bulk", "1");
    bulk.commit();
  }
  const std::int64_t seq = 1;
  journal.mark_sent(run, std::span(&seq, 1), "2026-01-01T00:00:01Z");
  EXPECT_EQ(state(), OperationState::sent);
  EXPECT_EQ(Snapshots(woken_->connection()).platform(platform_).written_at, "2026-01-01T00:00:01Z");

  Transaction transaction(database_->connection());
  const OperationOutcome ending{1, OperationState::done, "a", ""};
  journal.mark_ended(run, std::span(&ending, 1), "2026-01-01T00:00:02Z");
  const Link link{"ada", "a", database_->fingerprints().of_id("a"), std::nullopt, LinkOrigin{}, ""};
  Links(database_->connection()).put(platform_, std::span(&link, 1));
  EXPECT_EQ(state(), OperationState::sent);
  transaction.commit();
  EXPECT_EQ(state(), OperationState::done);
  EXPECT_TRUE(Links(woken_->connection()).of_person(platform_, "ada"));
}

TEST_F(PowerCut, NeverKeepsALaterCommitWithoutAnEarlierOne) {
  const auto lazily = [&](const std::string& value) {
    Transaction transaction(database_->connection(), Durability::lazy);
    database_->set_fact("lazy", value);
    transaction.commit();
  };
  lazily("1");
  EXPECT_EQ(wake_up().fact("lazy"), std::nullopt) << "nothing was synced: the layer does forget";
  Journal(database_->connection()).begin_run("sync", "2026-01-01T00:00:00Z");
  lazily("2");
  EXPECT_EQ(wake_up().fact("lazy"), "1") << "the synced commit took the lazy one before it along";
}

}  // namespace
}  // namespace usher
