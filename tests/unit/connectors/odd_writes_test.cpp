#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/unit/connectors/odd_api.hpp"

// How accounts are made and changed on APIs that are in no recipe of ours.
namespace usher {
namespace {

using nlohmann::json;

class OddWrites : public OddApi {};

TEST_F(OddWrites, FullReplacementFromAFreshRead) {
  json stored{{"id", "1"}, {"mail", "a@x.example"}, {"phone", "5"}, {"state", 1}, {"etag", "x"}};
  serve([&](const FakeApi::Call& call) {
    if (call.method == "PUT") {
      stored = json::parse(call.body).at("user");
      stored["id"] = "1";
    }
    return FakeApi::Reply{.body = json{{"user", stored}}.dump()};
  });
  connect(head + R"(auth: none
user:
  active: {at: state, is: 1}
  attributes: {mail: {}}
  list: {request: GET /p, items: none, items-optional: true, pages: none}
  get: {request: "GET /p/{account.id}", object: user}
  update:
    all: {request: "PUT /p/{account.id}", attributes: [mail], replace: {without: [etag, id]}, wrap: user}
  disable: {request: "PUT /p/{account.id}", replace: {without: [etag, id]}, wrap: user, set: {state: "0"}}
)");
  ASSERT_TRUE(apply(OperationKind::update, {{"mail", "b@x.example"}}, "all"));
  EXPECT_EQ(stored, (json{{"id", "1"}, {"mail", "b@x.example"}, {"phone", "5"}, {"state", 1}}));
  ASSERT_TRUE(apply(OperationKind::disable));
  EXPECT_EQ(stored.at("state"), 0);
  EXPECT_FALSE(connector->read({.id = "1"}, {}).value().value().active);
}

TEST_F(OddWrites, CreatesThatSayTheirIdInTheirOwnWay) {
  std::string way;
  serve([&](const FakeApi::Call& call) {
    if (call.method == "GET") return FakeApi::Reply{.body = json{{"hits", users(41, 3)}}.dump()};
    EXPECT_EQ(json::parse(call.body),
              (json{{"person", {{"mail", "42@x.example"}, {"password", "initial"}}}}));
    if (way == "body") return FakeApi::Reply{.status = 201, .body = R"({"result":{"id":42}})"};
    if (way == "twice") return FakeApi::Reply{.status = 201, .body = R"({"result":{"id":7,"id":9}})"};
    if (way == "location")
      return FakeApi::Reply{.status = 201, .body = "", .headers = {{"Location", "/p/42?x=1"}}};
    return FakeApi::Reply{.status = 204, .body = ""};
  });
  connect(head + R"(auth: none
user:
  key: mail
  attributes: {mail: {}}
  list: {request: GET /p, pages: none}
  find: {request: GET /p, query: {mail: "{key}"}, items: hits}
  create: {request: POST /p, object: result, wrap: person, secret: password}
)");
  for (const char* one : {"body", "location", "twice", "nothing"}) {
    way = one;
    const auto made = apply(OperationKind::create, {{"mail", "42@x.example"}});
    ASSERT_TRUE(made) << way << ": " << describe(made.error());
    EXPECT_EQ(made->account, "42") << way;
  }
  EXPECT_EQ(api->calls().back(), "GET /p?mail=42%40x.example");
}

// A server that refuses to overwrite what somebody else wrote meanwhile.
TEST_F(OddWrites, OnlyOverWhatWasRead) {
  json stored{{"id", "1"}, {"mail", "a@x.example"}, {"phone", "5"}, {"version", 7}};
  int version = 7;
  serve([&](const FakeApi::Call& call) {
    const std::string now = "\"v" + std::to_string(version) + "\"";
    if (call.method == "GET") return FakeApi::Reply{.body = stored.dump(), .headers = {{"ETag", now}}};
    const auto held = call.headers.find("if-match");
    if (held == call.headers.end() || held->second != now) return FakeApi::Reply{.status = 412};
    if (call.method == "DELETE") return FakeApi::Reply{.status = 204, .body = ""};
    const json body = json::parse(call.body);
    if (body.at("version") != version) return FakeApi::Reply{.status = 409};
    stored.update(body);
    ++version;
    return FakeApi::Reply{.body = stored.dump()};
  });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /p, pages: none}
  get: {request: "GET /p/{account.id}"}
  update:
    all: {request: "PUT /p/{account.id}", attributes: [mail], replace: true, headers: {If-Match: "{etag}"}}
  disable: {request: "PATCH /p/{account.id}", set: {version: fresh.version, on: "false"}, headers: {If-Match: "{etag}"}}
  delete: {request: "DELETE /p/{account.id}", headers: {If-Match: "{etag}"}}
)");
  ASSERT_TRUE(apply(OperationKind::update, {{"mail", "b@x.example"}}, "all"));
  EXPECT_EQ(stored.at("phone"), "5");
  stored["version"] = version;
  const auto disabled = apply(OperationKind::disable);
  ASSERT_TRUE(disabled) << describe(disabled.error());
  EXPECT_EQ(stored.at("on"), false);
  EXPECT_TRUE(apply(OperationKind::remove));
}

