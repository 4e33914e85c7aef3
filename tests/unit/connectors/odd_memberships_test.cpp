#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "connectors/recipe/membership_batches.hpp"
#include "tests/unit/connectors/odd_api.hpp"

// Where memberships stand on APIs that are in no recipe of ours.
namespace usher {
namespace {

using nlohmann::json;

class OddMemberships : public OddApi {};

TEST_F(OddMemberships, MembershipsOfEachGroup) {
  serve([](const FakeApi::Call& call) {
    if (call.path == "/groups") {
      const int page = number(call, "page", 1);
      return FakeApi::Reply{.body = page == 1   ? R"([{"id":"g1","name":"One"},{"id":"g2","name":"Two"}])"
                                    : page == 2 ? R"([{"id":"g3","name":"Three"}])"
                                                : "[]"};
    }
    if (call.path == "/groups/g1/members") return FakeApi::Reply{.body = R"([{"user":"1"},{"user":"2"}])"};
    if (call.path == "/groups/g3/members") return FakeApi::Reply{.body = R"([{"user":"1"}])"};
    if (call.path == "/users/1") return FakeApi::Reply{.body = user(1).dump()};
    return FakeApi::Reply{.body = call.path == "/users" ? users(1, 2).dump() : "[]"};
  });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none}
  get: {request: "GET /users/{account.id}"}
entitlements:
  group:
    list: {request: GET /groups, pages: {by: page, parameter: page, size: 2}}
    memberships:
      per: group
      list: {request: "GET /groups/{entitlement.id}/members", pages: none}
      account: user
)");
  const auto pages = all_pages(*connector);
  ASSERT_TRUE(pages) << describe(pages.error());
  std::vector<std::string> edges;
  for (const Page& page : *pages) {
    for (const Membership& edge : page.memberships) edges.push_back(edge.account + " in " + edge.entitlement);
  }
  EXPECT_EQ(edges, (std::vector<std::string>{"1 in g1", "2 in g1", "1 in g3"}));
  EXPECT_EQ(pages->front().entitlements.at(0).name, "One");
  EXPECT_EQ(connector->read({.id = "1"}, {}).value()->memberships, R"({"group":{"g1":[],"g3":[]}})");
}

TEST_F(OddMemberships, MembershipsOfEachUserAndACallThatSetsThemAll) {
  json held = json::array({"g1", "g2"});
  serve([&](const FakeApi::Call& call) {
    if (call.method == "PUT") held = json::parse(call.body).at("groups");
    if (call.path == "/users/1/groups") {
      json groups = json::array();
      for (const json& id : held) groups.push_back({{"id", id}});
      return FakeApi::Reply{.body = groups.dump()};
    }
    if (call.path == "/users/1") return FakeApi::Reply{.body = user(1).dump()};
    return FakeApi::Reply{.body = call.path == "/users" ? users(1, 2).dump() : "[]"};
  });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none}
  get: {request: "GET /users/{account.id}"}
entitlements:
  group:
    memberships:
      per: user
      list: {request: "GET /users/{account.id}/groups", pages: none}
      entitlement: id
    set: {request: "PUT /users/{account.id}/groups", body: {groups: memberships}}
)");
  const auto pages = all_pages(*connector);
  ASSERT_TRUE(pages) << describe(pages.error());
  EXPECT_EQ(pages->front().accounts.at(0).memberships, R"({"group":{"g1":[],"g2":[]}})");
  EXPECT_EQ(pages->front().accounts.at(1).memberships, "{}");
  ASSERT_TRUE(edge(OperationKind::add_membership, "g3"));
  EXPECT_EQ(held, json({"g1", "g2", "g3"}));
  ASSERT_TRUE(edge(OperationKind::remove_membership, "g1"));
  EXPECT_EQ(held, json({"g2", "g3"}));
  EXPECT_TRUE(edge(OperationKind::remove_membership, "g1").value().already);
}

// Edges are objects with ids of their own, and are taken away by those.
TEST_F(OddMemberships, EdgesWithIdsOfTheirOwn) {
  json edges = json::array({{{"id", 71}, {"user", {{"id", 1}}}, {"group", {{"id", 5}}}, {"role", "reader"}},
                            {{"id", 72}, {"user", {{"id", 2}}}, {"group", {{"id", 5}}}, {"role", "reader"}}});
  std::string said;
  serve([&](const FakeApi::Call& call) {
    if (call.method != "GET") said += call.method + " " + call.path + " " + call.body + "\n";
    if (call.path == "/memberships") return FakeApi::Reply{.body = edges.dump()};
    if (call.path == "/users/1")
      return FakeApi::Reply{.body = json{{"id", 1}, {"mail", "1@x.example"}, {"in", edges}}.dump()};
    return FakeApi::Reply{.body = "[]"};
  });
  const std::string user = head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none}
  get: {request: "GET /users/{account.id}"}
