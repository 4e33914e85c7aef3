#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

#include "tests/unit/sandbox/client.hpp"

namespace usher::sandbox {
namespace {

using nlohmann::json;

/// The people API with these switches, and nobody in it.
class Api {
 public:
  explicit Api(std::initializer_list<std::pair<const char*, const char*>> moved = {})
      : server_(options(moved)), url_(server_.url("unkind")) {}

  Answer send(const std::string& method, const std::string& path, const json& body = nullptr) const {
    return call(url_, method, path, body.is_null() ? "" : body.dump());
  }
  Answer create(const std::string& mail, const std::string& name = "Ada") const {
    return send("POST", "/people", {{"mail", mail}, {"name", name}, {"password", "secret"}});
  }
  json listed(const std::string& query = "") const { return send("GET", "/people" + query).json(); }
  void set(const json& moved) const { EXPECT_EQ(send("POST", "/__sandbox/switches", moved).status, 204); }
  json world() const { return server_.world("unkind"); }
  Server& server() { return server_; }

 private:
  static Options options(std::initializer_list<std::pair<const char*, const char*>> moved) {
    Options options;
    options.platforms = {"unkind"};
    options.users = 0;
    for (const auto& [name, value] : moved) options.switches.set(std::string("unkind.") + name, value);
    return options;
  }

