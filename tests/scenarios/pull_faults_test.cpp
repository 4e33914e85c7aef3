#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/told.hpp"
#include "tests/support/world.hpp"

namespace usher::test {
namespace {

using nlohmann::json;

constexpr std::size_t many = 250;  // three pages

struct PullFault {
  const char* name;
  const char* script;  ///< a fault script, JSON
};

std::ostream& operator<<(std::ostream& out, const PullFault& fault) {
  return out << fault.name;
}

std::string identity(std::size_t i) {
  return fmt::format("p{:03}@example.com", i);
}

std::string rows(std::size_t first, std::size_t end) {
  std::string text;
  for (std::size_t i = first; i < end; ++i)
    text += fmt::format("E{},P{},Test,{},operations,active\n", i, i, identity(i));
  return text;
}

/// Accounts exactly as the rules want them, so that the first sync writes nothing.
json accounts() {
  json users = json::array();
  for (std::size_t i = 0; i < many; ++i)
    users.push_back({{"name", fmt::format("P{} Test", i)},
                     {"tags", {"operations"}},
                     {"credentials", {{"identity", identity(i)}}}});
  return users;
}

class PullFaultTest : public testing::TestWithParam<PullFault> {};

// A leaver is one by the source; that the account is there was seen. What was not seen makes nobody and takes
// nothing.
TEST_P(PullFaultTest, NothingRestsOnWhatWasNotSeen) {
  World world(accounts());
  world.platform_options("attempts: 1");
  world.people(rows(0, many));
  world.sync();
  ASSERT_EQ(world.writes(), 0U);
  // Two have left, one is new, and one has another name.
  world.people(rows(2, many - 1) + rows(many, many + 1) +
               fmt::format("E{},Other,Name,{},operations,active\n", many - 1, identity(many - 1)));

  world.platform().set_faults(json::parse(GetParam().script));
  const World::Sync broken = world.sync();
  const auto& pull = broken.pulls.back();
  ASSERT_EQ(pull.platform, "iot");
  EXPECT_FALSE(pull.sealed);
  EXPECT_NE(pull.why_not, "");
  EXPECT_EQ(exit_code(broken.pulls), ExitCode::source_incomplete) << pull.why_not;
  EXPECT_EQ(exit_code(broken.plan), ExitCode::source_incomplete);
  for (const Operation& operation : broken.plan.operations) {
    const bool left = operation.person == "E0" || operation.person == "E1";
    EXPECT_TRUE(left || !takes_away(operation.kind)) << line_of(operation);
    EXPECT_NE(operation.kind, OperationKind::create) << line_of(operation);
  }
  json untouched = world.accounts();
  for (std::size_t i = 2; i < many; ++i)
    EXPECT_EQ(untouched[identity(i)]["status"], "enabled") << identity(i);

  world.platform().set_faults(json::array());
  world.sync();
  json held = world.accounts();
  EXPECT_EQ(held[identity(0)]["status"], "disabled");
  EXPECT_EQ(held[identity(1)]["status"], "disabled");
  EXPECT_EQ(held[identity(many)]["status"], "enabled");
  EXPECT_EQ(held[identity(many - 1)]["name"], "Other Name");
  const Plan next = world.plan();
  EXPECT_EQ(lines_of(next), std::vector<std::string>());
}

const PullFault faults[] = {
    {"DiesAtTheSecondPage",
     R"([{"method": "GET", "path": "/users", "query": {"offset": "99"}, "cut": true}])"},
    {"ServerErrorAtTheThirdPage",
     R"([{"method": "GET", "path": "/users", "query": {"offset": "198"}, "status": 500}])"},
    {"CutsAPage", R"([{"method": "GET", "path": "/users", "query": {"offset": "99"}, "truncate": 2000}])"},
    {"CutsAChunkedPage",
     R"([{"method": "GET", "path": "/users", "query": {"offset": "99"}, "truncate": 2000, "chunked": true}])"},
    {"AnswersGarbage",
     R"([{"method": "GET", "path": "/users", "query": {"offset": "198"}, "garbage": true}])"},
    // Also where the second page is asked for when pages are not to overlap any more.
    {"RepeatsAPage",
     R"([{"method": "GET", "path": "/users", "query": {"offset": "99"}, "repeat_page": "items"},
         {"method": "GET", "path": "/users", "query": {"offset": "100"}, "repeat_page": "items"}])"},
    {"RepeatsAPageToTheByte",
     R"([{"method": "GET", "path": "/users", "query": {"offset": "99"}, "repeat_page": "body"}])"},
    {"TotalIsTooLarge", R"([{"method": "GET", "path": "/users", "total_plus": 7}])"},
    {"TotalIsTooSmall", R"([{"method": "GET", "path": "/users", "total_plus": -7}])"},
    {"OnePageLiesAboutTheTotal",
     R"([{"method": "GET", "path": "/users", "query": {"offset": "198"}, "total_plus": -50}])"},
    {"TotalIsMissing", R"([{"method": "GET", "path": "/users", "drop_total": true, "swallow": 3}])"},
    {"SwallowsARecord",
     R"([{"method": "GET", "path": "/users", "query": {"offset": "99"}, "swallow": 3},
         {"method": "GET", "path": "/users", "query": {"offset": "100"}, "swallow": 3}])"},
    {"ChangesBetweenPages",
     R"([{"method": "GET", "path": "/users", "query": {"offset": "99"}, "change": {"insert": 1, "first": true}}])"},
    {"LosesPolicies", R"([{"method": "GET", "path": "/users/policies", "status": 500}])"},
    {"LosesGroups", R"([{"method": "GET", "path": "/groups", "cut": true}])"},
};

INSTANTIATE_TEST_SUITE_P(Faults, PullFaultTest, testing::ValuesIn(faults),
                         [](const auto& tested) { return tested.param.name; });

TEST(PullFaults, OneChangeBetweenPagesIsReadAgain) {
  World world(accounts());
  world.people(rows(0, many));
  world.sync();
  world.platform().set_faults(json::parse(
      R"([{"method": "GET", "path": "/users", "query": {"offset": "99"}, "nth": 1,
           "change": {"insert": 1, "first": true}}])"));
  const World::Sync sync = world.sync();
  EXPECT_TRUE(sync.pulls.back().sealed) << sync.pulls.back().why_not;
  EXPECT_TRUE(sync.plan.changes.empty());
}

TEST(PullFaults, NothingReachedIsUnreachable) {
  World world(accounts());
  world.platform_options("attempts: 1");
  world.people(rows(0, many));
  world.sync();
  world.people(rows(5, many));
  world.platform().stop();
  const World::Sync sync = world.sync();
  EXPECT_EQ(exit_code(sync.pulls), ExitCode::unreachable) << sync.pulls.back().why_not;
  EXPECT_FALSE(sync.pulls.back().sealed);
  EXPECT_TRUE(sync.plan.operations.empty());
}

TEST(PullFaults, RefusedCredentialsAreSaidSo) {
  World world(accounts());
  world.people(rows(0, 3));
  world.platform().set_faults(
      json::parse(R"([{"method": "POST", "path": "/users/tokens/issue", "status": 404, "body": "{}"}])"));
  const World::Sync sync = world.sync();
  EXPECT_EQ(exit_code(sync.pulls), ExitCode::credentials_refused) << sync.pulls.back().why_not;
  EXPECT_TRUE(sync.plan.operations.empty());
}

}  // namespace
}  // namespace usher::test
