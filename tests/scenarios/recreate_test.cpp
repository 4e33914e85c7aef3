#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/support/plan_text.hpp"
#include "tests/support/sync_elsewhere.hpp"
#include "tests/support/told.hpp"
#include "tests/support/world.hpp"

namespace usher::test {
namespace {

using nlohmann::json;

/// Two people on a platform that can change nothing; one of them is called otherwise by now, so that her
/// account is deleted and made anew.
class Recreation {
 public:
  Recreation() {
    world_.rules(rules_over_standard({{"accounts", {{"without-update", "recreate"}}}}, "gr4vy"));
    world_.people(
        "E1,Ada,King,ada@example.com,engineering,active\n"
        "E2,Grace,Hopper,grace@example.com,operations,active\n");
  }

  /// One clean run later everything is as declared, by one delete and one create, and nothing is left to do.
  void expect_recovery() {
    world_.platform().set_faults(json::array());
    world_.sync();
    const Plan next = world_.plan();
    EXPECT_TRUE(next.changes.empty() && next.notes.empty()) << content_of(next);
    const json held = world_.accounts();
    EXPECT_EQ(held.size(), 2U) << held.dump(1);
    EXPECT_EQ(held.value("ada@example.com", json::object()).value("name", ""), "Ada King") << held.dump(1);
    EXPECT_EQ(held.value("grace@example.com", json::object()).value("id", ""), "grace") << held.dump(1);
    EXPECT_EQ(done("DELETE"), 1) << world_.platform().journal("gr4vy").dump(1);
    EXPECT_EQ(done("POST"), 1) << world_.platform().journal("gr4vy").dump(1);
  }

  /// How often the platform did such a thing to users.
  std::ptrdiff_t done(const std::string& method) {
    const json journal = world_.platform().journal("gr4vy");
    return std::count_if(journal.begin(), journal.end(), [&](const json& entry) {
      return entry.at("method") == method && entry.at("path").get<std::string>().starts_with("/users");
    });
  }

  World& world() { return world_; }

 private:
  World world_{{{"users",
                 {{{"id", "ada"}, {"name", "Ada Lovelace"}, {"email_address", "ada@example.com"}},
                  {{"id", "grace"}, {"name", "Grace Hopper"}, {"email_address", "grace@example.com"}}}}},
               "gr4vy"};
};

TEST(Recreation, IsADeleteAndACreate) {
  Recreation recreation;
  EXPECT_TRUE(recreation.world().sync().report.troubles.empty());
  recreation.expect_recovery();
}

TEST(Recreation, MayBeKilledBetweenItsHalves) {
  Recreation recreation;
  // The create waits at the door and never gets in, so that whoever dies meanwhile dies between the two.
  recreation.world().platform().set_faults(
      json::array({{{"method", "POST"}, {"path", "/users"}, {"delay_ms", 2000}, {"cut", true}}}));
  SyncElsewhere sync(recreation.world(), 1'000'000);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (recreation.done("DELETE") == 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  sync.kill();
  EXPECT_TRUE(sync.killed());
  EXPECT_EQ(recreation.done("POST"), 0);
  EXPECT_EQ(recreation.world().accounts().count("ada@example.com"), 0U);
  recreation.expect_recovery();
}

TEST(Recreation, MayBeKilledAtAnyStatement) {
  std::uint64_t killed = 0;
  for (std::uint64_t statement = 4;; statement += 11 + statement / 8) {
    SCOPED_TRACE(fmt::format("statement {}", statement));
    Recreation recreation;
    const bool met = SyncElsewhere(recreation.world(), statement).killed();
    recreation.expect_recovery();
    if (!met || testing::Test::HasFailure()) break;
    ++killed;
  }
  EXPECT_GT(killed, 5U);
}

TEST(Recreation, ConvergesWhenTheReplyOfEitherHalfIsLost) {
  for (const json& half : {json{{"method", "DELETE"}}, json{{"method", "POST"}, {"path", "/users"}}}) {
    for (const bool after : {false, true}) {
      SCOPED_TRACE(fmt::format("{} {}", half.dump(), after ? "done, its reply lost" : "lost on its way"));
      Recreation recreation;
      json fault = half;
      fault.update({{"cut", true}, {"after", after}});
      recreation.world().platform().set_faults(json::array({fault}));
      recreation.world().sync();
      recreation.expect_recovery();
    }
  }
}

}  // namespace
}  // namespace usher::test
