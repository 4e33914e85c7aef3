#include "connectors/recipe/request_counter.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/unit/connectors/odd_api.hpp"

namespace usher {
namespace {

using nlohmann::json;

Operation membership(OperationKind kind, std::size_t change, const std::string& account,
                     const std::string& group) {
  Operation operation;
  operation.kind = kind;
  operation.change = change;
  operation.account = account;
  operation.membership = {account, "group", group, {}};
  return operation;
}

Operation create(std::size_t change) {
  Operation operation;
  operation.kind = OperationKind::create;
  operation.change = change;
  operation.after = {{"mail", "new@x.example"}};
  return operation;
}

/// Each change as an apply makes it: the account read with the memberships it is about, then its operations.
class RequestCounter : public OddApi {
 protected:
  std::uint64_t sent(const std::vector<Operation>& operations) {
    requests_ = 0;
    connector->begin_changes();
    for (std::size_t i = 0; i < operations.size(); ++i) {
      std::vector<Operation> change;
      for (std::size_t at = i; at < operations.size() && operations[at].change == operations[i].change; ++at)
        change.push_back(operations[at]);
      const bool first = i == 0 || operations[i - 1].change != operations[i].change;
      if (first && !operations[i].account.empty()) {
        const AccountQuery query{
            .id = operations[i].account, .kinds = kinds_of(change), .edges = edges_of_all(change)};
        EXPECT_TRUE(connector->read(query, {}));
      }
      EXPECT_TRUE(connector->apply(operations[i], {}, {}));
    }
    return requests_;
  }
  std::uint64_t counted(const std::vector<Operation>& operations,
                        const std::vector<Entitlement>& entitlements) {
    std::vector<const Operation*> pointers;
    for (const Operation& one : operations) pointers.push_back(&one);
    return connector->cost(pointers, entitlements).requests;
  }

  std::atomic<std::uint64_t> requests_ = 0;
};

TEST_F(RequestCounter, CountsWhoIsInAGroupOncePageByPage) {
  serve([&](const FakeApi::Call& call) {
    ++requests_;
    if (call.method != "GET") return FakeApi::Reply{.body = R"({"id":"9"})"};
    if (call.path == "/users/1" || call.path == "/users/2")
      return FakeApi::Reply{.body = user(call.path.back() - '0').dump()};
    if (call.path.starts_with("/groups/")) {
      json members = json::array();
      const int page = number(call, "page", 1);
      for (int i = 0; i < (page < 3 ? 10 : 5); ++i)
        members.push_back({{"user", std::to_string(100 * page + i)}});
      return FakeApi::Reply{.body = members.dump()};
    }
    return FakeApi::Reply{.body = "[]"};
  });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none}
  get: {request: "GET /users/{account.id}"}
  create: {request: POST /users}
entitlements:
  group:
    memberships:
      per: group
      list: {request: "GET /groups/{entitlement.id}/members", pages: {by: page, parameter: page, size: 10, short-page-ends: true, proof: {none: nobody leaves}}}
      account: user
    list: {request: GET /groups, pages: none}
    add: {request: "POST /groups/{membership.entitlement}/members", body: {user: account.id}}
    remove: {request: "DELETE /groups/{membership.entitlement}/members/{account.id}"}
)");
  const std::vector<Operation> operations{membership(OperationKind::add_membership, 0, "1", "g1"),
                                          membership(OperationKind::add_membership, 0, "1", "g2"),
                                          membership(OperationKind::add_membership, 1, "2", "g1"), create(2)};
  EXPECT_EQ(sent(operations), 2U + 3U + 3U + 3U + 1U)
      << "two accounts, two groups of three pages, four changes";
  EXPECT_EQ(counted(operations, {{"group", "g1", "", "", 25}, {"group", "g2", "", "", 25}}), requests_);
}

TEST_F(RequestCounter, CountsTheObjectThatACallReplacesOnce) {
  serve([&](const FakeApi::Call& call) {
    ++requests_;
    return FakeApi::Reply{.body = call.path == "/users/1" ? user(1).dump() : "[]"};
  });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}, name: {}}
  list: {request: GET /users, pages: none}
  get: {request: "GET /users/{account.id}"}
  update:
    mail: {attributes: [mail], request: "PUT /users/{account.id}", replace: true}
    name: {attributes: [name], request: "PUT /users/{account.id}", replace: true}
)");
  Operation first;
  first.account = "1";
  first.route = "mail";
  first.after = {{"mail", "a@x.example"}};
  Operation second = first;
  second.route = "name";
  second.after = {{"name", "A"}};
  EXPECT_EQ(sent({first, second}), 1U + 1U + 2U) << "the second reads the object again";
  EXPECT_EQ(counted({first, second}, {}), requests_);
}

TEST_F(RequestCounter, CountsManyChangesInOneRequest) {
  serve([&](const FakeApi::Call&) { return FakeApi::Reply{.body = "[]"}; });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none}
entitlements:
  group:
    memberships: {list: {request: GET /edges, pages: none}, account: user, entitlement: group}
    batch: {max: 5}
    add: {request: "POST /groups/{membership.entitlement}/members", body: {ids: members}}
)");
  std::vector<Operation> operations;
  for (std::size_t i = 0; i < 12; ++i)
    operations.push_back(
        membership(OperationKind::add_membership, i, std::to_string(i), i == 11 ? "g2" : "g1"));
  EXPECT_EQ(counted(operations, {}), 3U + 1U);
}

}  // namespace
}  // namespace usher