entitlements:
  group:
    list: {request: GET /groups, pages: none}
    remove: {request: "DELETE /memberships/{membership.id}"}
    change: {request: "PATCH /memberships/{membership.id}", body: {role: "membership.details[0]"}}
    details: [reader, writer]
    memberships: )";
  for (const char* memberships :
       {"{list: {request: GET /memberships, pages: none}, account: user.id, entitlement: group.id, id: id}",
        "{field: in, entitlement: group.id, id: id}"}) {
    connect(user + memberships + "\n");
    said.clear();
    ASSERT_TRUE(edge(OperationKind::remove_membership, "5"));
    ASSERT_TRUE(edge(OperationKind::change_membership, "5", {"writer"}));
    EXPECT_EQ(said, "DELETE /memberships/71 \nPATCH /memberships/71 {\"role\":\"writer\"}\n") << memberships;
    EXPECT_TRUE(edge(OperationKind::remove_membership, "6").value().already);
    EXPECT_EQ(edge(OperationKind::change_membership, "6", {"writer"}).error().kind, FailureKind::gone);
  }
  EXPECT_THROW(connect(user + "{field: in, entitlement: group.id}\n"), std::runtime_error);
}

// In a run of changes a group is read once, and what the run changes itself is known; before and after, it is
// read anew.
TEST_F(OddMemberships, AGroupIsReadOnceInARunOfChanges) {
  std::map<std::string, std::set<std::string>> held{{"g1", {"1"}}, {"g2", {}}};
  serve([&](const FakeApi::Call& call) {
    if (call.path == "/users") return FakeApi::Reply{.body = users(1, 2).dump()};
    if (call.path == "/users/1") return FakeApi::Reply{.body = user(1).dump()};
    if (call.path == "/groups")
      return FakeApi::Reply{.body = R"([{"id":"g1","name":"One"},{"id":"g2","name":"Two"}])"};
    const std::string group = call.path.substr(8, 2);
    if (call.method == "PUT") held[group].insert("1");
    if (call.method == "DELETE") held[group].erase("1");
    json members = json::array();
    for (const std::string& one : held[group]) members.push_back({{"user", one}});
    return FakeApi::Reply{.body = members.dump()};
  });
  const std::string recipe = head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none}
  get: {request: "GET /users/{account.id}"}
entitlements:
  group:
    list: {request: GET /groups, pages: none}
    memberships:
      per: group
      list: {request: "GET /groups/{entitlement.id}@BY@/members", pages: none}
      account: user
    add: {request: "PUT /groups/{membership.entitlement}/members/{account.id}"}
    remove: {request: "DELETE /groups/{membership.entitlement}/members/{account.id}"}
)";
  const auto count = [&](const std::string& what) {
    const auto calls = api->calls();
    return std::count(calls.begin(), calls.end(), what);
  };
  for (const bool by_name : {false, true}) {
    std::string text = recipe;
    text.replace(text.find("@BY@"), 4, by_name ? "/{entitlement.name}" : "");
    held = {{"g1", {"1"}}, {"g2", {}}};
    connect(text);
    const std::string at_g1 = by_name ? "GET /groups/g1/One/members" : "GET /groups/g1/members";
    const auto groups_of_1 = [&](std::vector<std::string> asked) {
      AccountQuery query{.id = "1", .kinds = std::vector<std::string>{"group"}, .edges = {{}}};
      for (std::string& id : asked) query.edges->emplace_back("group", std::move(id));
      const auto account = connector->read(query, {});
      return account && *account ? (*account)->memberships : "none";
    };
    EXPECT_EQ(connector->read({.id = "1"}, {}).value()->memberships, R"({"group":{"g1":[]}})");
    const auto before = count(at_g1);
    connector->begin_changes();
    const auto listed = count("GET /groups");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(groups_of_1({"g1"}), R"({"group":{"g1":[]}})");
    EXPECT_EQ(count(at_g1), before + 1);
    EXPECT_EQ(count("GET /groups"), listed + (by_name ? 1 : 0)) << "only where a call needs more than the id";
    ASSERT_TRUE(edge(OperationKind::remove_membership, "g1"));
    EXPECT_EQ(groups_of_1({"g1", "g2"}), "{}");
    ASSERT_TRUE(edge(OperationKind::add_membership, "g1"));
    EXPECT_EQ(groups_of_1({"g1"}), R"({"group":{"g1":[]}})");
    EXPECT_EQ(count(at_g1), before + 1) << "the run knows what it did";
    held["g1"].clear();
    ASSERT_TRUE(all_pages(*connector));
    EXPECT_EQ(groups_of_1({"g1"}), "{}") << "a pull ends the run of changes";
  }
}

TEST_F(OddMemberships, AllOfAnAccountAreSetWithOneCall) {
  json held = json::array({"g1", "g2"});
  int puts = 0;
  serve([&](const FakeApi::Call& call) {
    if (call.method == "PUT") {
      ++puts;
      held = json::parse(call.body).at("groups");
    }
    return FakeApi::Reply{.body = call.path == "/users/1" ? json{{"id", "1"}, {"in", held}}.dump() : "[]"};
  });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none}
  get: {request: "GET /users/{account.id}"}
