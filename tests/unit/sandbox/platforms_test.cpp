#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/sandbox/client.hpp"

namespace usher::sandbox {
namespace {

using nlohmann::json;
using testing::StartsWith;

Options switched(const std::string& name, const std::string& value) {
  Options options;
  options.users = 30;
  options.switches.set(name, value);
  return options;
}

TEST(Gr4vy, WritesOneSpellingAndReadsAnother) {
  Played gr4vy("gr4vy");
  const json request{{"display_name", "Chloé D'Angelo"}, {"email_address", "chloe@example.com"}};
  const Answer created = gr4vy.send("POST", "/users", request);
  EXPECT_EQ(created.status, 200);
  EXPECT_EQ(created.json()["name"], "Chloé D'Angelo");
  EXPECT_EQ(created.json()["email_adress"], "chloe@example.com");
  const Answer again = gr4vy.send("POST", "/users", request);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.json()["resource_id"], created.json()["id"]);
  const std::string user = "/users/" + created.json()["id"].get<std::string>();
  EXPECT_EQ(gr4vy.send("PUT", user, {{"name", "x"}}).status, 405);
  EXPECT_EQ(gr4vy.send("DELETE", user).status, 204);
  EXPECT_EQ(gr4vy.send("DELETE", user).status, 404);
  EXPECT_EQ(gr4vy.get("/users?limit=101").status, 400);

