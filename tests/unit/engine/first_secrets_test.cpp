#include "engine/apply/first_secrets.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/apply/secrets_file.hpp"
#include "engine/runtime/time.hpp"

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

std::string text_of_file(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(SecretsFileTest, LosesTheOldLinesOfOnePlatform) {
  const std::string folder = testing::TempDir() + "secrets-file-" + std::to_string(getpid());
  std::filesystem::create_directories(folder);
  const SecretsFile file(folder + "/handed");
  const std::string old = R"({"at":"2026-01-01T00:00:00Z","platform":"iot","secret":"a"})";
  const std::string fresh = R"({"at":"2026-03-01T00:00:00Z","platform":"iot","secret":"b"})";
  const std::string others = R"({"at":"2026-01-01T00:00:00Z","platform":"crm","secret":"c"})";
  const std::string timeless = R"({"platform":"iot","secret":"d"})";
  EXPECT_EQ(file.drop_before("iot", 0), "") << "there is none yet";
  ASSERT_EQ(file.append(old + "\n" + fresh + "\n" + others + "\n" + timeless + "\nno JSON"), "");
  EXPECT_EQ(file.drop_before("iot", seconds_of("2026-02-01T00:00:00Z")), "");
  EXPECT_EQ(text_of_file(folder + "/handed"), fresh + "\n" + others + "\n" + timeless + "\nno JSON");
  EXPECT_EQ(std::filesystem::status(folder + "/handed").permissions(), std::filesystem::perms(0600));
  std::filesystem::create_symlink(folder + "/handed", folder + "/link");
  EXPECT_NE(SecretsFile(folder + "/link").drop_before("iot", seconds_of("2027-01-01T00:00:00Z")), "");
  std::filesystem::remove_all(folder);
}

TEST(SecretsFileTest, StartsALineOfItsOwnAfterOneThatWasCut) {
  const std::string folder = testing::TempDir() + "secrets-cut-" + std::to_string(getpid());
  std::filesystem::create_directories(folder);
  const SecretsFile file(folder + "/handed");
  std::ofstream(folder + "/handed") << R"({"at":"2026-01-01T00:0)";
  ASSERT_EQ(file.append("{\"secret\":\"b\"}\n"), "");
  EXPECT_EQ(text_of_file(folder + "/handed"), "{\"at\":\"2026-01-01T00:0\n{\"secret\":\"b\"}\n");
  std::filesystem::remove_all(folder);
}

TEST(SecretsFileTest, KeepsLinesThatSayNoTime) {
  const std::string folder = testing::TempDir() + "secrets-odd-" + std::to_string(getpid());
  std::filesystem::create_directories(folder);
  const SecretsFile file(folder + "/handed");
  const std::string odd = "{\"at\":\"soon\",\"platform\":\"iot\"}\n{\"at\":7,\"platform\":\"iot\"}\n[]\n";
  ASSERT_EQ(file.append(odd), "");
  EXPECT_EQ(file.drop_before("iot", seconds_of("2027-01-01T00:00:00Z")), "");
  EXPECT_EQ(text_of_file(folder + "/handed"), odd);
  std::filesystem::remove_all(folder);
}

TEST(SecretsFileTest, LosesNothingWhenSeveralHandOverAtOnce) {
  const std::string folder = testing::TempDir() + "secrets-many-" + std::to_string(getpid());
  std::filesystem::create_directories(folder);
  const std::int64_t then = seconds_of("2027-01-01T00:00:00Z");
  std::vector<std::thread> platforms;
  for (const char* platform : {"iot", "crm", "radio"}) {
    platforms.emplace_back([&folder, then, platform] {
      const SecretsFile file(folder + "/handed");
      const auto line = [&](const char* at) {
        return fmt::format("{{\"at\":\"{}\",\"platform\":\"{}\"}}\n", at, platform);
      };
      for (int i = 0; i < 60; ++i) {
        EXPECT_EQ(file.append(line("2028-01-01T00:00:00Z") + line("2026-01-01T00:00:00Z")), "");
        EXPECT_EQ(file.drop_before(platform, then), "");
      }
    });
  }
  for (std::thread& platform : platforms) platform.join();
  const std::string left = text_of_file(folder + "/handed");
  EXPECT_EQ(std::count(left.begin(), left.end(), '\n'), 3 * 60);
  EXPECT_EQ(left.find("2026"), std::string::npos);
  std::filesystem::remove_all(folder);
}

TEST(FirstSecretsTest, ACommandThatHangsOrFailsGetsThemAgainAndTellsNone) {
  const std::string folder = testing::TempDir() + "first-secrets-" + std::to_string(getpid());
  std::filesystem::create_directories(folder);
  SecretSpool spool(folder + "/spool");
  FirstSecret rules;
  rules.handover = FirstSecret::Handover::command;
  rules.timeout = std::chrono::seconds(1);
  Operation create;
  create.id = "1";
  create.account = "u1";
  std::string secret;
  for (const auto& [command, told] : std::map<std::string, std::string>{
           {"exec sleep 600 >&- 2>&-", "took too long"}, {"cat >&2; exit 3", "ended with status 3"}}) {
    rules.target = command;
    FirstSecrets handing("iot", rules, {}, spool);
    secret = handing.make(create)->reveal();
    handing.used(create, "u1");
    const std::string failure = handing.hand_over();
    EXPECT_NE(failure.find(told), std::string::npos) << failure;
    EXPECT_EQ(failure.find(secret), std::string::npos) << failure;
  }
  rules.target = "cat > '" + folder + "/taken'";
  FirstSecrets handing("iot", rules, {}, spool);
  EXPECT_EQ(handing.hand_over(), "");
  std::ifstream stream(folder + "/taken");
  const std::string taken((std::istreambuf_iterator<char>(stream)), {});
  EXPECT_NE(taken.find(secret), std::string::npos);
  EXPECT_TRUE(spool.of_platform("iot").empty());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace usher
