#include "tests/scenarios/history.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/told.hpp"

namespace usher::test {

namespace {

using nlohmann::json;

constexpr const char* before =
    "E1,Ada,Lovelace,ada@example.com,engineering,active\n"
    "E2,Grace,Hopper,grace@example.com,operations,active\n"
    "E3,Hans,Meyer,hans@example.com,engineering,active\n"
    "E4,Dora,Test,dora@example.com,operations,active\n";

constexpr const char* after =
    "E1,Ada,Lovelace,ada@example.com,operations,active\n"           // moves
    "E2,Grace,Murray,grace.murray@example.com,operations,active\n"  // renamed
    "E4,Dora,Test,dora@example.com,operations,active\n"             // E3 leaves
    "E5,Kim,Lee,kim@example.com,engineering,active\n"               // new
    "E6,Zoe,Young,zoe@example.com,engineering,active\n"             // found, disabled and all wrong
    "E7,Lou,Old,lou@example.com,operations,active\n";               // new

json given() {
  return {{"users",
           {{{"id", "u-zoe"},
             {"name", "Z"},
             {"tags", {"old"}},
             {"status", "disabled"},
             {"credentials", {{"identity", "Zoe@example.com"}}}}}},
          {"groups",
           {{{"id", "g-engineers"}, {"name", "engineers"}}, {{"id", "g-operators"}, {"name", "operators"}}}},
          {"policies",
           {{{"subject", "u-zoe"}, {"object", "g-engineers"}, {"actions", {"m_write"}}},
            {{"subject", "u-zoe"}, {"object", "g-operators"}, {"actions", {"g_list"}}}}}};
}

json accounts_without_ids(const World& world) {
  json accounts = accounts_of(world);
  for (json& account : accounts) account.erase("id");
  return accounts;
}

std::size_t writes_asked_of(World& world) {
  std::size_t count = 0;
  const json requests = world.platform().requests("mainflux");
  for (const auto& [route, times] : requests.items()) {
    const bool reads = route.rfind("GET ", 0) == 0 || route.find("/tokens/") != std::string::npos ||
                       route.find("/authorize") != std::string::npos;
    if (!reads) count += times.get<std::size_t>();
  }
  return count;
}

}  // namespace

History::History() : world_(std::make_unique<World>(given())) {
  world_->platform_options("attempts: 1");  // retries are tested where they need not wait
  world_->people(before);
  world_->sync();
  world_->people(after);
  journal_before_ = world_->writes();
  requests_before_ = writes_asked_of(*world_);
}

void History::expect_recovery() {
  const World::Sync clean = world_->sync();
  for (const auto& trouble : clean.report.troubles)
    ADD_FAILURE() << line_of(trouble.operation) << " " << to_string(trouble.state) << ": " << trouble.message;
  EXPECT_EQ(accounts_without_ids(*world_), accounts_after_history());
  const Plan next = world_->plan();
  EXPECT_EQ(lines_of(next), std::vector<std::string>());
  EXPECT_EQ(notes_of(next), std::vector<std::string>());
  expect_nothing_twice(journal());
}

json History::journal() {
  const json all = world_->platform().journal("mainflux");
  return json(json::array_t(all.begin() + static_cast<std::ptrdiff_t>(journal_before_), all.end()));
}

std::size_t History::write_requests() {
  return writes_asked_of(*world_) - requests_before_;
}

const json& accounts_after_history() {
  static const json accounts = [] {
    History history;
    history.world().sync();
    return accounts_without_ids(history.world());
  }();
  return accounts;
}

void expect_nothing_twice(const json& journal) {
  std::set<std::string> seen;
  for (const json& write : journal) {
    const json body = write.value("body", json());
    const std::string effect = write.at("effect");
    const std::string what = effect == "user.create"
                                 ? body.at("credentials").at("identity").get<std::string>()
                                 : write.at("subject").dump() + body.dump();
    EXPECT_TRUE(seen.insert(effect + " " + what).second) << "twice: " << write.dump();
  }
}

}  // namespace usher::test
