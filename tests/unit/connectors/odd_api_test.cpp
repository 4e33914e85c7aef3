#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/unit/connectors/fake_api.hpp"

// APIs that are in no recipe of ours: what docs/recipes.md promises can be said, and what is refused by
// itself.
namespace usher {
namespace {

using nlohmann::json;

const std::string head = R"(
recipe: 1
name: odd
about: An API made up for a test
options:
  url: {type: url, required: true, about: Base}
  key: {type: secret, about: Key}
)";

std::string with_list(const std::string& list, const std::string& auth = "none") {
  return head + "auth: " + auth + "\nuser:\n  attributes: {mail: {}}\n  key: mail\n  list: " + list + "\n";
}

json user(int number) {
  return {{"id", std::to_string(number)}, {"mail", std::to_string(number) + "@x.example"}};
}

json users(int from, int count) {
  json all = json::array();
  for (int i = from; i < from + count; ++i) all.push_back(user(i));
  return all;
}

int number(const FakeApi::Call& call, const std::string& name, int otherwise) {
  const auto found = call.query.find(name);
  return found == call.query.end() ? otherwise : std::stoi(found->second);
}

class OddApi : public testing::Test {
 protected:
  void serve(std::function<FakeApi::Reply(const FakeApi::Call&)> answer) {
    api = std::make_unique<FakeApi>(std::move(answer));
  }
  void connect(const std::string& recipe, std::map<std::string, std::string> options = {}) {
    options["url"] = api->url();
    connector = connector_of(recipe, options, clock);
  }
  std::size_t pulled() {
    const auto pages = all_pages(*connector);
    if (!pages) {
      failure = pages.error();
      return 0;
    }
    std::size_t count = 0;
    for (const Page& page : *pages) count += page.accounts.size();
    return count;
  }
  Outcome<Receipt> apply(OperationKind kind, const json& after = json::object(),
                         const std::string& route = "") {
    Operation operation;
    operation.kind = kind;
    operation.account = kind == OperationKind::create ? "" : "1";
    operation.after = after;
    operation.route = route;
    return connector->apply(operation, Secret("initial"), {});
  }
  Outcome<Receipt> edge(OperationKind kind, const std::string& group) {
    Operation operation;
    operation.kind = kind;
    operation.account = "1";
    operation.membership = {.account = "1", .kind = "group", .entitlement = group, .details = {}};
    return connector->apply(operation, {}, {});
  }

