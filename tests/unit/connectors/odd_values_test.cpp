#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/connectors/odd_api.hpp"

// Single values that cannot be read, or lead elsewhere.
namespace usher {
namespace {

using nlohmann::json;

class OddValues : public OddApi {
 protected:
  Page page() {
    const auto pages = all_pages(*connector);
    if (!pages) {
      ADD_FAILURE() << describe(pages.error());
      return {};
    }
    return pages->back();
  }
  const std::string recipe = head + R"(auth: none
user:
  attributes: {mail: {}, level: {type: integer}}
  key: mail
  list: {request: GET /users, pages: none}
  get: {request: "GET /users/{account.id}"}
  delete: {request: "DELETE /users/{account.id}"}
)";
};

TEST_F(OddValues, OneBadValueIsOneBadRecord) {
  std::string second;
  serve([&](const FakeApi::Call& call) {
    if (call.path == "/users/2") return FakeApi::Reply{.body = second};
    return FakeApi::Reply{.body = "[" + user(1).dump() + "," + second + "," + user(3).dump() + "]"};
  });
  connect(recipe);
  for (const auto& [object, why] : std::vector<std::pair<std::string, std::string>>{
           {R"({"id":"2","mail":"2@x.example","level":123456789012345678901234567890})", "level: "},
           {R"({"id":"2","mail":"2@x.example","level":1,"level":2})", "'level' stands twice"},
           {R"({"id":"2","mail":"2\ud83e@x.example","level":1})",
            "'mail': a text or number that cannot be read"}}) {
    second = object;
    const Page read = page();
    EXPECT_EQ(read.accounts.size(), 2u) << object;
    ASSERT_EQ(read.bad.size(), 1u) << object;
    EXPECT_EQ(read.bad[0].why.find(why), 0u) << read.bad[0].why;
    EXPECT_EQ(read.bad[0].id, "2");
    EXPECT_EQ(read.bad[0].key.substr(0, 1), "2");
    EXPECT_EQ(read.items, 3u);
  }
  // Asked for alone, it is still the same account.
  EXPECT_TRUE(connector->read({.id = "2"}, {}).value());
  second = R"({"id":"2","mail":"2@x.example","level":123456789012345678901234567890})";
  const auto alone = connector->read({.id = "2"}, {});
  ASSERT_TRUE(alone && *alone);
  EXPECT_EQ((*alone)->attributes, R"({"mail":"2@x.example"})");
  // What nobody reads hurts nobody; a number is an id like any other.
  second = R"({"id":123456789012345678901234567890,"mail":"2@x.example","other":"\ud83e","big":1e999})";
  EXPECT_EQ(page().accounts.at(1).id, "123456789012345678901234567890");
}

TEST_F(OddValues, AMemberThatStandsTwiceCountsNeitherTime) {
  std::string body, second;
  serve([&](const FakeApi::Call& call) {
    return FakeApi::Reply{.body = call.path == "/users/2" ? second : body};
  });
  std::string inside = recipe;
  inside.replace(inside.find("GET /users, pages: none"), 23, "GET /users, items: data.users, pages: none");
  connect(inside);
  second = R"({"id":"2","mail":"2@x.example","more":[{"a":1,"a":2}]})";
  body = R"({"data":{"users":[)" + user(1).dump() + "," + second + R"(]},"x":1,"x":2})";
  const Page read = page();
  EXPECT_EQ(read.accounts.size(), 1u);
  ASSERT_EQ(read.bad.size(), 1u);
  EXPECT_EQ(read.bad[0].why, "'a' stands twice");
  EXPECT_EQ(read.bad[0].id, "2");
  const auto alone = connector->read({.id = "2"}, {});
  EXPECT_TRUE(alone && *alone) << "its id and key stand once: a leaver is taken all the same";
  body = R"({"data":{"users":[)" + user(1).dump() + R"(]},"data":{"users":[)" + user(3).dump() + "]}}";
  const auto pages = all_pages(*connector);
  ASSERT_FALSE(pages);
  EXPECT_EQ(pages.error().message, "'data' stands twice in the reply");
}

TEST_F(OddValues, AMarkBeforeJsonIsSkippedAndDepthHasAnEnd) {
  std::string before, deep;
  serve([&](const FakeApi::Call&) {
    return FakeApi::Reply{.body = before + R"([{"id":"1","mail":"m","x":)" + deep + "1" +
                                  std::string(deep.size(), ']') + "}]"};
  });
  connect(recipe);
  before = "\xEF\xBB\xBF";
  deep = std::string(150, '[');
  EXPECT_EQ(pulled(), 1u) << describe(failure);
  deep = std::string(100'000, '[');
  EXPECT_EQ(pulled(), 0u);
  EXPECT_NE(failure.message.find("more than 200 levels"), std::string::npos) << failure.message;
}

TEST_F(OddValues, DeepRepliesToWritesAndErrorsAreNoTrees) {
  int status = 201;
  serve([&](const FakeApi::Call&) {
    return FakeApi::Reply{.status = status,
                          .body = R"({"id":"7","message":"no","x":)" + std::string(100'000, '[') +
                                  std::string(100'000, ']') + "}"};
  });
  connect(recipe + "  create: {request: POST /users}\n");
  const auto created = apply(OperationKind::create, {{"mail", "a@x.example"}});
  ASSERT_FALSE(created);
  EXPECT_TRUE(created.error().may_have_happened);
  status = 400;
  EXPECT_EQ(apply(OperationKind::create, {{"mail", "a@x.example"}}).error().kind, FailureKind::invalid);
}

TEST_F(OddValues, AnIdIsNoWayToAnotherAddress) {
  std::vector<std::string> deleted;
  serve([&](const FakeApi::Call& call) {
    if (call.method == "DELETE") deleted.push_back(call.path);
    return FakeApi::Reply{.status = 204, .body = ""};
  });
  connect(recipe);
  for (const char* id : {"", ".", ".."}) {
    Operation operation;
    operation.kind = OperationKind::remove;
    operation.account = id;
    const auto receipt = connector->apply(operation, {}, {});
    ASSERT_FALSE(receipt) << id;
    EXPECT_FALSE(receipt.error().may_have_happened);
    EXPECT_NE(receipt.error().message.find("'account.id' is empty, '.' or '..'"), std::string::npos);
  }
  EXPECT_EQ(deleted, std::vector<std::string>());
  Operation operation;
  operation.kind = OperationKind::remove;
  operation.account = "...";
  EXPECT_TRUE(connector->apply(operation, {}, {}));
}

TEST_F(OddValues, AnItemOfAListByWhatStandsInIt) {
  json sent;
  serve([&](const FakeApi::Call& call) {
    if (call.method == "PATCH") sent = json::parse(call.body);
    return FakeApi::Reply{
        .body = R"([{"id":"1","emails":[{"type":"home","value":"h"},{"type":"work","value":"w"}],
                     "fields":[{"id":3,"value":"x"}],"options":{"1":"blue"}}])"};
  });
  connect(head + R"(auth: none
user:
  attributes:
    mail: {read: "emails[type=work].value", write: "emails[type=work].value"}
    home: {read: "emails[type=home].value", write: "emails[type=home].value"}
    third: {read: "fields[id=3].value", write: "fields[id=3].value"}
    colour: {read: "options.[1]", write: "options.[1]"}
  list: {request: GET /users, pages: none}
  update: {all: {request: "PATCH /users/{account.id}", attributes: [mail, home, third, colour]}}
)");
  EXPECT_EQ(page().accounts.at(0).attributes, R"({"colour":"blue","home":"h","mail":"w","third":"x"})");
  ASSERT_TRUE(apply(OperationKind::update,
                    {{"mail", "new"}, {"home", "h2"}, {"third", "y"}, {"colour", "red"}}, "all"));
  EXPECT_EQ(sent, json::parse(R"({"emails":[{"type":"home","value":"h2"},{"type":"work","value":"new"}],
                                  "fields":[{"id":3,"value":"y"}],"options":{"1":"red"}})"));
}

TEST_F(OddValues, GroupsAndMembershipsThatNobodyManages) {
  serve([](const FakeApi::Call& call) {
    if (call.path == "/groups")
      return FakeApi::Reply{
          .body = R"([{"id":"g1","name":"One","type":"own"},{"id":"g2","name":"Everyone","type":"built-in"},
                                        {"id":"g3","name":"Three","type":"rule"}])"};
    if (call.path == "/edges")
      return FakeApi::Reply{.body = R"([{"user":"1","group":"g1","roles":[{"name":"a"},{"name":"b"}]},
                                        {"user":"1","group":"g2"},{"group":"g1","team":"x","kind":"team"}])"};
    return FakeApi::Reply{.body = users(1, 1).dump()};
  });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none}
entitlements:
  group:
    list: {request: GET /groups, pages: none, except: {type: [built-in, rule]}}
    memberships:
      list: {request: GET /edges, pages: none}
      except: {kind: team}
      account: user
      entitlement: group
      details: roles.name
)");
  const auto pages = all_pages(*connector);
  ASSERT_TRUE(pages) << describe(pages.error());
  std::string groups, edges;
  for (const Page& one : *pages) {
    EXPECT_TRUE(one.bad.empty());
    for (const Entitlement& group : one.entitlements) groups += group.id + " ";
    for (const Membership& edge : one.memberships) edges += edge.entitlement + json(edge.details).dump();
  }
  EXPECT_EQ(groups, "g1 ");
  EXPECT_EQ(edges, R"(g1["a","b"])");
}

TEST_F(OddValues, DetailsThatAreNoTextsAreNotNone) {
  serve([](const FakeApi::Call& call) {
    if (call.path == "/edges")
      return FakeApi::Reply{.body = R"([{"user":"1","group":"g1","roles":[{"name":"a"}]}])"};
    return FakeApi::Reply{.body = users(1, 1).dump()};
  });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none}
entitlements:
  group:
    memberships: {list: {request: GET /edges, pages: none}, account: user, entitlement: group, details: roles}
)");
  const auto pages = all_pages(*connector);
  ASSERT_TRUE(pages);
  EXPECT_EQ(pages->front().memberships.size(), 0u);
  ASSERT_EQ(pages->front().bad.size(), 1u);
  EXPECT_NE(pages->front().bad[0].why.find("'roles'"), std::string::npos);
}

}  // namespace
}  // namespace usher
