#include "state/store/lifecycle.hpp"

#include <gtest/gtest.h>

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

/// How the tables of leavers are made, whatever the way.
std::string tables_of(Connection& connection) {
  std::string all;
  Statement select =
      connection.prepare("select sql from sqlite_schema where name in ('gone', 'locked') order by name");
  while (select.step()) all += std::string(select.text(0)) + ";\n";
  return all;
}

TEST(Lifecycle, ComesToAStateThatWasMadeBeforeItExisted) {
  const ScratchFolder folder;
  std::string made;
  {
    Database database(folder.state(), Access::write, "test");
    database.platform("iot");
    made = tables_of(database.connection());
    database.connection().execute("drop table gone; drop table locked; pragma user_version = 2");
  }
  Database database(folder.state(), Access::write, "test");
  EXPECT_EQ(tables_of(database.connection()), made);
  Lifecycle(database.connection()).remember_gone(database.platform("iot"), "E1", "2026-01-01T00:00:00.000Z");
  EXPECT_TRUE(Lifecycle(database.connection()).gone_since(database.platform("iot"), "E1"));
}

}  // namespace
}  // namespace usher::test