  TestClock clock;
  std::unique_ptr<FakeApi> api;
  std::unique_ptr<Connector> connector;
  Failure failure;
};

TEST_F(OddApi, AListAndNothingElse) {
  serve([](const FakeApi::Call&) { return FakeApi::Reply{.body = users(0, 3).dump()}; });
  connect(with_list("{request: GET /people, pages: none}"));
  EXPECT_EQ(pulled(), 3u);
}

TEST_F(OddApi, OffsetWithSilentlyCappedPages) {
  serve([](const FakeApi::Call& call) {
    const int from = number(call, "skip", 0);
    return FakeApi::Reply{.body = users(from, std::clamp(25 - from, 0, 10)).dump()};
  });
  connect(with_list(
      "{request: GET /people, pages: {by: offset, parameter: skip, size-parameter: take, size: 1000}}"));
  EXPECT_EQ(pulled(), 25u);
}

TEST_F(OddApi, PagesCountedFromOneInsideAnEnvelope) {
  serve([](const FakeApi::Call& call) {
    const int page = number(call, "page", 1);
    return FakeApi::Reply{.body = json{{"data", {{"people", users((page - 1) * 10, page == 3 ? 5 : 10)}}},
                                       {"meta", {{"total", 25}}}}
                                      .dump()};
  });
  connect(
      with_list("{request: GET /people, items: data.people, total: meta.total, pages: {by: page, parameter: "
                "page, size: 10}}"));
  EXPECT_EQ(pulled(), 25u);
  EXPECT_EQ(api->calls().size(), 3u);
}

TEST_F(OddApi, ParametersThatAreNotHeededAreFoundOut) {
  serve([](const FakeApi::Call&) { return FakeApi::Reply{.body = users(0, 30).dump()}; });
  connect(with_list(
      "{request: GET /people, pages: {by: offset, parameter: skip, size-parameter: take, size: 10}}"));
  EXPECT_EQ(pulled(), 0u);
  EXPECT_EQ(failure.kind, FailureKind::malformed);
  EXPECT_NE(failure.message.find("does not heed 'skip'"), std::string::npos) << failure.message;
}

TEST_F(OddApi, CursorInABodyAndInAHeader) {
  serve([](const FakeApi::Call& call) {
    const int from = number(call, "after", 0);
    const int next = from + 10;
    FakeApi::Reply reply;
    json body{{"items", users(from, 10)}, {"next", next < 30 ? json(std::to_string(next)) : json()}};
    reply.body = body.dump();
    if (next < 30) reply.headers["X-Next"] = std::to_string(next);
    return reply;
  });
  connect(with_list("{request: GET /p, items: items, pages: {by: cursor, parameter: after, next: next}}"));
  EXPECT_EQ(pulled(), 30u);
  connect(with_list(
      "{request: GET /p, items: items, pages: {by: cursor, parameter: after, next-header: X-Next}}"));
  EXPECT_EQ(pulled(), 30u);
}

TEST_F(OddApi, LinksAreFollowedAtHomeOnly) {
  std::string elsewhere;
  serve([&](const FakeApi::Call& call) {
    const int from = number(call, "from", 0);
    FakeApi::Reply reply;
    json body{{"items", users(from, 10)}};
    if (from < 20) body["next"] = elsewhere + "/p?from=" + std::to_string(from + 10);
    if (from < 20) reply.headers["Link"] = "</p?from=" + std::to_string(from + 10) + ">; rel=\"next\"";
    reply.body = body.dump();
    return reply;
  });
  elsewhere = api->url();
  const std::string by_body =
      with_list("{request: GET /p, items: items, pages: {by: next-link, next: next}}");
  connect(by_body);
  EXPECT_EQ(pulled(), 30u);
  connect(with_list("{request: GET /p, items: items, pages: {by: link-header}}"));
  EXPECT_EQ(pulled(), 30u);
  elsewhere = "https://evil.example";
  connect(by_body);
  EXPECT_EQ(pulled(), 0u);
  EXPECT_NE(failure.message.find("another host"), std::string::npos) << failure.message;
}

TEST_F(OddApi, KeysetByTheLastId) {
  serve([](const FakeApi::Call& call) {
    const int from = number(call, "since", -1) + 1;
    return FakeApi::Reply{.body = users(from, std::clamp(25 - from, 0, 10)).dump()};
  });
  connect(with_list("{request: GET /p, pages: {by: last-id, parameter: since, size: 10}}"));
  EXPECT_EQ(pulled(), 25u);
}

TEST_F(OddApi, AReplyWithoutItsListIsNotAnEmptyOne) {
  serve([](const FakeApi::Call&) { return FakeApi::Reply{.body = R"({"error":"maintenance"})"}; });
  connect(with_list("{request: GET /p, items: items, pages: none}"));
  EXPECT_EQ(pulled(), 0u);
  EXPECT_EQ(failure.kind, FailureKind::malformed);
  connect(with_list("{request: GET /p, items: items, items-optional: true, pages: none}"));
  failure = {};
  EXPECT_EQ(pulled(), 0u);
  EXPECT_TRUE(failure.message.empty());
}

TEST_F(OddApi, DisabledAccountsInAListOfTheirOwn) {
  serve([](const FakeApi::Call& call) {
    return FakeApi::Reply{.body = users(call.path == "/active" ? 0 : 10, 2).dump()};
  });
  connect(
      with_list("[{request: GET /active, pages: none, active: true}, {request: GET /gone, pages: none, "
                "active: false}]"));
  const auto pages = all_pages(*connector);
  ASSERT_TRUE(pages);
  EXPECT_TRUE(pages->at(0).accounts.at(0).active);
  EXPECT_FALSE(pages->at(1).accounts.at(0).active);
}

TEST_F(OddApi, FaultsAreTriedAgainAndClassified) {
  int calls = 0;
  serve([&](const FakeApi::Call&) {
    switch (++calls) {
      case 1:
        return FakeApi::Reply{.status = 503, .body = "<html>busy</html>"};
      case 2:
        return FakeApi::Reply{.status = 429, .headers = {{"Retry-After", "7"}}};
      case 3:
        return FakeApi::Reply{.body = "[{\"id\":", .cut = true};
      default:
        return FakeApi::Reply{.body = users(0, 2).dump()};
    }
  });
  connect(with_list("{request: GET /p, pages: none}"));
  EXPECT_EQ(pulled(), 2u);
  EXPECT_GE(clock.slept, std::chrono::seconds(7));
}

TEST_F(OddApi, KeysAndSessionsInAnyHeader) {
  serve([](const FakeApi::Call& call) {
    if (call.path == "/login") {
      return FakeApi::Reply{.status = call.body == R"({"pass":"k-1"})" ? 200 : 403,
                            .headers = {{"X-Token", "t-9"}}};
    }
    const bool known = call.headers.count("x-api-key") != 0 ? call.headers.at("x-api-key") == "k-1"
                                                            : call.headers.at("x-session") == "sid=t-9";
    return FakeApi::Reply{.status = known ? 200 : 401,
                          .body = known ? users(0, 1).dump() : R"({"error":"k-1 is bad"})"};
  });
  const std::string list = "{request: GET /p, pages: none}";
  const std::string key = R"({headers: {X-Api-Key: "{config.key}"}})";
  connect(with_list(list, key), {{"key", "k-1"}});
  EXPECT_EQ(pulled(), 1u);
  connect(with_list(list, key), {{"key", "wrong"}});
  EXPECT_EQ(pulled(), 0u);
  EXPECT_EQ(failure.kind, FailureKind::refused);
  EXPECT_NE(failure.message.find("check key"), std::string::npos) << failure.message;
  const std::string session =
      R"({session: {login: {request: POST /login, body: {pass: config.key}}, token-header: X-Token,
          headers: {X-Session: "sid={token}"}, life: 1h}})";
  connect(with_list(list, session), {{"key", "k-1"}});
  EXPECT_EQ(pulled(), 1u);
}

