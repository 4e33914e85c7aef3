#include <gtest/gtest.h>

#include <algorithm>

#include "connectors/registry.hpp"
#include "tests/conformance/connectors/subject.hpp"

// What every recipe that is built in must do on the platform as the sandbox plays it, faults included.
namespace usher {
namespace {

using nlohmann::json;

class Conformance : public testing::TestWithParam<Subject> {
 protected:
  json listing(json fault) const {
    fault["method"] = "GET";
    fault["path"] = GetParam().users;
    return json::array({fault});
  }

  World world{GetParam()};
};

class ConformanceOfSessions : public Conformance {};
class ConformanceOfLinks : public Conformance {};

std::vector<Subject> those_of(const std::set<std::string>& platforms) {
  std::vector<Subject> some;
  for (const Subject& one : subjects()) {
    if (platforms.contains(one.platform)) some.push_back(one);
  }
  return some;
}

std::string name_of(const testing::TestParamInfo<Subject>& one) {
  return one.param.name;
}

INSTANTIATE_TEST_SUITE_P(Recipes, Conformance, testing::ValuesIn(subjects()), name_of);
INSTANTIATE_TEST_SUITE_P(Recipes, ConformanceOfSessions, testing::ValuesIn(those_of({"mainflux", "gr4vy"})),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Recipes, ConformanceOfLinks, testing::ValuesIn(those_of({"gr4vy", "sigfox"})),
                         name_of);

TEST_P(Conformance, ReadsEverybody) {
  const Pulled pulled = pull_all(*world.connect(), {});
  EXPECT_EQ(pulled.objection(), "");
  EXPECT_EQ(ids(pulled), world.users());
  EXPECT_EQ(pulled.secret, "");
  EXPECT_GT(pulled.completeness.pages(), 2U);
}

// How many accounts were asked for one by one is said, and it is none where the listing shows all that is
// read.
TEST_P(Conformance, SaysWhomItAskedForAlone) {
  const auto alone = [&] {
    std::uint64_t count = 0;
    const json requests = world.server.requests(GetParam().platform);
    for (const auto& [route, calls] : requests.items())
      count += route.starts_with("GET " + GetParam().users + "/{") ? calls.get<std::uint64_t>() : 0;
    return count;
  };
  const auto connector = world.connect();
  const std::uint64_t before = alone();
  const Pulled pulled = pull_all(*connector, {});
  EXPECT_EQ(pulled.completeness.alone(), alone() - before);
  const bool summary = GetParam().platform == "kestra" && !GetParam().options.contains("details");
  EXPECT_EQ(pulled.completeness.alone(), summary ? world.users().size() : 0U);
}

// What `usher connector test --write` checks, against the sandbox.
TEST_P(Conformance, PassesItsTrial) {
  const auto connector = world.connect();
  TrialOptions options;
  options.write = true;
  options.with_page_size = [&](std::size_t size) {
    return world.connect({{"page-size", std::to_string(size)}});
  };
  if (GetParam().platform == "sigfox") options.change["timezone"] = "Europe/Paris";
  const Pulled pulled = pull_all(*connector, {});
  std::set<std::string> joined;
  for (const Entitlement& one : pulled.entitlements) {
    const bool taken = GetParam().platform == "sigfox" && one.id == world.options().at("profile");
    if (!taken && joined.insert(one.kind).second) options.join.emplace_back(one.kind, one.id);
  }
  // Whoever leaves a tenant leaves its groups.
  std::reverse(options.join.begin(), options.join.end());
  const ConnectorCheck trial = try_connector(*connector, options, {});
  EXPECT_GT(trial.checks.size(), 12U);
  for (const CheckResult& check : trial.checks)
    EXPECT_NE(check.result, CheckResult::Result::failed) << check.name << ": " << check.why;
  EXPECT_EQ(trial.left_behind.empty(), connector->capabilities().remove) << trial.left_behind;
}

TEST_P(Conformance, GetsOverWhatPasses) {
  const auto everybody = world.users();
  for (const json& fault : json::array({{{"status", 500}},
                                        {{"status", 503}, {"headers", {{"Retry-After", "7"}}}},
                                        {{"status", 502}, {"body", "<html>bad gateway</html>"}},
                                        {{"status", 429}},
                                        {{"status", 429}, {"headers", {{"Retry-After", "3"}}}},
                                        {{"cut", true}},
                                        {{"truncate", 60}},
                                        {{"truncate", 60}, {"chunked", true}},
                                        {{"garbage", true}},
                                        {{"delay_ms", 5}}})) {
    for (const int nth : {1, 3}) {
      json once = fault;
      once["nth"] = nth;
      world.break_with(listing(once));
      const Pulled pulled = pull_all(*world.connect(), {});
      EXPECT_EQ(pulled.objection(), "") << once;
      EXPECT_EQ(ids(pulled), everybody) << once;
    }
  }
}

TEST_P(ConformanceOfSessions, GoesOnWhenOneLapses) {
  for (const int nth : {1, 2, 3}) {
    world.break_with(listing({{"nth", nth}, {"expire_tokens", true}}));
    const Pulled pulled = pull_all(*world.connect(), {});
    EXPECT_EQ(pulled.objection(), "");
    EXPECT_EQ(ids(pulled), world.users());
  }
}

// Nothing that a reply leaves out or repeats is taken for the truth: either the pull is no proof, or it is
// right.
TEST_P(Conformance, NeverBelievesABrokenListing) {
  const auto everybody = world.users();
  json faults = json::array({{{"status", 500}, {"nth", 3}, {"count", 1000}},
                             {{"status", 404}, {"nth", 3}, {"count", 1000}},
                             {{"status", 401}, {"nth", 3}, {"count", 1000}},
                             {{"status", 302}, {"nth", 2}, {"count", 1000}},
                             {{"cut", true}, {"nth", 3}, {"count", 1000}},
                             {{"truncate", 60}, {"nth", 2}, {"count", 1000}},
                             {{"truncate", 60}, {"chunked", true}, {"nth", 2}, {"count", 1000}},
                             {{"garbage", true}, {"nth", 2}, {"count", 1000}},
                             {{"body", "[]"}, {"status", 200}, {"nth", 2}, {"count", 1000}},
                             {{"body", "{}"}, {"status", 200}, {"nth", 2}, {"count", 1000}},
                             {{"body", "null"}, {"status", 200}, {"nth", 2}, {"count", 1000}},
                             {{"repeat_page", "items"}, {"nth", 2}},
                             {{"repeat_page", "body"}, {"nth", 2}},
                             {{"repeat_page", "items"}, {"nth", 3}, {"count", 1000}},
                             {{"repeat_page", "body"}, {"nth", 3}, {"count", 1000}}});
  if (GetParam().counted) {
    for (const json& fault : json::array({{{"swallow", 0}, {"nth", 2}},
                                          {{"total_plus", 1}},
                                          {{"total_plus", -1}},
                                          {{"total_plus", 5}, {"nth", 3}},
                                          {{"remove", {"/" + GetParam().items}}, {"nth", 3}}}))
      faults.push_back(fault);
  }
  std::size_t seen = 0;
  for (const json& fault : faults) {
    world.break_with(listing(fault));
    const Pulled pulled = pull_all(*world.connect(), {});
    seen += pulled.objection().empty() ? 0 : 1;
    if (pulled.objection().empty()) {
      EXPECT_EQ(ids(pulled), everybody) << fault;
    }
  }
  EXPECT_GT(seen, faults.size() / 2);
}

TEST_P(ConformanceOfLinks, LeavesTheHostNeverAndGoesInNoCircles) {
  const std::string where = GetParam().platform == "gr4vy" ? "/next_cursor" : "/paging/next";
  if (GetParam().platform == "sigfox") {
    for (const char* elsewhere : {"http://elsewhere.example/v2/api-users/?offset=10", "//elsewhere.example/x",
                                  "http://127.0.0.1:1/v2/api-users/"}) {
      world.break_with(listing({{"nth", 2}, {"count", 1000}, {"set", {{where, elsewhere}}}}));
      const Pulled pulled = pull_all(*world.connect(), {});
      EXPECT_NE(pulled.objection().find("another host"), std::string::npos) << pulled.objection();
    }
  }
  std::string first;  // where the second page is
  {
    const auto connector = world.connect();
    std::string cursor;
    for (auto page = connector->fetch("", {}); page && first.empty(); page = connector->fetch(page->next, {}))
      if (!page->accounts.empty()) first = page->next;
  }
  const std::string circle = GetParam().platform == "gr4vy"
                                 ? json::parse(first).at(1).at(0).get<std::string>()
                                 : world.options().at("url") + "/api-users/?limit=10&offset=10&groupIds=" +
                                       world.options().at("group");
  world.break_with(listing({{"nth", 3}, {"count", 1000}, {"set", {{where, circle}}}}));
  const Pulled pulled = pull_all(*world.connect(), {});
  EXPECT_NE(pulled.objection(), "");
  EXPECT_LT(pulled.completeness.pages(), 40U);
}

// Somebody works there while we read. Whoever was there all the time is read, or the pull is no proof.
TEST_P(Conformance, DriftNeverHidesAnybody) {
  // The last one leaves their number as it was.
  const json changes = json::array(
      {{{"insert", 3}}, {{"insert", 1}, {"first", true}}, {{"delete", 1}}, {{"delete", 1}, {"insert", 1}}});
  for (const json& change : changes) {
    for (const int nth : {2, 3}) {
      const auto before = world.users();
      world.break_with(listing({{"nth", nth}, {"change", change}}));
      const Pulled pulled = pull_all(*world.connect(), {});
      const auto after = world.users();
      if (!pulled.objection().empty()) continue;
      const auto read = ids(pulled);
      for (const std::string& id : before)
        EXPECT_TRUE(read.contains(id) || !after.contains(id)) << change << " hid " << id;
    }
  }
}

TEST_P(Conformance, ACreateThatNobodyAnsweredIsDoneOnce) {
  for (const bool after : {true, false}) {
    const auto connector = world.connect();
    const Capabilities& can = connector->capabilities();
    const std::string key = can.natural_key.empty() ? can.label : can.natural_key;
    const std::string mail = after ? "lost@x.example" : "never@x.example";
    Operation create;
    create.kind = OperationKind::create;
    create.after = {{key, mail}};
    const std::size_t before = world.creates();
    world.break_with(
        {{{"method", "POST"}, {"path", GetParam().users}, {"nth", 1}, {"cut", true}, {"after", after}}});
    const auto receipt = connector->apply(create, Secret("First-secret-1"), {});
    ASSERT_FALSE(receipt);
    EXPECT_TRUE(receipt.error().may_have_happened) << describe(receipt.error());
    EXPECT_EQ(world.creates(), before + (after ? 1 : 0)) << "it was repeated blindly";
    EXPECT_EQ(describe(receipt.error()).find("First-secret"), std::string::npos);
    if (!can.find) continue;
    const auto found = connector->read({.natural_key = mail}, {});
    ASSERT_TRUE(found) << describe(found.error());
    EXPECT_EQ(found->has_value(), after);
  }
}

TEST_P(Conformance, WrongCredentialsAreSaidToBeWrongAndNotRepeated) {
  const auto options = world.options();
  const std::string name = options.contains("secret") ? "secret" : "password";
  const Pulled pulled = pull_all(*world.connect({{name, "wr0ng-and-secret"}}), {});
  ASSERT_TRUE(pulled.failure);
  EXPECT_EQ(pulled.failure->kind, FailureKind::refused);
  EXPECT_EQ(describe(*pulled.failure).find("wr0ng"), std::string::npos);
  EXPECT_NE(describe(*pulled.failure).find(name), std::string::npos) << describe(*pulled.failure);
}

}  // namespace
}  // namespace usher
