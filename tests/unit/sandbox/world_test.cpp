#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/unit/sandbox/client.hpp"

namespace usher::sandbox {
namespace {

using nlohmann::json;

class World : public testing::TestWithParam<const char*> {
 protected:
  static Options options() {
    Options options;
    options.platforms = {GetParam()};
    options.users = 200;
    return options;
  }
};

TEST_P(World, IsTheSameForTheSameSeedAndAnotherForAnother) {
  Options other = options();
  other.seed = 2;
  const json world = Server(options()).world(GetParam());
  EXPECT_TRUE(world == Server(options()).world(GetParam()));
  EXPECT_TRUE(world != Server(other).world(GetParam()));
  EXPECT_EQ(world["users"].size(), 201U);
}

TEST_P(World, ComesBackFromItsDump) {
  const json world = Server(options()).world(GetParam());
  Options loaded = options();
  loaded.load = world.dump();
  EXPECT_EQ(json::diff(world, Server(loaded).world(GetParam())), json::array());
  loaded.load = json{{GetParam(), world}}.dump();
  EXPECT_EQ(json::diff(world, Server(loaded).world(GetParam())), json::array());
}

TEST_P(World, IsResetToItsBeginning) {
  Server server(options());
  const json world = server.world(GetParam());
  server.change(GetParam(), {{"insert", 3}});
  server.change(GetParam(), {{"delete", 1}});
  EXPECT_EQ(server.world(GetParam())["users"].size(), 203U);
  server.reset();
  EXPECT_EQ(json::diff(world, server.world(GetParam())), json::array());
  EXPECT_THROW(server.change(GetParam(), {{"explode", 1}}), std::invalid_argument);
}

TEST_P(World, NeverShowsASecret) {
  Options given = options();
  given.admin_secret = "the-admin-secret";
  given.user_secret = "the-user-secret";
  const std::string dump = Server(given).world(GetParam()).dump();
  EXPECT_EQ(dump.find("the-admin-secret"), std::string::npos);
  EXPECT_EQ(dump.find("the-user-secret"), std::string::npos);
  EXPECT_EQ(dump.find("accessToken"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, World, testing::Values("mainflux", "gr4vy", "kestra", "sigfox"),
                         [](const auto& named) { return std::string(named.param); });

TEST(WorldLoad, TakesPlainUsersAndPutsThemIntoGroups) {
  Options options;
  options.load = json::array({{{"name", "Ann"},
                               {"credentials", {{"identity", "ann@b.org"}}},
                               {"groups", {"research"}},
                               {"status", "disabled"}}})
                     .dump();
  Server server(options);
  const json world = server.world("mainflux");
  ASSERT_EQ(world["users"].size(), 2U) << "and the administrator";
  EXPECT_EQ(world["users"][1]["status"], "disabled");
  EXPECT_EQ(world["policies"].size(), 1U);
  options.load = "[{]";
  EXPECT_THROW(Server{options}, std::invalid_argument);
  options.load = R"([{"credentials": 5}])";
  EXPECT_THROW(Server{options}, std::invalid_argument);
}

TEST(Server, PlaysAllPlatformsAtOnceAndCountsRequests) {
  Options options;
  options.platforms = {"mainflux", "gr4vy", "kestra", "sigfox"};
  options.users = 5;
  Server server(options);
  std::vector<std::thread> clients;
  for (const std::string& platform : options.platforms)
    for (int i = 0; i < 3; ++i)
      clients.emplace_back([&server, platform] {
        for (int n = 0; n < 10; ++n) call(server.url(platform), "GET", "/users");
      });
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(server.requests("mainflux"), (json{{"GET /users", 30}}));
  EXPECT_EQ(server.requests("gr4vy"), (json{{"GET /users", 30}}));
  EXPECT_THROW(server.url("ldap"), std::out_of_range);
  server.stop();
  EXPECT_EQ(call(server.url("mainflux"), "GET", "/health").status, 0);
}

}  // namespace
}  // namespace usher::sandbox