TEST_F(OddApi, ClientCredentials) {
  serve([](const FakeApi::Call& call) {
    if (call.path == "/oauth/token") {
      const bool good = call.headers.at("authorization") == "Basic bWU6ay0x" &&
                        call.body == "grant_type=client_credentials&scope=users%3Aread";
      return good ? FakeApi::Reply{.body = R"({"access_token":"tok","expires_in":60})"}
                  : FakeApi::Reply{.status = 401, .body = R"({"error":"invalid_client"})"};
    }
    return FakeApi::Reply{.status = call.headers.at("authorization") == "Bearer tok" ? 200 : 401,
                          .body = users(0, 1).dump()};
  });
  const std::string auth =
      R"({oauth2: {token-path: /oauth/token, client-id: me, client-secret: "{config.key}", scope: "users:read"}})";
  connect(with_list("{request: GET /p, pages: none}", auth), {{"key", "k-1"}});
  EXPECT_EQ(pulled(), 1u) << describe(failure);
  clock.advance(std::chrono::seconds(55));
  EXPECT_EQ(pulled(), 1u);
  const auto calls = api->calls();
  EXPECT_EQ(std::count(calls.begin(), calls.end(), "POST /oauth/token"), 2);
}

TEST_F(OddApi, FullReplacementFromAFreshRead) {
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
  EXPECT_FALSE(connector->read("1", "", {}).value().value().active);
}