  Played later("gr4vy", switched("gr4vy.email-field", "email_address"));
  EXPECT_FALSE(later.get("/users/me").json().contains("email_adress"));
}

TEST(Gr4vy, UpdatesAndAssignsRolesIn2023) {
  Played gr4vy("gr4vy", switched("gr4vy.api", "2023"));
  const std::string user =
      "/users/" + gr4vy.get("/users?limit=1").json()["items"][0]["id"].get<std::string>();
  const json role = gr4vy.get("/roles").json()["items"][2];
  const json updated = gr4vy.send("PUT", user, {{"name", "New"}, {"role_ids", {role["id"]}}}).json();
  EXPECT_EQ(updated["name"], "New");
  EXPECT_EQ(updated["roles"][0]["name"], role["name"]);
  EXPECT_EQ(gr4vy.send("PUT", user, {{"role_ids", json::array()}}).json()["roles"], json::array());
}

TEST(Gr4vy, ExpiresAndRefreshesSessions) {
  Played gr4vy("gr4vy");
  gr4vy.server.advance(std::chrono::seconds(901));
  EXPECT_EQ(gr4vy.get("/users").status, 401);
  const Answer renewed = call(gr4vy.url, "PUT", "/auth/sessions", "", "Bearer " + gr4vy.refresh_token);
  ASSERT_EQ(renewed.status, 200);
  gr4vy.authorization = "Bearer " + renewed.json()["access_token"].get<std::string>();
  EXPECT_EQ(gr4vy.get("/users").status, 200);
  EXPECT_EQ(gr4vy.send("DELETE", "/auth/sessions").status, 204);
  EXPECT_EQ(gr4vy.get("/users").status, 401);
}

TEST(Gr4vy, HandsOverPasswordsByResetToken) {
  Played gr4vy("gr4vy");
  gr4vy.send("POST", "/users", {{"display_name", "A"}, {"email_address", "a@example.com"}});
  const std::string token =
      gr4vy.send("POST", "/users/reset-password", {{"email_address", "a@example.com"}}).json()["reset_token"];
  EXPECT_EQ(token.size(), 100U);
  const json password{{"reset_token", token}, {"password", "secret"}};
  EXPECT_EQ(gr4vy.send("POST", "/users/set-password", password).status, 204);
  EXPECT_EQ(gr4vy.send("POST", "/users/set-password", password).status, 400) << "used once";
  EXPECT_EQ(gr4vy.send("POST", "/auth/sessions", {{"email_address", "a@example.com"}, {"password", "secret"}})
                .status,
            200);
}

TEST(Kestra, ListsSummariesFromPageOne) {
  Played kestra("kestra");
  const json page = kestra.get("/api/v1/users?page=1&size=10").json();
  EXPECT_EQ(page["total"], 31);
  const json& row = page["results"][3];
  EXPECT_FALSE(row.contains("email"));
  EXPECT_EQ(kestra.get("/api/v1/users/" + row["id"].get<std::string>()).json()["email"], row["username"]);
  EXPECT_EQ(kestra.get("/api/v1/users?page=0&size=10").status, 422);
  EXPECT_EQ(kestra.get("/api/v1/users?page=1&size=10&sort=username:asc").status, 500);
  EXPECT_EQ(call(kestra.url, "GET", "/api/v1/users").status, 401);
  EXPECT_TRUE(kestra.get("/api/v1/users/nobody").json()["_links"]["self"].contains("href"));
  Played quiet("kestra", switched("kestra.omit-empty-results", "true"));
  EXPECT_EQ(quiet.get("/api/v1/users?page=9&size=10").json(), (json{{"total", 31}}));
}

TEST(Kestra, TakesAwayWhateverAFullUpdateDoesNotName) {
  Played kestra("kestra");
  const std::string group =
      kestra.get("/api/v1/main/groups/search?page=1&size=100").json()["results"][0]["id"];
  const json created =
      kestra.send("POST", "/api/v1/users", {{"email", "a@b.org"}, {"tenants", {"main"}}, {"groups", {group}}})
          .json();
  const std::string user = "/api/v1/users/" + created["id"].get<std::string>();
  EXPECT_EQ(created["groups"].size(), 1U);
  EXPECT_EQ(kestra.send("PATCH", user, {{"firstName", "Ann"}}).json()["groups"].size(), 1U);
  const json replaced = kestra.send("PUT", user, {{"email", "a@b.org"}, {"tenants", {"main"}}}).json();
  EXPECT_EQ(replaced["groups"], json::array());
  EXPECT_EQ(replaced["firstName"], "");
}

TEST(Kestra, RefusesGroupsWithoutAccessToTheTenant) {
  Played kestra("kestra");
  const std::string user = kestra.send("POST", "/api/v1/users", {{"email", "a@b.org"}}).json()["id"];
  const std::string groups = "/api/v1/main/users/" + user + "/groups";
  const std::string group =
      kestra.get("/api/v1/main/groups/search?page=1&size=100").json()["results"][0]["id"];
  EXPECT_EQ(kestra.send("PUT", groups, {{"groupIds", {group}}}).status, 404);
  EXPECT_EQ(kestra.send("PUT", "/api/v1/main/tenant-access/" + user).status, 201);
  EXPECT_EQ(kestra.send("PUT", groups, {{"groupIds", {group}}}).status, 204);
  const std::string member = "/api/v1/main/groups/" + group + "/members/" + user;
  EXPECT_EQ(kestra.send("PUT", member).status, 409);
  EXPECT_EQ(kestra.send("DELETE", member).status, 200);
  EXPECT_EQ(kestra.send("DELETE", member).status, 409);
  EXPECT_EQ(kestra.get("/api/v1/users/" + user).json()["tenants"], json::array())
      << "1.x takes the access too";
}

TEST(Kestra, ShowsMembersStaleForAsManyReadsAsTold) {
  Played kestra("kestra", switched("kestra.stale-reads", "2"));
  const std::string group = kestra
                                .send("POST", "/api/v1/main/groups",
                                      {{"name", "new"}, {"description", ""}, {"membersId", json::array()}})
                                .json()["id"];
  const std::string user = kestra.get("/api/v1/users?page=1&size=10").json()["results"][4]["id"];
  kestra.send("PUT", "/api/v1/main/groups/" + group + "/members/" + user);
  const auto members = [&] {
    return kestra.get("/api/v1/main/groups/" + group + "/members?page=1&size=10").json()["total"].get<int>();
  };
  EXPECT_EQ(members(), 0);
  EXPECT_EQ(members(), 0);
  EXPECT_EQ(members(), 1);
}

TEST(Kestra, GivesTokensThatLogIn) {
  Played kestra("kestra");
  const std::string user = kestra.send("POST", "/api/v1/users", {{"email", "a@b.org"}}).json()["id"];
  const std::string tokens = "/api/v1/users/" + user + "/api-tokens";
  const json token =
      kestra
          .send("POST", tokens,
                {{"name", "job"}, {"description", ""}, {"maxAge", "PT1H"}, {"extended", false}})
          .json();
  const std::string bearer = "Bearer " + token["fullToken"].get<std::string>();
  EXPECT_EQ(call(kestra.url, "GET", "/api/v1/me", "", bearer).json()["id"], user);
  EXPECT_EQ(call(kestra.url, "GET", "/api/v1/users", "", bearer).status, 403);
  EXPECT_FALSE(kestra.get(tokens).json()["results"][0].contains("fullToken"));
  kestra.server.advance(std::chrono::hours(2));
  EXPECT_EQ(call(kestra.url, "GET", "/api/v1/me", "", bearer).status, 401);
}

TEST(Sigfox, PagesByAbsoluteLinksUntilThereIsNone) {
  Played sigfox("sigfox", 120);
  std::set<std::string> ids;
  std::string path = "/v2/api-users/?limit=50";
  int pages = 0;
  for (; !path.empty(); ++pages) {
    const json page = sigfox.get(path).json();
    for (const json& user : page["data"]) {
      ids.insert(user["id"]);
      EXPECT_TRUE(user.contains("accessToken"));
    }
    const std::string next = page.contains("paging") ? page["paging"]["next"].get<std::string>() : "";
    if (!next.empty()) {
      EXPECT_THAT(next, StartsWith(sigfox.url));
    }
    path = next.empty() ? "" : next.substr(sigfox.url.size());
  }
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(ids.size(), 121U);
  const Answer refused = call(sigfox.url, "GET", "/v2/api-users/");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.body, "");
  EXPECT_EQ(sigfox.get("/v2/api-users").status, 404);
}

