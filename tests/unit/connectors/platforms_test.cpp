#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "connectors/recipe/library.hpp"
#include "connectors/recipe/make.hpp"
#include "examples/sandbox/server.hpp"
#include "tests/unit/connectors/fake_api.hpp"

// Gr4vy, Kestra and Sigfox by their recipes, against servers that behave as contracts.md §2 to §4 says.
namespace usher {
namespace {

using nlohmann::json;

class Platforms : public testing::Test {
 protected:
  void start(const std::string& name, const std::map<std::string, std::string>& switches = {}) {
    platform = name;
    sandbox::Options options;
    options.platforms = {name};
    options.users = 150;
    for (const auto& [key, value] : switches) options.switches.set(key, value);
    server = std::make_unique<sandbox::Server>(std::move(options));
  }

  void connect(std::map<std::string, std::string> options) {
    options["url"] = server->url(platform) + (platform == "sigfox" ? "/v2" : "");
    options["rate"] = "0";
    Settings settings;
    settings.platform = "here";
    settings.connector = platform;
    for (const auto& [name, value] : options) settings.options[name].text = value;
    const auto recipe = recipe::find(platform, {});
    ASSERT_TRUE(recipe) << recipe.error().front().message;
    auto made = recipe::make(*recipe, settings, clock);
    ASSERT_TRUE(made) << made.error().front().message;
    connector = std::move(*made);
  }
  std::string secret() { return server->login(platform).at("secret"); }
  std::string identity() { return server->login(platform).at("identity"); }

  // Pulls, and checks that all users of the world came and nothing that is secret with them.
  std::map<std::string, Account> pull() {
    std::map<std::string, Account> accounts;
    const auto pages = all_pages(*connector);
    EXPECT_TRUE(pages) << describe(pages.error());
    for (const Page& page : pages ? *pages : std::vector<Page>{}) {
      for (const BadRecord& bad : page.bad) ADD_FAILURE() << bad.where << ": " << bad.why;
      for (const Account& account : page.accounts) accounts[account.id] = account;
      for (const Entitlement& one : page.entitlements) entitlements[one.kind][one.id] = one.name;
      if (!page.self.empty()) self = page.self;
      if (page.total && !page.accounts.empty()) {
        EXPECT_EQ(*page.total, server->world(platform).at("users").size());
      }
    }
    EXPECT_EQ(accounts.size(), server->world(platform).at("users").size());
    return accounts;
  }

  Outcome<Receipt> apply(OperationKind kind, const std::string& account, json after = json::object(),
                         const std::string& route = "") {
    Operation operation;
    operation.kind = kind;
    operation.account = account;
    operation.after = std::move(after);
    operation.route = route;
    return carry_out(*connector, operation, Secret("First-secret-1"));
  }
  Outcome<Receipt> edge(OperationKind kind, const std::string& account, const std::string& of,
                        const std::string& id) {
    Operation operation;
    operation.kind = kind;
    operation.account = account;
    operation.membership = {.account = account, .kind = of, .entitlement = id, .details = {}};
    return connector->apply(operation, {}, {});
  }
  json memberships(const std::string& id) {
    return json::parse(connector->read({.id = id}, {}).value()->memberships);
  }
  json attributes(const std::string& id) {
    return json::parse(connector->read({.id = id}, {}).value()->attributes);
  }

