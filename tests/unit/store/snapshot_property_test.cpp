#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "state/store/scan.hpp"
#include "tests/unit/store/scratch_state.hpp"

namespace usher {
namespace {

using namespace test;

/// One pull as a platform might answer it: pages of (account, version), perhaps with repetitions, and how it
/// ended.
struct Pull {
  std::vector<std::pair<int, int>> shown;
  enum End { sealed, partial, discarded } end = sealed;
};

std::ostream& operator<<(std::ostream& out, const Pull& pull) {
  for (const auto& [id, version] : pull.shown) out << id << ":" << version << " ";
  return out << "end " << pull.end;
}

rc::Gen<Pull> arbitrary_pull() {
  const auto one = rc::gen::pair(rc::gen::inRange(0, 40), rc::gen::inRange(0, 3));
  return rc::gen::build<Pull>(
      rc::gen::set(&Pull::shown, rc::gen::container<std::vector<std::pair<int, int>>>(one)),
      rc::gen::set(&Pull::end, rc::gen::element(Pull::sealed, Pull::sealed, Pull::partial, Pull::discarded)));
}

/// What a pull makes of a world, said as simply as possible.
World after(const World& before, const Pull& pull) {
  if (pull.end == Pull::discarded) return before;
  World world = pull.end == Pull::sealed ? World() : before;
  for (const auto& [id, version] : pull.shown) world[std::to_string(id)] = std::to_string(version);
  return world;
}

void carry_out(Database& database, PlatformId platform, const Pull& pull) {
  SnapshotWriter writer(database, platform);
  const auto page = *rc::gen::inRange<std::size_t>(1, 20);
  std::set<int> ids;
  for (std::size_t first = 0; first < pull.shown.size(); first += page) {
    std::vector<Account> accounts;
    for (std::size_t i = first; i < std::min(first + page, pull.shown.size()); ++i) {
      const auto& [id, version] = pull.shown[i];
      accounts.push_back(account(std::to_string(id), std::to_string(version)));
      ids.insert(id);
    }
    writer.add(prepared(database, accounts));
  }
  RC_ASSERT(writer.distinct() == ids.size());
  if (pull.end == Pull::discarded) {
    writer.discard();
  } else {
    writer.publish(pull.end == Pull::sealed ? sealed() : partial());
  }
}

/// The packed fingerprints are derived from the bodies: both must say the same.
World scanned(Database& database, PlatformId platform) {
  World world;
  Snapshots snapshots(database.connection());
  for (const KeySlice& slice : key_slices(3)) {
    AccountScan scan(database.connection(), platform, slice);
    while (scan.next()) {
      const std::optional<StoredAccount> stored = snapshots.find(platform, scan.key());
      RC_ASSERT(stored.has_value());
      RC_ASSERT(stored->digest == scan.digest());
      world.emplace(stored->account.id, stored->account.attributes);
    }
  }
  return world;
}

RC_GTEST_PROP(SnapshotProperty, AnySequenceOfPullsEqualsTheModel, ()) {
  const ScratchFolder folder;
  Database database(folder.state(), Access::write);
  const PlatformId platform = database.platform("iot"), other = database.platform("other");
  pull(database, other, {{"1", "untouched"}});

  std::vector<World> history{{}};
  World model;
  for (const Pull& next : *rc::gen::container<std::vector<Pull>>(arbitrary_pull())) {
    carry_out(database, platform, next);
    model = after(model, next);
    if (next.end != Pull::discarded) history.push_back(model);

    RC_ASSERT(alive(database.connection(), platform, 3) == model);
    RC_ASSERT(scanned(database, platform) == model);
    const PlatformState state = Snapshots(database.connection()).platform(platform);
    RC_ASSERT(state.accounts == model.size());
    RC_ASSERT(state.generation + 1 == history.size());
  }
  for (std::size_t generation = 1; generation < history.size(); ++generation)
    RC_ASSERT(as_of(database.connection(), platform, generation) == history[generation]);
  RC_ASSERT(alive(database.connection(), other) == (World{{"1", "untouched"}}));
}

}  // namespace
}  // namespace usher
