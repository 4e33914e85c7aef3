#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "connectors/recipe/library.hpp"
#include "connectors/recipe/make.hpp"
#include "examples/sandbox/server.hpp"
#include "tests/unit/connectors/fake_api.hpp"

// The recipe of one platform, whole, against a server that behaves as contracts.md §1 says the real one does.
namespace usher {
namespace {

using nlohmann::json;

struct World {
  std::map<std::string, Account> accounts;
  std::map<std::string, Entitlement> groups;
  std::vector<Membership> edges;
  std::map<std::string, std::uint64_t> items, totals;
  std::string self;
  std::size_t pages = 0;
};

class Mainflux : public testing::Test {
 protected:
  void start(std::size_t users = 100) {
    sandbox::Options options;
    options.users = users;
    server = std::make_unique<sandbox::Server>(std::move(options));
    connector = connect();
  }

  std::unique_ptr<Connector> connect(const std::map<std::string, std::string>& changed = {}) {
    const json login = server->login("mainflux");
    Settings settings;
    settings.platform = "iot";
    settings.connector = "mainflux";
    std::map<std::string, std::string> options{
        {"url", server->url("mainflux")}, {"identity", login.at("identity")}, {"secret", login.at("secret")}};
    for (const auto& [name, value] : changed) options[name] = value;
    for (const auto& [name, value] : options) settings.options[name].text = value;
    auto made = recipe::make(*recipe::find("mainflux", {}), settings, clock);
    if (!made) throw std::runtime_error(made.error().front().message);
    return std::move(*made);
  }

  Outcome<World> pull() {
    World world;
    std::string cursor;
    do {
      auto page = connector->fetch(cursor, {});
      if (!page) return tl::unexpected(page.error());
      ++world.pages;
      for (Account& account : page->accounts) world.accounts.emplace(account.id, account);
      for (Entitlement& group : page->entitlements) world.groups.emplace(group.id, group);
      world.edges.insert(world.edges.end(), page->memberships.begin(), page->memberships.end());
      world.items[page->listing] += page->items;
      if (page->total) world.totals[page->listing] = *page->total;
      EXPECT_TRUE(page->bad.empty());
      if (!page->self.empty()) world.self = page->self;
      cursor = page->next;
    } while (!cursor.empty());
    return world;
  }

  Operation operation(OperationKind kind, const std::string& account, json after = json::object()) {
    Operation result;
    result.kind = kind;
    result.platform = "iot";
    result.account = account;
    result.after = std::move(after);
    return result;
  }

  Outcome<Receipt> create(const std::string& mail, bool active = true) {
    Operation wanted =
        operation(OperationKind::create, "", {{"credentials.identity", mail}, {"name", "New One"}});
    wanted.active = active;
    return connector->apply(wanted, Secret("first-secret"), {});
  }

  std::string someone() {
    const auto world = pull();
    for (const auto& [id, account] : world->accounts) {
      if (account.active && id != world->self) return id;
    }
    return {};
  }

  Account read(const std::string& id) { return connector->read({.id = id}, {}).value().value(); }

  TestClock clock;
  std::unique_ptr<sandbox::Server> server;
  std::unique_ptr<Connector> connector;
};

TEST_F(Mainflux, PullsEverybodyTheDisabledToo) {
  start(250);
  const auto world = pull();
  ASSERT_TRUE(world) << describe(world.error());
  const json truth = server->world("mainflux");
  EXPECT_EQ(world->accounts.size(), truth.at("users").size());
  EXPECT_EQ(world->items.at("users"), world->totals.at("users"));
  std::size_t disabled = 0;
  for (const json& user : truth.at("users")) {
    const Account& account = world->accounts.at(user.at("id"));
    EXPECT_EQ(account.active, user.at("status") == "enabled");
    disabled += account.active ? 0 : 1;
    EXPECT_EQ(json::parse(account.attributes)["credentials"]["identity"],
              user.at("credentials").at("identity"));
    EXPECT_EQ(account.attributes.find("secret"), std::string::npos);
    EXPECT_EQ(account.attributes.find("created_at"), std::string::npos);
  }
  EXPECT_GT(disabled, 0u);
  EXPECT_EQ(json::parse(world->accounts.at(world->self).attributes)["credentials"]["identity"],
            "admin@example.com");
  EXPECT_EQ(world->groups.size(), truth.at("groups").size());
  EXPECT_FALSE(world->edges.empty());
}

TEST_F(Mainflux, CreatesWithAFirstSecretAndFindsByIdentity) {
  start();
  const auto made = create("new@example.com");
  ASSERT_TRUE(made) << describe(made.error());
  const auto found = connector->read({.natural_key = "new@example.com"}, {});
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->id, made->account);
  EXPECT_TRUE((*found)->active);
  EXPECT_FALSE(connector->read({.natural_key = "NEW@example.com"}, {}).value());
  const auto twice = create("new@example.com");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, FailureKind::conflict);
  EXPECT_FALSE(read(create("gone@example.com", false).value().account).active);
}

TEST_F(Mainflux, NeverCreatesWithADeadToken) {
  start();
  ASSERT_TRUE(create("one@example.com"));
  server->advance(std::chrono::hours(48));  // as if the server had been given another key: nobody was told
  clock.advance(std::chrono::seconds(2));
  const auto made = create("two@example.com");
  ASSERT_TRUE(made) << describe(made.error());
  EXPECT_EQ(json::parse(read(made->account).attributes)["owner"], pull()->self);

  // Within the second in which nothing has to be proved the platform's reply still tells.
  server->advance(std::chrono::hours(48));
  const auto ownerless = create("three@example.com");
  ASSERT_FALSE(ownerless);
  EXPECT_FALSE(ownerless.error().may_have_happened);
  EXPECT_NE(ownerless.error().message.find("without an owner"), std::string::npos);
}