  TestClock clock;
  std::string platform, self;
  std::map<std::string, std::map<std::string, std::string>> entitlements;
  std::unique_ptr<sandbox::Server> server;
  std::unique_ptr<Connector> connector;
};

TEST_F(Platforms, Gr4vyIn2021) {
  for (const char* spelling : {"email_adress", "email_address", "both"}) {
    start("gr4vy", {{"gr4vy.email-field", spelling}});
    connect({{"email", identity()}, {"password", secret()}});
    const auto accounts = pull();
    EXPECT_EQ(json::parse(accounts.at(self).attributes)["email_address"], identity());
    EXPECT_EQ(accounts.at(self).attributes.find("reset"), std::string::npos);
    const auto made = apply(OperationKind::create, "", {{"name", "Zoë"}, {"email_address", "zoe@x.example"}});
    ASSERT_TRUE(made) << describe(made.error());
    EXPECT_EQ(attributes(made->account), (json{{"email_address", "zoe@x.example"}, {"name", "Zoë"}}));
    const auto twice =
        apply(OperationKind::create, "", {{"name", "Zoë"}, {"email_address", "zoe@x.example"}});
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().kind, FailureKind::conflict);
    EXPECT_FALSE(apply(OperationKind::remove, made->account).value().already);
    EXPECT_TRUE(apply(OperationKind::remove, made->account).value().already);
    EXPECT_FALSE(connector->read({.id = made->account}, {}).value());
  }
  EXPECT_TRUE(connector->capabilities().updates.empty());
  EXPECT_TRUE(connector->capabilities().entitlements.empty());
  EXPECT_FALSE(connector->capabilities().disable);
}

TEST_F(Platforms, Gr4vyRenewsItsSessionAndSaysWhenItCannot) {
  start("gr4vy");
  connect({{"email", identity()}, {"password", secret()}});
  auto first = connector->fetch("", {});
  ASSERT_TRUE(first);
  server->advance(std::chrono::hours(30));
  EXPECT_TRUE(connector->fetch(first->next, {}));
  connect({{"email", identity()}, {"password", "wrong"}});
  const auto refused = connector->fetch("", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::refused);
  EXPECT_NE(refused.error().message.find("check email and password"), std::string::npos)
      << refused.error().message;
}

TEST_F(Platforms, Gr4vyIn2023KnowsRolesAndNames) {
  start("gr4vy", {{"gr4vy.api", "2023"}, {"gr4vy.email-field", "email_address"}});
  connect({{"email", identity()}, {"password", secret()}, {"api", "2023"}});
  pull();
  const auto made = apply(OperationKind::create, "", {{"name", "A"}, {"email_address", "a@x.example"}});
  ASSERT_TRUE(made) << describe(made.error());
  ASSERT_TRUE(apply(OperationKind::update, made->account, {{"name", "B"}}, "profile"));
  EXPECT_EQ(attributes(made->account)["name"], "B");
  ASSERT_GE(entitlements["role"].size(), 2u);
  const std::string one = entitlements["role"].begin()->first, two = entitlements["role"].rbegin()->first;
  ASSERT_TRUE(edge(OperationKind::add_membership, made->account, "role", one));
  ASSERT_TRUE(edge(OperationKind::add_membership, made->account, "role", two));
  EXPECT_EQ(memberships(made->account)["role"].size(), 2u);
  ASSERT_TRUE(edge(OperationKind::remove_membership, made->account, "role", one));
  EXPECT_EQ(memberships(made->account), (json{{"role", {{two, json::array()}}}}));
}

TEST_F(Platforms, KestraReadsEachUserAndKeepsOtherGroups) {
  for (const char* version : {"1", "2"}) {
    start("kestra",
          {{"kestra.version", version}, {"kestra.omit-empty-results", "true"}, {"kestra.page-cap", "40"}});
    connect({{"username", identity()}, {"password", secret()}});
    const auto accounts = pull();
    EXPECT_EQ(json::parse(accounts.at(self).attributes)["email"], identity());
    const json world = server->world("kestra");
    for (const json& user : world.at("users")) {
      EXPECT_EQ(json::parse(accounts.at(user.at("id")).attributes)["firstName"],
                user.value("firstName", json()));
    }
    const auto made = apply(OperationKind::create, "", {{"email", "z@x.example"}, {"firstName", "Z"}});
    ASSERT_TRUE(made) << describe(made.error());
    EXPECT_EQ(memberships(made->account), (json{{"tenant", {{"main", json::array()}}}}));
    const auto& groups = entitlements["group"];
    ASSERT_GE(groups.size(), 2u);
    const std::string one = groups.begin()->first, two = groups.rbegin()->first;
    EXPECT_FALSE(edge(OperationKind::add_membership, made->account, "group", one).value().already);
    EXPECT_TRUE(edge(OperationKind::add_membership, made->account, "group", one).value().already);
    ASSERT_TRUE(edge(OperationKind::add_membership, made->account, "group", two));
    ASSERT_TRUE(apply(OperationKind::update, made->account, {{"lastName", "Last"}}, "profile"));
    ASSERT_TRUE(apply(OperationKind::update, made->account, {{"superAdmin", true}}, "superadmin"));
    ASSERT_TRUE(apply(OperationKind::update, made->account, {{"restricted", true}}, "restricted"));
    EXPECT_EQ(memberships(made->account)["group"].size(), 2u);
    json held = attributes(made->account);
    EXPECT_EQ(held["auths"].size(), 1u);
    held.erase("auths");
    EXPECT_EQ(held, (json{{"email", "z@x.example"},
                          {"firstName", "Z"},
                          {"lastName", "Last"},
                          {"restricted", true},
                          {"superAdmin", true}}));
    EXPECT_FALSE(edge(OperationKind::remove_membership, made->account, "group", one).value().already);
    EXPECT_TRUE(edge(OperationKind::remove_membership, made->account, "group", one).value().already);
    EXPECT_FALSE(apply(OperationKind::remove, made->account).value().already);
    EXPECT_TRUE(apply(OperationKind::remove, made->account).value().already);
  }
}

TEST_F(Platforms, KestraFindsWhatACreateDidNotSay) {
  start("kestra", {{"kestra.create-answers-nothing", "true"}, {"kestra.duplicate-status", "422"}});
  connect({{"username", identity()}, {"password", secret()}});
  const auto made = apply(OperationKind::create, "", {{"email", "new@x.example"}});
  ASSERT_TRUE(made) << describe(made.error());
  EXPECT_EQ(attributes(made->account)["email"], "new@x.example");
  EXPECT_EQ(connector->read({.natural_key = "new@x.example"}, {}).value()->id, made->account);
  EXPECT_FALSE(apply(OperationKind::create, "", {{"email", "new@x.example"}}));
}

TEST_F(Platforms, SigfoxNeverShowsItsPasswordsAndAddsBeforeItRemoves) {
  for (const char* next : {"absolute", "relative"}) {
    start("sigfox", {{"sigfox.next", next},
                     {"sigfox.next-keeps-filters", "false"},
                     {"sigfox.profile-field", "profileIds"}});
    const json world = server->world("sigfox");
    std::map<std::string, std::size_t> sizes;
    for (const json& user : world.at("users")) ++sizes[user.at("groupId")];
    const auto largest = std::max_element(sizes.begin(), sizes.end(),
                                          [](const auto& a, const auto& b) { return a.second < b.second; });
    const std::string profile = world.at("profiles").at(0).at("id");
    connect({{"login", identity()}, {"password", secret()}, {"group", largest->first}, {"profile", profile}});
    const auto pages = all_pages(*connector);
    ASSERT_TRUE(pages) << describe(pages.error());
    std::size_t count = 0;
    for (const Page& page : *pages) {
      count += page.accounts.size();
      for (const Account& account : page.accounts) {
        EXPECT_EQ(account.attributes.find("oken"), std::string::npos);
        EXPECT_NE(account.memberships, "{}");
      }
      for (const Entitlement& one : page.entitlements) entitlements[one.kind][one.id] = one.name;
    }
    EXPECT_EQ(count, largest->second);
    EXPECT_EQ(pages->front().self, identity());

    const auto made = apply(OperationKind::create, "", {{"name", "zed@x.example"}});
    ASSERT_TRUE(made) << describe(made.error());
    EXPECT_EQ(attributes(made->account), (json{{"name", "zed@x.example"}, {"timezone", "UTC"}}));
    EXPECT_EQ(memberships(made->account), (json{{"profile", {{profile, json::array()}}}}));
    ASSERT_GE(entitlements["profile"].size(), 2u);
    std::string other = entitlements["profile"].begin()->first;
    if (other == profile) other = entitlements["profile"].rbegin()->first;
    EXPECT_EQ(edge(OperationKind::remove_membership, made->account, "profile", profile).error().kind,
              FailureKind::invalid);
    ASSERT_TRUE(edge(OperationKind::add_membership, made->account, "profile", other));
    ASSERT_TRUE(edge(OperationKind::remove_membership, made->account, "profile", profile));
    EXPECT_TRUE(edge(OperationKind::remove_membership, made->account, "profile", profile).value().already);
    ASSERT_TRUE(apply(OperationKind::update, made->account, {{"timezone", "Europe/Paris"}}, "profile"));
    EXPECT_EQ(attributes(made->account)["timezone"], "Europe/Paris");
    EXPECT_FALSE(apply(OperationKind::remove, made->account).value().already);
    EXPECT_TRUE(apply(OperationKind::remove, made->account).value().already);
  }
}

}  // namespace
}  // namespace usher
