#include "engine/apply/first_secrets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace usher {
namespace {

std::string made(const FirstSecret& rules, const SecretRule& platform) {
  return new_secret(rules, platform).reveal();
}

bool has(const std::string& secret, char first, char last) {
  return std::any_of(secret.begin(), secret.end(), [&](char c) { return first <= c && c <= last; });
}

TEST(FirstSecretsTest, HaveOneOfEachKindAndAreNeverTheSame) {
  std::set<std::string> all;
  for (int i = 0; i < 200; ++i) {
    const std::string secret = made({}, {});
    EXPECT_EQ(secret.size(), 24U);
    EXPECT_TRUE(has(secret, 'a', 'z') && has(secret, 'A', 'Z') && has(secret, '0', '9')) << secret;
    EXPECT_NE(secret.find_first_of("!#%+-=?@_"), std::string::npos) << secret;
    all.insert(secret);
  }
  EXPECT_EQ(all.size(), 200U);
}

TEST(FirstSecretsTest, AreOfTheCharactersAndLengthThatRulesAndPlatformAllow) {
  FirstSecret rules;
  rules.alphabet = "0123456789abcdef~";
  SecretRule platform;
  platform.alphabet = "0123456789abcdefghij";
  platform.longest = 16;
  EXPECT_EQ(platform.characters(rules.alphabet), "0123456789abcdef");
  for (int i = 0; i < 50; ++i) {
    const std::string secret = made(rules, platform);
    EXPECT_EQ(secret.size(), 16U);
    EXPECT_EQ(secret.find_first_not_of("0123456789abcdef"), std::string::npos) << secret;
    EXPECT_TRUE(has(secret, 'a', 'f') && has(secret, '0', '9')) << secret;
  }
  rules.length = 12;
  EXPECT_EQ(made(rules, platform).size(), 12U);
  platform.shortest = 14;
  EXPECT_EQ(made(rules, platform).size(), 14U);
}

}  // namespace
}  // namespace usher
