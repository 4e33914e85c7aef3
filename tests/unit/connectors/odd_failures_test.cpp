#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/unit/connectors/odd_api.hpp"

// What replies mean on APIs that are in no recipe of ours.
namespace usher {
namespace {

using nlohmann::json;

class OddFailures : public OddApi {};

TEST_F(OddFailures, FaultsAreTriedAgainAndClassified) {
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

TEST_F(OddFailures, ADeleteThatWasDoneBeforeIsDone) {
  int left = 1;
  serve([&](const FakeApi::Call&) { return FakeApi::Reply{.status = left-- > 0 ? 204 : 404, .body = ""}; });
  connect(head +
          "auth: none\nuser: {attributes: {mail: {}}, list: {request: GET /p, pages: none}, "
          "delete: {request: \"DELETE /p/{account.id}\"}}\n");
  EXPECT_FALSE(apply(OperationKind::remove).value().already);
  EXPECT_TRUE(apply(OperationKind::remove).value().already);
}

TEST_F(OddFailures, WritesAreNotRepeatedWhenNobodyKnows) {
  serve([&](const FakeApi::Call&) { return FakeApi::Reply{.status = 502, .body = ""}; });
  connect(head +
          "auth: none\nuser: {attributes: {mail: {}}, list: {request: GET /p, pages: none}, "
          "delete: {request: \"DELETE /p/{account.id}\"}}\n");
  const auto removed = apply(OperationKind::remove);
  ASSERT_FALSE(removed);
  EXPECT_TRUE(removed.error().may_have_happened);
  EXPECT_EQ(api->calls().size(), 1u);
}

TEST_F(OddFailures, ErrorsUnderStatus200) {
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

TEST_F(OddFailures, SecretsReachNoMessage) {
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
