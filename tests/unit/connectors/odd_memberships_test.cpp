#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

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

}  // namespace
}  // namespace usher
