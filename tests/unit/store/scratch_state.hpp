#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "state/store/snapshot_writer.hpp"
#include "state/store/snapshots.hpp"

namespace usher::test {

namespace fs = std::filesystem;

/// A folder for one test, removed with its object. In memory where the system has such a place: an fsync on a
/// disk that others use takes longer than a test.
class ScratchFolder {
 public:
  ScratchFolder() {
    const fs::path memory = "/dev/shm";
    const fs::path parent = ::access(memory.c_str(), W_OK) == 0 ? memory : fs::temp_directory_path();
    std::string name = (parent / "usher-store-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~ScratchFolder() { fs::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  fs::path state() const { return path_ / "usher.db"; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

inline std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// id -> attributes: all that a test of snapshots needs to tell accounts and their versions apart.
using World = std::map<std::string, std::string>;

inline Account account(const std::string& id, const std::string& attributes = "{}") {
  Account account;
  account.id = id;
  account.attributes = attributes;
  account.memberships = "{}";
  return account;
}

inline std::vector<PreparedAccount> prepared(const Database& database, const std::vector<Account>& accounts) {
  std::vector<PreparedAccount> result;
  for (const Account& each : accounts) result.push_back(prepare(each, database.fingerprints()));
  return result;
}

inline std::vector<PreparedAccount> prepared(const Database& database, const World& world) {
  std::vector<PreparedAccount> result;
  for (const auto& [id, attributes] : world)
    result.push_back(prepare(account(id, attributes), database.fingerprints()));
  return result;
}

inline Publication sealed(const std::string& at = "2026-01-01T00:00:00Z") {
  Publication publication;
  publication.sealed = true;
  publication.started_at = publication.ended_at = at;
  return publication;
}

inline Publication partial(const std::string& why = "a page was cut") {
  Publication publication = sealed();
  publication.sealed = false;
  publication.why_not = why;
  return publication;
}

inline Published pull(Database& database, PlatformId platform, const World& world,
                      const Publication& publication = sealed()) {
  SnapshotWriter writer(database, platform);
  writer.add(prepared(database, world));
  return writer.publish(publication);
}

inline World alive(Connection& connection, PlatformId platform, std::size_t slices = 1) {
  World world;
  Snapshots snapshots(connection);
  for (const RowSlice& slice : snapshots.row_slices(platform, slices))
    snapshots.for_each_alive(slice,
                             [&](const AccountView& each) { world.emplace(each.id, each.attributes); });
  return world;
}

inline World as_of(Connection& connection, PlatformId platform, std::uint64_t generation) {
  World world;
  Snapshots snapshots(connection);
  for (const RowSlice& slice : snapshots.row_slices_as_of(platform, generation, 2))
    snapshots.for_each_as_of(slice, generation,
                             [&](const AccountView& each) { world.emplace(each.id, each.attributes); });
  return world;
}

/// The single number a query answers.
inline std::int64_t number(Connection& connection, const std::string& sql) {
  Statement statement = connection.prepare(sql);
  return statement.step() ? statement.integer(0) : -1;
}

}  // namespace usher::test
