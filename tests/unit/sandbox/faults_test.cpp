#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/sandbox/client.hpp"

namespace usher::sandbox {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(Faults, ActOnTheOccurrenceTheyName) {
  Played mainflux("mainflux", 3);
  mainflux.server.set_faults({{{"method", "GET"},
                               {"path", "/users"},
                               {"nth", 2},
                               {"status", 503},
                               {"headers", {{"Retry-After", "7"}}}}});
  EXPECT_EQ(mainflux.get("/users").status, 200);
  const Answer spoilt = mainflux.get("/users");
  EXPECT_EQ(spoilt.status, 503);
  EXPECT_EQ(spoilt.headers.at("Retry-After"), "7");
  EXPECT_EQ(mainflux.get("/users").status, 200);
}

TEST(Faults, CutBeforeDoesNothingAndCutAfterLosesTheReplyOnly) {
  Played mainflux("mainflux", 3);
  mainflux.server.set_faults(
      {{{"method", "POST"}, {"path", "/users"}, {"nth", 1}, {"cut", true}},
       {{"method", "POST"}, {"path", "/users"}, {"nth", 2}, {"cut", true}, {"after", true}}});
  const json user{{"credentials", {{"identity", "a@b.org"}, {"secret", "hidden"}}}};
  EXPECT_FALSE(mainflux.send("POST", "/users", user).whole);
  EXPECT_EQ(mainflux.journal().size(), 0U);
  EXPECT_FALSE(mainflux.send("POST", "/users", user).whole);
  ASSERT_EQ(mainflux.journal().size(), 1U);
  EXPECT_EQ(mainflux.journal()[0]["effect"], "user.create");
  EXPECT_EQ(mainflux.journal()[0]["body"]["credentials"]["secret"], "***");
  EXPECT_EQ(mainflux.send("POST", "/users", user).status, 409);
}

TEST(Faults, BreakOffInTheMiddleOfABody) {
  Played mainflux("mainflux", 3);
  mainflux.server.set_faults({{{"path", "/users"}, {"nth", 1}, {"truncate", 40}},
                              {{"path", "/users"}, {"nth", 2}, {"truncate", 40}, {"chunked", true}},
                              {{"path", "/users"}, {"nth", 3}, {"garbage", true}}});
  EXPECT_FALSE(mainflux.get("/users").whole);
  EXPECT_FALSE(mainflux.get("/users").whole);
  EXPECT_FALSE(json::accept(mainflux.get("/users").body));
  EXPECT_TRUE(mainflux.get("/users").whole);
}

TEST(Faults, LieAboutPages) {
  Played mainflux("mainflux", 40);
  mainflux.server.set_faults(
      {{{"query", {{"offset", "10"}}}, {"repeat_page", "items"}},
       {{"query", {{"offset", "20"}}}, {"total_plus", 5}, {"swallow", 0}},
       {{"query", {{"offset", "30"}}}, {"drop_total", true}, {"set", {{"/users", json::array()}}}}});
  const auto page = [&](int offset) {
    return mainflux.get("/users?status=all&limit=10&offset=" + std::to_string(offset)).json();
  };
  const json first = page(0), second = page(10), third = page(20), fourth = page(30);
  EXPECT_EQ(second["users"], first["users"]);
  EXPECT_EQ(second["offset"], 10);
  EXPECT_EQ(third["total"], 46);
  EXPECT_EQ(third["users"].size(), 9U);
  EXPECT_FALSE(fourth.contains("total"));
  EXPECT_EQ(fourth["users"], json::array());
}

TEST(Faults, RepeatACursor) {
  Played gr4vy("gr4vy", 40);
  gr4vy.server.set_faults({{{"path", "/users"}, {"nth", 2}, {"repeat_page", "body"}}});
  const json first = gr4vy.get("/users?limit=10").json();
  const json second = gr4vy.get("/users?limit=10&cursor=" + first["next_cursor"].get<std::string>()).json();
  EXPECT_EQ(second, first);
}

TEST(Faults, ExpireTokensWhenTold) {
  Played mainflux("mainflux", 3);
  mainflux.server.set_faults({{{"path", "/users"}, {"nth", 2}, {"expire_tokens", true}}});
  EXPECT_EQ(mainflux.get("/users").status, 200);
  EXPECT_EQ(mainflux.get("/users").status, 401);
  mainflux.log_in();
  EXPECT_EQ(mainflux.get("/users").status, 200);
}

TEST(Faults, ChangeTheDataBetweenPages) {
  Played sigfox("sigfox", 40);
  sigfox.server.set_faults({{{"path", "/v2/api-users/"}, {"nth", 2}, {"change", {{"delete", 1}}}}});
  std::set<std::string> ids;
  for (const char* page : {"/v2/api-users/?limit=20", "/v2/api-users/?limit=20&offset=20",
                           "/v2/api-users/?limit=20&offset=40"}) {
    const json rows = sigfox.get(page).json()["data"];
    for (const json& user : rows) ids.insert(user["id"]);
  }
  EXPECT_EQ(ids.size(), 40U) << "one deleted behind the reader's back, one shifted out of sight";
  EXPECT_EQ(sigfox.world()["users"].size(), 40U);
  EXPECT_EQ(sigfox.journal().size(), 0U) << "no client did that";
}

TEST(Faults, SparesAReaderByCursor) {
  Played gr4vy("gr4vy", 40);
  gr4vy.server.set_faults({{{"path", "/users"}, {"nth", 2}, {"change", {{"insert", 5}}}},
                           {{"path", "/users"}, {"nth", 3}, {"change", {{"delete", 3}}}}});
  std::set<std::string> ids;
  std::string cursor;
  do {
    const json page = gr4vy.get("/users?limit=20&cursor=" + cursor).json();
    for (const json& user : page["items"]) EXPECT_TRUE(ids.insert(user["id"]).second) << "no row twice";
    cursor = page["next_cursor"].is_null() ? "" : page["next_cursor"].get<std::string>();
  } while (!cursor.empty());
  EXPECT_EQ(ids.size(), 41U) << "all who were there from beginning to end";
}

TEST(Faults, SaysWhichRuleIsWrong) {
  Server server{Options{}};
  try {
    server.set_faults({{{"path", "/users"}, {"cut", true}}, {{"status", "503"}}});
    FAIL() << "a status is a number";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("rule 2"));
  }
  EXPECT_EQ(call(server.url("mainflux"), "POST", "/__sandbox/faults", R"([{"nht": 2}])").status, 400);
}

}  // namespace
}  // namespace usher::sandbox
