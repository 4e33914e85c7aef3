#include "state/store/lifecycle.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "tests/unit/store/scratch_state.hpp"

namespace usher::test {
namespace {

TEST(Lifecycle, RemembersWhoIsGoneSinceTheFirstTime) {
  const ScratchFolder folder;
  Database database(folder.state(), Access::write, "test");
  const PlatformId iot = database.platform("iot"), other = database.platform("other");
  Lifecycle lifecycle(database.connection());
  EXPECT_FALSE(lifecycle.gone_since(iot, "E1"));
  lifecycle.remember_gone(iot, "E1", "2026-01-01T00:00:00.000Z");
  lifecycle.remember_gone(iot, "E1", "2026-02-02T00:00:00.000Z");
  EXPECT_EQ(lifecycle.gone_since(iot, "E1"), "2026-01-01T00:00:00.000Z");
  EXPECT_FALSE(lifecycle.gone_since(other, "E1"));
  EXPECT_FALSE(lifecycle.gone_since(iot, "E2"));
  lifecycle.forget_gone(iot, "E1");
  EXPECT_FALSE(lifecycle.gone_since(iot, "E1"));
  lifecycle.remember_gone(iot, "E1", "2026-03-03T00:00:00.000Z");
  EXPECT_EQ(lifecycle.gone_since(iot, "E1"), "2026-03-03T00:00:00.000Z");
}

TEST(Lifecycle, RemembersLockedAccountsUntilTheyAreUnlocked) {
  const ScratchFolder folder;
  Database database(folder.state(), Access::write, "test");
  const PlatformId iot = database.platform("iot");
  Lifecycle lifecycle(database.connection());
  lifecycle.remember_locked(iot, "a1", "2026-01-01T00:00:00.000Z");
  lifecycle.remember_locked(iot, "a1", "2026-02-02T00:00:00.000Z");
  EXPECT_EQ(lifecycle.locked_since(iot, "a1"), "2026-02-02T00:00:00.000Z");
  EXPECT_TRUE(lifecycle.any(iot));
  EXPECT_FALSE(lifecycle.any(database.platform("other")));
  EXPECT_FALSE(lifecycle.locked_since(iot, "a2"));
  lifecycle.forget_locked(iot, "a1");
  lifecycle.forget_locked(iot, "a1");
  EXPECT_FALSE(lifecycle.locked_since(iot, "a1"));
}

TEST(Links, LookUpWhatEndedByItsAccount) {
  const ScratchFolder folder;
  Database database(folder.state(), Access::write, "test");
  for (const char* asked :
       {"explain query plan select person from ended_link where platform = ?1 and key = ?2 order by ended_at "
        "desc limit 1",
        "explain query plan update ended_link set why = ?3 where platform = ?1 and key = ?2"}) {
    Statement steps = database.connection().prepare(asked);
    ASSERT_TRUE(steps.step());
    EXPECT_NE(steps.text(3).find("ended_link_key"), std::string_view::npos) << steps.text(3);
    EXPECT_FALSE(steps.step()) << "nothing is sorted";
  }
}

}  // namespace
}  // namespace usher::test