// What a run reads before a change serves the change; a second change of the account reads it anew.
TEST_F(OddWrites, TheObjectIsReadOnceForReadingAndChanging) {
  int version = 1;
  serve([&](const FakeApi::Call& call) {
    const std::string now = "\"v" + std::to_string(version) + "\"";
    json stored = user(1);
    stored["version"] = version;
    if (call.method == "GET") return FakeApi::Reply{.body = stored.dump(), .headers = {{"ETag", now}}};
    const auto held = call.headers.find("if-match");
    if (held == call.headers.end() || held->second != now) return FakeApi::Reply{.status = 412};
    ++version;
    return FakeApi::Reply{.body = stored.dump()};
  });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /p, pages: none}
  get: {request: "GET /p/{account.id}"}
  update:
    all: {request: "PUT /p/{account.id}", attributes: [mail], replace: true, headers: {If-Match: "{etag}"}}
  disable: {request: "PATCH /p/{account.id}", set: {version: fresh.version}, headers: {If-Match: "{etag}"}}
)");
  connector->begin_changes();
  ASSERT_TRUE(connector->read({.id = "1", .kinds = no_kinds}, {}));
  ASSERT_TRUE(apply(OperationKind::update, {{"mail", "b@x.example"}}, "all"));
  EXPECT_EQ(api->calls(), (std::vector<std::string>{"GET /p/1", "PUT /p/1"}));
  ASSERT_TRUE(apply(OperationKind::disable));
  EXPECT_EQ(api->calls(), (std::vector<std::string>{"GET /p/1", "PUT /p/1", "GET /p/1", "PATCH /p/1"}));
}

TEST_F(OddWrites, WhatMakesANewAccountWhole) {
  std::string said;
  bool broken = false;
  serve([&](const FakeApi::Call& call) {
    said += call.method + " " + call.path + " " + call.body + "\n";
    if (call.path == "/p") return FakeApi::Reply{.status = 201, .body = R"({"id":42,"ticket":"t-1"})"};
    return broken ? FakeApi::Reply{.status = 500, .body = ""} : FakeApi::Reply{.status = 204, .body = ""};
  });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /p, pages: none}
  create:
    request: POST /p
    then:
      - {request: POST /activate, body: {id: int(account.id), ticket: answer.ticket, password: secret}}
      - {request: "PUT /p/{account.id}/mail", body: {mail: wanted.mail}}
)");
  EXPECT_TRUE(connector->capabilities().first_secret);
  EXPECT_EQ(apply(OperationKind::create, {{"mail", "a@x.example"}}).value().account, "42");
  EXPECT_EQ(said,
            "POST /p {\"mail\":\"a@x.example\"}\n"
            "POST /activate {\"id\":42,\"password\":\"initial\",\"ticket\":\"t-1\"}\n"
            "PUT /p/42/mail {\"mail\":\"a@x.example\"}\n");
  broken = true;
  said.clear();
  const auto half = apply(OperationKind::create, {{"mail", "a@x.example"}});
  ASSERT_FALSE(half);
  EXPECT_TRUE(half.error().may_have_happened);  // settled by reading back, never made twice
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 2);
  EXPECT_NE(half.error().message.find("the account 42 was created, but then"), std::string::npos);
}

// The search shows active accounts only; the others have one of their own.
TEST_F(OddWrites, SeveralWaysToFindAnAccount) {
  serve([](const FakeApi::Call& call) {
    const bool asked = call.query.count("q") > 0 && call.query.at("q") == "2@x.example";
    const bool there = asked && call.path == "/gone";
    return FakeApi::Reply{
        .body = json{{"hits", there ? json::array({{{"user", user(2)}}}) : json::array()}}.dump()};
  });
  connect(head + R"(auth: none
user:
  key: mail
  attributes: {mail: {}}
  list: {request: GET /p, pages: none}
  find:
    - {request: GET /p, query: {q: "{key}"}, items: hits, object: user}
    - {request: GET /gone, query: {q: "{key}"}, items: hits, object: user}
)");
  EXPECT_EQ(connector->read({.natural_key = "2@x.example"}, {}).value().value().id, "2");
  EXPECT_FALSE(connector->read({.natural_key = "3@x.example"}, {}).value());
  EXPECT_EQ(api->calls().size(), 4u);
}

TEST_F(OddWrites, NobodyIsThereWhereAnObjectIsNull) {
  serve([](const FakeApi::Call&) { return FakeApi::Reply{.body = R"({"data":{"user":null}})"}; });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /p, pages: none}
  get: {request: POST /graphql, body: {query: '"…"', variables: {id: account.id}}, object: data.user}
)");
  EXPECT_FALSE(connector->read({.id = "1"}, {}).value());
}

}  // namespace
}  // namespace usher
