#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "examples/sandbox/text.hpp"
#include "tests/unit/sandbox/client.hpp"

namespace usher::sandbox {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

json credentials(const std::string& identity) {
  return {{"identity", identity}, {"secret", "longenough"}};
}

TEST(Mainflux, LogsInWithATokenWhoseExpiryAnybodyCanDecode) {
  Played mainflux("mainflux", 3);
  const Answer answer = mainflux.send("POST", "/users/tokens/issue", mainflux.server.login("mainflux"));
  EXPECT_EQ(answer.status, 201);
  const std::string token = answer.json()["access_token"];
  const json payload =
      json::parse(base64_decode(token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1)));
  EXPECT_EQ(payload["exp"].get<int>() - payload["iat"].get<int>(), 900);
}

TEST(Mainflux, AnswersBadLoginsAsTheRealOneDoes) {
  Played mainflux("mainflux", 3);
  const auto status = [&](const json& login) {
    return mainflux.send("POST", "/users/tokens/issue", login).status;
  };
  EXPECT_EQ(status({{"identity", "admin@example.com"}, {"secret", "wrong"}}), 500);
  EXPECT_EQ(status({{"identity", "nobody@example.com"}, {"secret", "12345678"}}), 404);
  EXPECT_EQ(call(mainflux.url, "GET", "/users").status, 500) << "a missing token";
  EXPECT_EQ(call(mainflux.url, "GET", "/users", "", "Bearer a.b.c").status, 401);
}

TEST(Mainflux, RefreshesExpiredSessions) {
  Played mainflux("mainflux", 3);
  mainflux.server.advance(std::chrono::seconds(901));
  EXPECT_EQ(mainflux.get("/users").status, 401);
  const Answer pair =
      call(mainflux.url, "POST", "/users/tokens/refresh", "", "Bearer " + mainflux.refresh_token);
  ASSERT_EQ(pair.status, 201);
  const std::string access = pair.json()["access_token"];
  EXPECT_EQ(call(mainflux.url, "GET", "/users", "", "Bearer " + access).status, 200);
  EXPECT_EQ(call(mainflux.url, "POST", "/users/tokens/refresh", "", "Bearer " + access).status, 401);
}

TEST(Mainflux, LeavesZerosOutOfTheEnvelopeAndDisabledUsersOutOfTheList) {
  Played mainflux("mainflux", 60);
  const json first = mainflux.get("/users?limit=5").json();
  EXPECT_FALSE(first.contains("offset"));
  EXPECT_EQ(first["limit"], 5);
  const json all = mainflux.get("/users?limit=5&status=all&offset=5").json();
  EXPECT_EQ(all["total"], 61);
  EXPECT_EQ(all["offset"], 5);
  EXPECT_LT(first["total"], 61);
  const json none = mainflux.get("/users?name=nobody").json();
  EXPECT_EQ(none, (json{{"limit", 10}, {"users", json::array()}}));
  EXPECT_EQ(mainflux.get("/users?limit=101").status, 500);
  EXPECT_EQ(mainflux.get("/users?limit=5&limit=6").status, 500);
  const Answer slash = mainflux.get("/users/?limit=5");
  EXPECT_EQ(slash.status, 302);
  EXPECT_EQ(slash.headers.at("Location"), "/users?limit=5");
}

TEST(Mainflux, CreatesWithADeadTokenButWithoutOwner) {
  Played mainflux("mainflux", 3);
  const json user{{"name", "Zoë <3"}, {"credentials", credentials("zoe@example.com")}};
  const Answer answer = call(mainflux.url, "POST", "/users", user.dump(), "Bearer dead");
  ASSERT_EQ(answer.status, 201);
  EXPECT_FALSE(answer.json().contains("owner"));
  EXPECT_THAT(answer.body, HasSubstr("Zoë \\u003c3"));
  EXPECT_EQ(answer.headers.at("Location"), "/users/" + answer.json()["id"].get<std::string>());
  EXPECT_EQ(mainflux.send("POST", "/users", user).status, 409);
  const json other{{"credentials", credentials("other@example.com")}};
  EXPECT_TRUE(mainflux.send("POST", "/users", other).json().contains("owner"));
}

TEST(Mainflux, UpdatesEnabledUsersOnlyAndSwitchesAStateOnce) {
  Played mainflux("mainflux", 3);
  const std::string user =
      "/users/" + mainflux.send("POST", "/users", {{"credentials", credentials("a@b.org")}})
                      .json()["id"]
                      .get<std::string>();
  const json updated = mainflux.send("PATCH", user, {{"name", "New"}, {"metadata", {{"b", 1}}}}).json();
  EXPECT_THAT(updated["credentials"]["secret"].get<std::string>(), StartsWith("$2a$10$"));
  EXPECT_FALSE(mainflux.get(user).json()["credentials"].contains("secret"));
  EXPECT_EQ(mainflux.send("POST", user + "/disable").status, 200);
  EXPECT_EQ(mainflux.send("POST", user + "/disable").status, 500);
  EXPECT_EQ(mainflux.get(user).json()["updated_at"], updated["updated_at"]) << "disabling is no update";
  EXPECT_EQ(mainflux.send("PATCH", user, {{"name", "Newer"}}).status, 404);
  EXPECT_EQ(mainflux.send("PATCH", user + "/tags", {{"tags", {"x"}}}).status, 404);
  EXPECT_EQ(mainflux.send("POST", user + "/enable").status, 200);
  const json nested{{"credentials", {{"identity", "new@b.org"}}}};
  EXPECT_EQ(mainflux.send("PATCH", user + "/identity", nested).json()["credentials"]["identity"], "");
}

TEST(Mainflux, ClosesPoliciesOverTheirLists) {
  Played mainflux("mainflux", 3);
  const std::string user = mainflux.get("/users").json()["users"][1]["id"];
  const json groups = mainflux.get("/groups?limit=100").json();
  EXPECT_EQ(groups["limit"], 0);
  const std::string group = groups["groups"][0]["id"];
  mainflux.send("DELETE", "/users/policies/" + user + '/' + group);
  const json policy{{"subject", user}, {"object", group}, {"actions", {"c_update", "m_read"}}};
  EXPECT_EQ(mainflux.send("POST", "/users/policies", policy).status, 201);
  const auto actions = [&] {
    return mainflux.get("/users/policies?subject=" + user + "&object=" + group)
        .json()["policies"][0]["actions"];
  };
  EXPECT_EQ(actions(), (json{"c_update", "m_read", "c_list", "g_list"}));
  EXPECT_EQ(
      mainflux.send("PUT", "/users/policies", {{"subject", user}, {"object", group}, {"actions", {"m_read"}}})
          .status,
      204);
  EXPECT_EQ(actions(), json{"m_read"});
  EXPECT_EQ(
      mainflux.send("POST", "/users/policies", {{"subject", user}, {"object", group}, {"actions", {"fly"}}})
          .status,
      500);
  EXPECT_EQ(mainflux.send("DELETE", "/users/policies/" + user + '/' + group).status, 204);
  EXPECT_EQ(mainflux.send("DELETE", "/users/policies/" + user + '/' + group).status, 204);
  EXPECT_EQ(mainflux.get("/policies").status, 404) << "only nginx's prefix is known";
}

}  // namespace
}  // namespace usher::sandbox