TEST_F(OddApi, CreatesThatSayTheirIdInTheirOwnWay) {
  std::string way;
  serve([&](const FakeApi::Call& call) {
    if (call.method == "GET") return FakeApi::Reply{.body = json{{"hits", users(41, 3)}}.dump()};
    EXPECT_EQ(json::parse(call.body),
              (json{{"person", {{"mail", "42@x.example"}, {"password", "initial"}}}}));
    if (way == "body") return FakeApi::Reply{.status = 201, .body = R"({"result":{"id":42}})"};
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
  for (const char* one : {"body", "location", "nothing"}) {
    way = one;
    const auto made = apply(OperationKind::create, {{"mail", "42@x.example"}});
    ASSERT_TRUE(made) << way << ": " << describe(made.error());
    EXPECT_EQ(made->account, "42") << way;
  }
  EXPECT_EQ(api->calls().back(), "GET /p?mail=42%40x.example");
}

TEST_F(OddApi, ADeleteThatWasDoneBeforeIsDone) {
  int left = 1;
  serve([&](const FakeApi::Call&) { return FakeApi::Reply{.status = left-- > 0 ? 204 : 404, .body = ""}; });
  connect(head +
          "auth: none\nuser: {attributes: {mail: {}}, list: {request: GET /p, pages: none}, "
          "delete: {request: \"DELETE /p/{account.id}\"}}\n");
  EXPECT_FALSE(apply(OperationKind::remove).value().already);
  EXPECT_TRUE(apply(OperationKind::remove).value().already);
}

TEST_F(OddApi, WritesAreNotRepeatedWhenNobodyKnows) {
  serve([&](const FakeApi::Call&) { return FakeApi::Reply{.status = 502, .body = ""}; });
  connect(head +
          "auth: none\nuser: {attributes: {mail: {}}, list: {request: GET /p, pages: none}, "
          "delete: {request: \"DELETE /p/{account.id}\"}}\n");
  const auto removed = apply(OperationKind::remove);
  ASSERT_FALSE(removed);
  EXPECT_TRUE(removed.error().may_have_happened);
  EXPECT_EQ(api->calls().size(), 1u);
}

TEST_F(OddApi, MembershipsOfEachGroup) {
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
  EXPECT_EQ(connector->read("1", "", {}).value()->memberships, R"({"group":{"g1":[],"g3":[]}})");
}

TEST_F(OddApi, MembershipsOfEachUserAndACallThatSetsThemAll) {
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

TEST_F(OddApi, ErrorsUnderStatus200) {
  serve([&](const FakeApi::Call&) {
    return FakeApi::Reply{.body = R"({"ok":false,"why":"slow down","seconds":3})"};
  });
  connect(head + R"(auth: none
errors:
  - {when: has(body.ok) && !body.ok, is: throttled, message: body.why, wait: body.seconds, any-status: true}
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none}
)",
          {{"attempts", "2"}});
  EXPECT_EQ(pulled(), 0u);
  EXPECT_EQ(failure.kind, FailureKind::throttled);
  EXPECT_EQ(failure.message, "slow down");
  EXPECT_GE(clock.slept, std::chrono::seconds(3));
}

TEST_F(OddApi, SecretsReachNoMessage) {
  serve([&](const FakeApi::Call&) {
    return FakeApi::Reply{.status = 400,
                          .body = json{{"message",
                                        "key s3cret-key, password initial, token "
                                        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl\n, hash "
                                        "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"}}
                                      .dump()};
  });
  connect(head + R"(auth: {headers: {X-Api-Key: "{config.key}"}}
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none}
  create: {request: POST /users, secret: password}
)",
          {{"key", "s3cret-key"}});
  const auto made = apply(OperationKind::create, {{"mail", "a@x.example"}});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "key ***, password ***, token *** , hash ***");
}

}  // namespace
}  // namespace usher
