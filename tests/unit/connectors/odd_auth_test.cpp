#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "tests/unit/connectors/odd_api.hpp"

// How usher logs in on APIs that are in no recipe of ours.
namespace usher {
namespace {

using nlohmann::json;

class OddAuth : public OddApi {};

TEST_F(OddAuth, KeysAndSessionsInAnyHeader) {
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

TEST_F(OddAuth, ClientCredentials) {
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

// Parsers differ in which of the two counts: neither is sent as this program's own.
TEST_F(OddAuth, ATokenThatStandsTwiceIsNone) {
  serve([](const FakeApi::Call& call) {
    if (call.path == "/oauth/token")
      return FakeApi::Reply{.body = R"({"access_token":"tok","expires_in":60,"access_token":"other"})"};
    return FakeApi::Reply{.body = users(0, 1).dump()};
  });
  connect(with_list("{request: GET /p, pages: none}",
                    R"({oauth2: {token-path: /oauth/token, client-id: me, client-secret: "{config.key}"}})"),
          {{"key", "k-1"}});
  EXPECT_EQ(pulled(), 0u);
  EXPECT_EQ(failure.kind, FailureKind::malformed);
  EXPECT_NE(failure.message.find("'access_token' stands twice in the reply to the login"), std::string::npos)
      << failure.message;
}

// What platforms say of a token's life: text, nonsense, nothing, the far future, the past.
struct SaidLife {
  const char* name;
  const char* expires_in;            // JSON; empty: nothing is said
  std::chrono::seconds holds, ends;  // logged in still then, and anew then; ends zero: never by itself
};

class TokenLife : public OddApi, public testing::WithParamInterface<SaidLife> {};

TEST_P(TokenLife, IsHeededWhereItMakesSenseAndNeverFatal) {
  const std::string said = GetParam().expires_in;
  serve([&](const FakeApi::Call& call) {
    if (call.path == "/oauth/token") {
      const std::string life = said.empty() ? "" : R"(,"expires_in":)" + said;
      return FakeApi::Reply{.body = R"({"access_token":"tok")" + life + "}"};
    }
    return FakeApi::Reply{.status = call.headers.at("authorization") == "Bearer tok" ? 200 : 401,
                          .body = users(0, 1).dump()};
  });
  connect(with_list("{request: GET /p, pages: none}",
                    R"({oauth2: {token-path: /oauth/token, client-id: me, client-secret: "{config.key}"}})"),
          {{"key", "k-1"}});
  const auto logins = [&] {
    const auto calls = api->calls();
    return std::count(calls.begin(), calls.end(), "POST /oauth/token");
  };
  EXPECT_EQ(pulled(), 1u) << describe(failure);
  clock.advance(GetParam().holds);
  EXPECT_EQ(pulled(), 1u);
  EXPECT_EQ(logins(), 1) << "a token that holds is kept";
  clock.advance(std::max(GetParam().ends, std::chrono::seconds(std::chrono::days(400))) - GetParam().holds);
  EXPECT_EQ(pulled(), 1u);
  EXPECT_EQ(logins(), GetParam().ends.count() == 0 ? 1 : 2);
}

constexpr std::chrono::seconds minute{60}, day = std::chrono::days(1);
INSTANTIATE_TEST_SUITE_P(
    Forms, TokenLife,
    testing::Values(SaidLife{"Seconds", "120", minute, 2 * minute},
                    SaidLife{"Text", R"("120")", minute, 2 * minute},
                    SaidLife{"Fraction", "120.5", minute, 2 * minute},
                    SaidLife{"Far", "1e308", 20 * day, 31 * day},
                    SaidLife{"FarText", R"("1e308")", 20 * day, 31 * day},
                    SaidLife{"LargestInteger", "9223372036854775807", 20 * day, 31 * day},
                    SaidLife{"FortyDigits",
                             "1"
                             "0000000000"
                             "0000000000"
                             "0000000000"
                             "0000000000",
                             20 * day, 31 * day},
                    SaidLife{"BeyondNumbers", "1e400", 20 * day, {}}, SaidLife{"Past", "-3600", day, {}},
                    SaidLife{"FarPast", "-1e308", day, {}}, SaidLife{"Nothing", "0", day, {}},
                    SaidLife{"Null", "null", day, {}}, SaidLife{"Words", R"("soon")", day, {}},
                    SaidLife{"Empty", R"("")", day, {}}, SaidLife{"List", "[60]", day, {}},
                    SaidLife{"Unsaid", "", day, {}}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace usher