TEST_F(Mainflux, RoutesEachAttributeToItsCall) {
  start();
  const std::string id = someone();
  const auto update = [&](const std::string& route, json after) {
    Operation change = operation(OperationKind::update, id, std::move(after));
    change.route = route;
    const auto done = connector->apply(change, {}, {});
    EXPECT_TRUE(done) << route << describe(done.error());
  };
  update("profile", {{"name", "Ärzte & Söhne"}, {"metadata", {{"b", 1}, {"a", {1, 2}}}}});
  update("tags", {{"tags", {"b", "a"}}});
  update("identity", {{"credentials.identity", "moved@example.com"}});
  update("owner", {{"owner", "6a3b1f3e-0000-4000-8000-000000000001"}});
  const Account account = read(id);
  EXPECT_EQ(account.attributes,
            R"({"credentials":{"identity":"moved@example.com"},"metadata":{"a":[1,2],"b":1},)"
            R"("name":"Ärzte & Söhne","owner":"6a3b1f3e-0000-4000-8000-000000000001","tags":["a","b"]})");
  update("tags", {{"tags", nullptr}});
  update("profile", {{"metadata", nullptr}});
  update("owner", {{"owner", nullptr}});
  EXPECT_EQ(read(id).attributes,
            R"({"credentials":{"identity":"moved@example.com"},"name":"Ärzte & Söhne"})");
}

TEST_F(Mainflux, SettlesTheSameStateByReading) {
  start();
  const std::string id = someone();
  EXPECT_FALSE(connector->apply(operation(OperationKind::disable, id), {}, {}).value().already);
  EXPECT_FALSE(read(id).active);
  EXPECT_TRUE(connector->apply(operation(OperationKind::disable, id), {}, {}).value().already);
  EXPECT_FALSE(connector->apply(operation(OperationKind::enable, id), {}, {}).value().already);
  EXPECT_TRUE(connector->apply(operation(OperationKind::enable, id), {}, {}).value().already);
  const auto nobody = connector->apply(operation(OperationKind::enable, "nobody"), {}, {});
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind, FailureKind::gone);
  Operation late = operation(OperationKind::update, id, {{"name", "X"}});
  late.route = "profile";
  ASSERT_TRUE(connector->apply(operation(OperationKind::disable, id), {}, {}));
  EXPECT_EQ(connector->apply(late, {}, {}).error().kind, FailureKind::gone);
  EXPECT_TRUE(connector->capabilities().updates_need_active);
}

TEST_F(Mainflux, KeepsPoliciesAsMembershipsWithTheirClosure) {
  start();
  const std::string id = create("member@example.com").value().account;
  const std::string group = pull()->groups.begin()->first;
  const EntitlementKind* kind = connector->capabilities().entitlement("group");
  ASSERT_NE(kind, nullptr);
  EXPECT_EQ(kind->closure({"c_update"}), (std::vector<std::string>{"c_list", "c_update", "g_list"}));
  EXPECT_EQ(kind->closure({"m_read"}), (std::vector<std::string>{"m_read"}));
  Operation add = operation(OperationKind::add_membership, id);
  add.membership = {.account = id, .kind = "group", .entitlement = group, .details = {"g_update"}};
  ASSERT_TRUE(connector->apply(add, {}, {}));
  EXPECT_EQ(json::parse(read(id).memberships)["group"][group], json({"g_list", "g_update"}));
  add.kind = OperationKind::change_membership;
  add.membership.details = {"m_read", "m_write"};
  ASSERT_TRUE(connector->apply(add, {}, {}));
  EXPECT_EQ(json::parse(read(id).memberships)["group"][group], json({"m_read", "m_write"}));
  add.kind = OperationKind::remove_membership;
  ASSERT_TRUE(connector->apply(add, {}, {}));
  EXPECT_EQ(read(id).memberships, "{}");
}

TEST_F(Mainflux, RefreshesItsSessionInTheMiddleOfAPull) {
  start(250);
  auto first = connector->fetch("", {});
  ASSERT_TRUE(first);
  server->advance(std::chrono::minutes(20));
  auto second = connector->fetch(first->next, {});
  ASSERT_TRUE(second) << describe(second.error());
  server->advance(std::chrono::hours(48));  // the refresh token too
  auto third = connector->fetch(second->next, {});
  ASSERT_TRUE(third) << describe(third.error());
}

TEST_F(Mainflux, SaysWhatToCheckWhenTheLoginIsRefused) {
  start();
  connector = connect({{"secret", "wrong-password"}});
  const auto page = connector->fetch("", {});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, FailureKind::refused);
  EXPECT_NE(page.error().message.find("check identity and secret"), std::string::npos)
      << page.error().message;
  EXPECT_EQ(page.error().message.find("wrong-password"), std::string::npos);
  connector = connect({{"identity", "nobody@example.com"}});
  EXPECT_EQ(connector->fetch("", {}).error().kind, FailureKind::refused);
}

TEST_F(Mainflux, SaysThatTheAddressMayBeWrong) {
  start();
  connector = connect({{"url", server->url("mainflux") + "/elsewhere"}});
  const std::string nobody_there = connector->fetch("", {}).error().message;
  EXPECT_NE(nobody_there.find("check that 'url' (" + server->url("mainflux") + "/elsewhere) is its address"),
            std::string::npos)
      << nobody_there;
  std::string url = server->url("mainflux");
  connector = connect({{"url", url.replace(0, 4, "https")}});
  const std::string in_clear = connector->fetch("", {}).error().message;
  EXPECT_NE(in_clear.find("does not speak TLS"), std::string::npos) << in_clear;
}

}  // namespace
}  // namespace usher
