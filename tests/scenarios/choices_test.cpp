#include "rules/capability_fallbacks.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/told.hpp"
#include "tests/support/world.hpp"

// What a platform cannot do is a choice, and one that it cannot follow is a mistake.
namespace usher::test {
namespace {

using nlohmann::json;

/// The mistakes of a platform's standard rules with these accounts laid over them; empty: none.
std::string mistakes(const std::string& platform, const json& accounts) {
  World world(json::array(), platform);
  world.rules(rules_over_standard({{"accounts", accounts}}, platform));
  const auto setup = open_workspace(world.options(), Secrets::resolve);
  return setup ? std::string() : to_string(setup.error());
}

std::vector<CapabilityFallback> choices(const std::string& platform, const json& accounts) {
  World world(json::array(), platform);
  world.rules(rules_over_standard({{"accounts", accounts}}, platform));
  const auto setup = open_workspace(world.options(), Secrets::resolve);
  return setup ? capability_fallbacks(setup->rules->accounts().at("iot")) : std::vector<CapabilityFallback>();
}

TEST(Choices, ThatAPlatformCannotFollowAreMistakes) {
  EXPECT_NE(mistakes("mainflux", {{"leavers", {{"delete", "30d"}}}}).find("cannot delete an account"),
            std::string::npos);
  EXPECT_NE(mistakes("mainflux", {{"without-update", "recreate"}}).find("cannot both delete and create"),
            std::string::npos);
  EXPECT_NE(mistakes("gr4vy", {{"leavers", {{"without-disable", "lock"}}}}).find("cannot lock an account"),
            std::string::npos);
  EXPECT_EQ(mistakes("kestra", {{"leavers", {{"without-disable", "lock"}, {"delete", "30d"}}}}), "");
  EXPECT_EQ(mistakes("gr4vy", {{"without-update", "recreate"}}), "");
  EXPECT_EQ(mistakes("mainflux", {{"leavers", {{"without-disable", "lock"}}}}), "")
      << "it can disable: the choice is never needed";
}

TEST(Choices, OfSecretsThatThePlatformDoesNotTakeAreMistakes) {
  EXPECT_NE(
      mistakes("kestra", {{"credentials", {{"length", 12}}}}).find("takes secrets of 13 to 72 characters"),
      std::string::npos);
  const std::string few = mistakes("kestra", {{"credentials", {{"alphabet", "aaaaaaaaaabbbbbbbbbb"}}}});
  EXPECT_NE(few.find("2 different characters"), std::string::npos) << few;
  EXPECT_EQ(mistakes("mainflux", {{"credentials", {{"length", 12}, {"alphabet", "abcdefghjk23456789"}}}}),
            "");
}

TEST(Choices, AreToldWithWhatElseThereIs) {
  const auto kestra = choices("kestra", json::object());
  ASSERT_EQ(kestra.size(), 1u);
  EXPECT_EQ(kestra[0].key, "leavers.without-disable");
  EXPECT_EQ(kestra[0].chosen, "report");
  EXPECT_NE(kestra[0].message.find("leavers.without-disable: report | lock | delete"), std::string::npos)
      << kestra[0].message;
  const auto gr4vy = choices("gr4vy", {{"without-update", "recreate"}});
  ASSERT_EQ(gr4vy.size(), 2u);
  EXPECT_NE(gr4vy[0].message.find("leavers.without-disable: report | delete"), std::string::npos)
      << gr4vy[0].message;
  EXPECT_EQ(gr4vy[1].chosen, "recreate");
  EXPECT_NE(gr4vy[1].message.find("email_address, name"), std::string::npos) << gr4vy[1].message;
  EXPECT_TRUE(choices("mainflux", json::object()).empty());
  EXPECT_EQ(choices("sigfox", {{"leavers", {{"disable", "never"}}}}).size(), 0u);
}

}  // namespace
}  // namespace usher::test