  Server server_;
  std::string url_;
};

TEST(Unkind, IsKindWhileNoSwitchIsMoved) {
  const Api api;
  const json made = api.create("ada@x.org").json();
  EXPECT_EQ(made["mail"], "ada@x.org");
  EXPECT_FALSE(made.contains("password"));
  const std::string id = made["id"];
  EXPECT_EQ(api.create("ADA@x.org").status, 409);
  EXPECT_EQ(api.send("PUT", "/groups/staff/members/" + id).status, 204);
  EXPECT_EQ(api.send("GET", "/groups/staff/members").json()["members"], json::parse(R"([{"id": "1"}])"));
  EXPECT_EQ(api.send("GET", "/people/1/groups").json()["groups"], json::parse(R"([{"id": "staff"}])"));
  EXPECT_EQ(api.send("PATCH", "/people/1", {{"enabled", false}}).json()["enabled"], false);
  EXPECT_EQ(api.listed("?mail=ada%40x.org")["people"].size(), 1U);
  EXPECT_EQ(api.listed()["total"], 1);
  EXPECT_EQ(api.send("DELETE", "/people/1").status, 204);
  EXPECT_EQ(api.world()["groups"]["staff"], json::array());
}

TEST(Unkind, ShowsANewAccountLater) {
  const Api api({{"lag", "1"}, {"search-lag", "1"}, {"by-id", "gone"}});
  api.create("ada@x.org");
  EXPECT_EQ(api.send("GET", "/people/1").status, 404);
  EXPECT_EQ(api.listed()["people"].size(), 0U);
  EXPECT_EQ(api.listed()["people"].size(), 1U);
  EXPECT_EQ(api.listed("?mail=ada%40x.org")["people"].size(), 0U);
  EXPECT_EQ(api.listed("?mail=ada%40x.org")["people"].size(), 1U);
  EXPECT_EQ(api.send("GET", "/people/1").status, 200);
}

TEST(Unkind, HidesAccounts) {
  Api api;
  api.create("ada@x.org");
  api.create("bob@x.org");
  api.server().change("unkind", {{"insert", {{"mail", "eve@y.org"}}}});
  api.server().change("unkind", {{"disable", "bob@x.org"}});
  api.set({{"unkind.omits", "disabled"}});
  EXPECT_EQ(api.listed()["total"], 2);
  api.set({{"unkind.omits", ""}, {"unkind.shows-own", "true"}});
  EXPECT_EQ(api.listed()["total"], 2);
  api.set({{"unkind.shows-own", "false"}});
  EXPECT_EQ(api.listed()["total"], 3);
}

TEST(Unkind, ListsOddly) {
  const Api api({{"page-cap", "2"}, {"total-plus", "4"}});
  for (const char* mail : {"a@x.org", "b@x.org", "c@x.org"}) api.create(mail);
  EXPECT_EQ(api.listed("?offset=0&limit=3")["people"].size(), 2U);
  EXPECT_EQ(api.listed("?offset=2&limit=3")["total"], 7);
  api.set({{"unkind.paging", "endless"}});
  EXPECT_EQ(api.listed("?offset=30&limit=3")["people"].size(), 2U);
  api.set({{"unkind.paging", "ignored"}});
  EXPECT_EQ(api.listed("?offset=30&limit=3")["people"].size(), 3U);
}

TEST(Unkind, GivesIdsOddly) {
  const Api renamed({{"ids", "renamed"}});
  const std::string id = renamed.create("ada@x.org").json()["id"];
  EXPECT_EQ(id, "ada-x.org");
  renamed.send("PUT", "/groups/staff/members/" + id);
  EXPECT_EQ(renamed.send("PATCH", "/people/" + id, {{"mail", "lo@x.org"}}).json()["id"], "lo-x.org");
  EXPECT_EQ(renamed.world()["groups"]["staff"], json::parse(R"(["lo-x.org"])"));

  const Api reused({{"ids", "reused"}});
  reused.create("a@x.org");
  reused.create("b@x.org");
  reused.send("DELETE", "/people/2");
  EXPECT_EQ(reused.create("c@x.org").json()["id"], "2");
  EXPECT_EQ(Api({{"ids", "dots"}}).create("a@x.org").json()["id"], "..");
}

TEST(Unkind, RewritesValues) {
  const auto name = [](const char* what, const char* how, const char* given) {
    return Api({{what, how}, {"rewrites", "name"}})
        .create("ada@x.org", given)
        .json()["name"]
        .get<std::string>();
  };
  EXPECT_EQ(name("letters", "capitalised", "ada"), "Ada");
  EXPECT_EQ(name("letters", "lower", "ADA"), "ada");
  EXPECT_EQ(name("blanks", "trimmed", " Ada "), "Ada");
  EXPECT_EQ(name("blanks", "padded", "Ada"), "Ada ");
  EXPECT_EQ(name("cuts", "2", "Ada"), "Ad");
  EXPECT_EQ(name("forms", "decomposed", "Zoé"), "Zoe\u0301");
  EXPECT_EQ(name("forms", "composed", "Zoe\u0301"), "Zoé");
}

TEST(Unkind, LosesAMemberOfAGroupThatTwoWrite) {
  Api api({{"group-wait-ms", "300"}});
  api.create("ada@x.org");
  api.create("bob@x.org");
  auto first = std::async([&] { return api.send("PUT", "/groups/staff/members/1").status; });
  auto second = std::async([&] { return api.send("PUT", "/groups/staff/members/2").status; });
  EXPECT_EQ(first.get(), 204);
  EXPECT_EQ(second.get(), 204);
  EXPECT_EQ(api.world()["groups"]["staff"].size(), 1U);
}

TEST(Unkind, AnswersOtherwiseThanItDid) {
  const Api api({{"write-reply", "429"}, {"write-reply-every", "2"}});
  EXPECT_EQ(api.create("ada@x.org").status, 201);
  EXPECT_EQ(api.create("bob@x.org").status, 429);
  EXPECT_EQ(api.listed()["total"], 2);
  api.set(
      {{"unkind.write-reply", "right"}, {"unkind.create", "other-id"}, {"unkind.create-for", "eve@x.org"}});
  EXPECT_EQ(api.create("eve@x.org").json()["id"], "1");
  EXPECT_EQ(api.create("joe@x.org").json()["id"], "4");
}

TEST(Unkind, RefusesAValueThatASwitchCannotHave) {
  const Api api;
  EXPECT_EQ(api.send("POST", "/__sandbox/switches", {{"unkind.create", "gone"}}).status, 400);
  EXPECT_EQ(api.send("POST", "/__sandbox/switches", {{"unkind.create", "done|lost"}}).status, 400);
  EXPECT_EQ(api.send("POST", "/__sandbox/switches", {{"unkind.lag", "long"}}).status, 400);
  EXPECT_EQ(api.send("POST", "/__sandbox/switches", {{"unkind.ids", "counted"}, {"unkind.none", "1"}}).status,
            400);
}

TEST(Faults, HoldACallAndAllBehindItUntilTheyAreReleased) {
  Api api;
  api.server().set_faults({{{"method", {"POST", "PUT"}}, {"nth", 2}, {"hold", true}, {"after", true}}});
  EXPECT_EQ(api.create("ada@x.org").status, 201);
  auto held = std::async([&] { return api.create("bob@x.org"); });
  EXPECT_EQ(api.send("GET", "/__sandbox/held?wait_ms=10000").json()["held"], 1);
  EXPECT_EQ(api.world()["people"].size(), 2U);
  auto behind = std::async([&] { return api.create("eve@x.org"); });
  api.send("POST", "/__sandbox/release", {{"cut", false}});
  EXPECT_EQ(held.get().status, 201);
  EXPECT_EQ(behind.get().status, 201);

  api.server().set_faults({{{"method", "DELETE"}, {"hold", true}, {"cut", true}}});
  auto dropped = std::async([&] { return api.send("DELETE", "/people/1"); });
  EXPECT_EQ(api.send("GET", "/__sandbox/held?wait_ms=10000").json()["held"], 1);
  api.send("POST", "/__sandbox/release", {{"cut", true}});
  EXPECT_FALSE(dropped.get().whole);
  EXPECT_EQ(api.world()["people"].size(), 3U);
}

TEST(Faults, ServeACallTwice) {
  Api api({{"unique", "false"}});
  api.server().set_faults({{{"method", "POST"}, {"nth", 1}, {"twice", true}}});
  EXPECT_EQ(api.create("ada@x.org").json()["id"], "2");
  EXPECT_EQ(api.server().journal("unkind").size(), 2U);
}

}  // namespace
}  // namespace usher::sandbox