entitlements:
  group:
    memberships: {field: in}
    set: {request: "PUT /users/{account.id}/groups", body: {groups: memberships}}
)");
  std::vector<Operation> changes(2);
  changes[0].kind = OperationKind::add_membership;
  changes[1].kind = OperationKind::remove_membership;
  for (Operation& one : changes) one.account = "1";
  changes[0].membership = {"1", "group", "g3", {}};
  changes[1].membership = {"1", "group", "g1", {}};
  ASSERT_TRUE(connector->set_memberships(changes, {"g2", "g3"}, {}));
  EXPECT_EQ(held, json({"g2", "g3"}));
  EXPECT_EQ(puts, 1);
}

Operation joining(int account, const std::string& group) {
  Operation operation;
  operation.kind = OperationKind::add_membership;
  operation.account = std::to_string(account);
  operation.membership = {operation.account, "group", group, {}};
  return operation;
}

TEST(MembershipBatches, ThoseWhoComeMeanwhileGoTogether) {
  recipe::MembershipBatches batches;
  std::vector<Operation> changes;
  for (int i = 0; i < 6; ++i) changes.push_back(joining(i, "g1"));
  changes.back().kind = OperationKind::remove_membership;
  std::mutex mutex;
  std::condition_variable changed;
  bool may_end = false;
  std::vector<std::size_t> sizes;
  const auto send = [&](std::span<const Operation* const> batch) {
    std::unique_lock lock(mutex);
    sizes.push_back(batch.size());
    changed.notify_all();
    changed.wait(lock, [&] { return may_end; });
    std::vector<Outcome<Receipt>> done;
    for (const Operation* const one : batch) done.emplace_back(Receipt{.account = one->account});
    return done;
  };
  std::vector<std::jthread> threads;
  const auto start = [&](const Operation& change) {
    threads.emplace_back([&] { EXPECT_EQ(batches.apply(change, 3, send, {})->account, change.account); });
  };
  start(changes[0]);
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return !sizes.empty(); });
  }
  for (std::size_t i = 1; i < changes.size(); ++i) start(changes[i]);
  while (batches.waiting(changes[0].membership) < 5) std::this_thread::yield();
  std::stop_source stop;
  stop.request_stop();
  const Operation late = joining(7, "g1");
  EXPECT_EQ(batches.apply(late, 3, send, stop.get_token()).error().kind, FailureKind::stopped);
  {
    const std::lock_guard lock(mutex);
    may_end = true;
  }
  changed.notify_all();
  threads.clear();
  std::sort(sizes.begin(), sizes.end());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 1, 1, 3}))
      << "what differs in more than the account goes alone";
}

TEST_F(OddMemberships, ManyMembersInOneRequestAndNoneIsLost) {
  std::mutex mutex;
  std::set<std::string> held;
  std::atomic<int> inside = 0, requests = 0;
  std::atomic<bool> overlapped = false, too_many = false;
  serve([&](const FakeApi::Call& call) {
    if (call.method != "POST") return FakeApi::Reply{.body = "[]"};
    ++requests;
    if (++inside > 1) overlapped = true;
    std::set<std::string> after;  // reads the whole group, waits, writes the whole group
    {
      const std::lock_guard lock(mutex);
      after = held;
    }
    const json ids = json::parse(call.body).at("ids");
    if (ids.size() > 5) too_many = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    for (const json& id : ids) {
      if (id == "13") return --inside, FakeApi::Reply{.status = 400, .body = R"({"error":"no such user"})"};
      if (id == "31") return --inside, FakeApi::Reply{.status = 403, .body = R"({"error":"not this one"})"};
      after.insert(id.get<std::string>());
    }
    const std::lock_guard lock(mutex);
    held = after;
    return --inside, FakeApi::Reply{.status = 204, .body = ""};
  });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none}
entitlements:
  group:
    memberships:
      list: {request: GET /edges, pages: none}
      account: user
      entitlement: group
    batch: {max: 5}
    add: {request: "POST /groups/{membership.entitlement}/members", body: {ids: members}}
)");
  constexpr int people = 60;
  std::atomic<int> next = 0, refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        for (int account = next++; account < people; account = next++) {
          const auto done = connector->apply(joining(account, "g1"), {}, {});
          if (!done) ++refused;
          EXPECT_EQ(done.has_value(), account != 13 && account != 31) << account;
        }
      });
  }
  EXPECT_EQ(held.size(), people - 2U);
  EXPECT_EQ(refused, 2);
  EXPECT_FALSE(overlapped);
  EXPECT_FALSE(too_many);
  EXPECT_LT(requests, people) << "some went together";
}

TEST_F(OddMemberships, ABatchSaysNothingOfOneAccount) {
  try {
    serve([](const FakeApi::Call&) { return FakeApi::Reply{}; });
    connect(head + R"(auth: none
user: {attributes: {mail: {}}, list: {request: GET /users, pages: none}}
entitlements:
  group:
    memberships: {list: {request: GET /edges, pages: none}, account: user, entitlement: group}
    batch: {max: 5}
    add: {request: "PUT /groups/{membership.entitlement}/members/{account.id}"}
    remove: {request: "DELETE /groups/{membership.entitlement}/members"}
)");
    FAIL() << "it was taken";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("it reads 'members'"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("'account'"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace usher
