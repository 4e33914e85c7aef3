#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/scenarios/history.hpp"

namespace usher::test {
namespace {

using nlohmann::json;

struct Named {
  const char* name;
  json rule;
};

/// What may become of a write on its way.
const std::vector<Named>& faults() {
  static const std::vector<Named> all = {
      {"Lost", {{"cut", true}}},                          // never arrives
      {"DoneAndLost", {{"cut", true}, {"after", true}}},  // done, the reply is lost
      {"DoneAndTruncated", {{"truncate", 5}}},            // done, half a reply
      {"DoneAndServerError", {{"status", 500}, {"after", true}, {"body", "{}"}}},
      {"ServerError", {{"status", 503}}},
      {"Throttled", {{"status", 429}, {"headers", {{"Retry-After", "0"}}}}},
      {"DoneAndGarbage", {{"garbage", true}}},
  };
  return all;
}

/// The writes of the history, by route.
const std::vector<Named>& routes() {
  static const std::vector<Named> all = {
      {"Create", {{"method", "POST"}, {"path", "/users"}}},
      {"Update", {{"method", "PATCH"}}},
      {"Enable", {{"method", "POST"}, {"pattern", "/enable$"}}},
      {"Disable", {{"method", "POST"}, {"pattern", "/disable$"}}},
      {"PutPolicy", {{"method", "POST"}, {"path", "/users/policies"}}},
      {"DeletePolicy", {{"method", "DELETE"}}},
  };
  return all;
}

json rule_of(const Named& route, const Named& fault) {
  json rule = route.rule;
  rule.update(fault.rule);
  return rule;
}

class WriteFaultTest : public testing::TestWithParam<std::tuple<std::size_t, std::size_t>> {};

TEST_P(WriteFaultTest, OnceThenConverges) {
  const auto& [fault, route] = GetParam();
  History history;
  json rule = rule_of(routes()[route], faults()[fault]);
  rule["nth"] = 1;
  history.world().platform().set_faults(json::array({rule}));
  history.world().sync();
  history.world().platform().set_faults(json::array());
  history.expect_recovery();
}

INSTANTIATE_TEST_SUITE_P(Faults, WriteFaultTest,
                         testing::Combine(testing::Range(std::size_t{0}, faults().size()),
                                          testing::Range(std::size_t{0}, routes().size())),
                         [](const auto& tested) {
                           return fmt::format("{}{}", faults()[std::get<0>(tested.param)].name,
                                              routes()[std::get<1>(tested.param)].name);
                         });

class AllWritesFaultTest : public testing::TestWithParam<std::size_t> {};

TEST_P(AllWritesFaultTest, EveryWriteThenConverges) {
  History history;
  json script = json::array();
  for (const Named& route : routes()) script.push_back(rule_of(route, faults()[GetParam()]));
  history.world().platform().set_faults(script);
  const World::Sync broken = history.world().sync();
  history.world().platform().set_faults(json::array());
  history.expect_recovery();
  const bool done_anyway = std::string(faults()[GetParam()].name).rfind("Done", 0) == 0;
  if (done_anyway) {
    EXPECT_TRUE(broken.report.troubles.empty()) << broken.report.troubles.front().message;
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, AllWritesFaultTest, testing::Range(std::size_t{0}, faults().size()),
                         [](const auto& tested) { return faults()[tested.param].name; });

TEST(WriteFaults, NeitherTheReplyNorTheReadingBackComes) {
  History history;
  history.world().platform().set_faults(
      json::parse(R"([{"method": "POST", "path": "/users", "cut": true, "after": true},
                      {"method": "GET", "path": "/users", "query": {"limit": "100", "identity": "kim@example.com"}, "cut": true},
                      {"method": "GET", "path": "/users", "query": {"limit": "100", "identity": "lou@example.com"}, "cut": true}])"));
  const World::Sync broken = history.world().sync();
  std::size_t unknown = 0;
  for (const auto& trouble : broken.report.troubles)
    unknown += trouble.state == OperationState::unknown ? 1U : 0U;
  EXPECT_EQ(unknown, 2U);
  history.world().platform().set_faults(json::array());
  history.expect_recovery();
}

// The platform takes a create whose token died an instant before and makes a user of nobody's: nothing can be
// asked so late that this is sure not to happen. It must be told, and the user must not be made twice.
TEST(WriteFaults, ACreateWhoseTokenDiedUnderItIsTold) {
  History history;
  history.world().platform().set_faults(
      json::parse(R"([{"method": "POST", "path": "/users", "nth": 1, "expire_tokens": true}])"));
  const ApplyReport report = history.world().sync().report;
  const auto told = std::count_if(report.troubles.begin(), report.troubles.end(), [](const auto& trouble) {
    return trouble.message.find("without an owner") != std::string::npos;
  });
  EXPECT_GE(told, 1);  // two workers may meet the dead token at the same time
  history.world().platform().set_faults(json::array());
  history.world().sync();
  const json world = history.world().platform_world();
  const auto of_nobody = [](const json& user) { return user.value("owner", "").empty(); };
  const auto is_new = [](const json& user) {
    const std::string identity = user.at("credentials").at("identity");
    return identity == "kim@example.com" || identity == "lou@example.com";
  };
  int found = 0;
  std::ptrdiff_t ownerless = 0;
  for (const json& user : world.at("users")) {
    if (!is_new(user)) continue;
    ++found;
    if (of_nobody(user)) ++ownerless;
  }
  EXPECT_EQ(found, 2);
  EXPECT_EQ(ownerless, told);
}

}  // namespace
}  // namespace usher::test