TEST(Sigfox, CreatesWithAnIdAloneAndKeepsTheLastProfile) {
  Played sigfox("sigfox");
  const std::string group = sigfox.get("/v2/groups/").json()["data"][0]["id"];
  const json profiles = sigfox.get("/v2/profiles/?inherit=true&groupId=" + group).json()["data"];
  const json request{{"groupId", group},
                     {"name", "a@b.org"},
                     {"timezone", "Europe/Paris"},
                     {"profileIds", {profiles[0]["id"]}}};
  const Answer created = sigfox.send("POST", "/v2/api-users/", request);
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(created.json().size(), 1U);
  EXPECT_EQ(sigfox.send("POST", "/v2/api-users/", request).status, 201) << "names are not unique";
  const std::string id = created.json()["id"], user = "/v2/api-users/" + id;
  EXPECT_EQ(sigfox.send("PUT", user + "/profiles", {{"profileId", {profiles[1]["id"]}}}).status, 204);
  EXPECT_EQ(sigfox.send("DELETE", user + "/profiles/" + profiles[0]["id"].get<std::string>()).status, 204);
  EXPECT_EQ(sigfox.send("DELETE", user + "/profiles/" + profiles[1]["id"].get<std::string>()).status, 400);
  const std::string old = sigfox.get(user).json()["accessToken"];
  const std::string fresh = sigfox.send("PUT", user + "/renew-credential").json()["accessToken"];
  EXPECT_EQ(call(sigfox.url, "GET", user, "", basic_of(id, old)).status, 401);
  EXPECT_EQ(call(sigfox.url, "GET", user, "", basic_of(id, fresh)).status, 200);
}

TEST(Switches, RefusesOneItDoesNotKnow) {
  Options options;
  EXPECT_THROW(options.switches.set("mainflux.nonsense", "1"), std::invalid_argument);
  options.switches.set("sigfox.rate-limit", "many");
  EXPECT_THROW(options.switches.number("sigfox.rate-limit"), std::invalid_argument);
}

}  // namespace
}  // namespace usher::sandbox
