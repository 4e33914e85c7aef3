#include "rules/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scratch.hpp"

namespace usher {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

const char* const design_example = R"(version: 1
state: usher.db

platforms:                                   # where
  hr:    {connector: csv, path: people.csv}
  iot:
    connector: mainflux
    url: http://127.0.0.1:9002
    identity: ${env:USHER_TEST_IDENTITY}
    secret: ${file:mainflux.secret}

people:                                      # who should exist
  from: hr                                   # or several, in order of authority
  key: record.employee_id
  attributes:
    mail: record.email.lowerAscii()
    name: record.first + " " + record.last
    department: record.dept
  active: record.status == "active"

accounts:                                    # what each of them has, and where
  iot:
    who: person.department in ["engineering", "operations"]
    match: [{account: credentials.identity, person: person.mail, fold: case}]
    set:
      credentials.identity: person.mail
      name: person.name
      tags: [person.department]
    groups:
      - {group: engineers, when: person.department == "engineering"}
    leavers: {disable: now, delete: never}
    guards: {disable: 5%, removals: {percent: 10, at-least: 20}}
)";

class ConfigTest : public testing::Test {
 protected:
  void SetUp() override {
    setenv("USHER_TEST_IDENTITY", "admin@example.com", 1);
    scratch_.write("mainflux.secret", "hunter2\n");
  }

  tl::expected<Config, std::vector<Mistake>> load(const std::string& text,
                                                  Secrets secrets = Secrets::resolve) {
    return load_config(scratch_.write("usher.yaml", text), secrets);
  }
  Config good(const std::string& text) {
    auto loaded = load(text);
    if (loaded) return *loaded;
    for (const Mistake& mistake : loaded.error()) ADD_FAILURE() << to_string(mistake);
    return {};
  }
  std::vector<std::string> mistakes(const std::string& text) {
    std::vector<std::string> found;
    auto loaded = load(text);
    if (!loaded)
      for (const Mistake& mistake : loaded.error())
        found.push_back(std::to_string(mistake.place.line) + ":" + std::to_string(mistake.place.column) +
                        " " + mistake.message);
    return found;
  }
  /// The example with one piece replaced by another.
  static std::string with(const std::string& piece, const std::string& other) {
    std::string text = design_example;
    const std::size_t at = text.find(piece);
    EXPECT_NE(at, std::string::npos) << piece;
    return text.replace(at, piece.size(), other);
  }

  test::Scratch scratch_;
};

TEST_F(ConfigTest, ReadsTheExampleOfTheDesign) {
  const Config config = good(design_example);
  EXPECT_EQ(config.state, scratch_.folder() / "usher.db");
  ASSERT_TRUE(config.platforms.contains("iot"));
  const Settings& iot = config.platforms.at("iot");
  EXPECT_EQ(iot.connector, "mainflux");
  EXPECT_EQ(iot.directory, scratch_.folder());
  EXPECT_EQ(iot.options.at("url").text, "http://127.0.0.1:9002");
  EXPECT_FALSE(iot.options.at("url").is_secret);
  EXPECT_TRUE(iot.options.at("secret").is_secret);
  EXPECT_EQ(iot.options.at("secret").text, "");
  EXPECT_EQ(iot.options.at("secret").secret.reveal(), "hunter2");
  EXPECT_EQ(iot.options.at("identity").secret.reveal(), "admin@example.com");

  EXPECT_THAT(config.people.from, ElementsAre("hr"));
  EXPECT_EQ(config.people.key.source, "record.employee_id");
  ASSERT_EQ(config.people.attributes.size(), 3U);
  EXPECT_EQ(config.people.attributes[1].second.source, "record.first + \" \" + record.last");
  EXPECT_EQ(config.people.active.source, "record.status == \"active\"");

  const AccountRules& rules = config.accounts.at("iot");
  EXPECT_EQ(rules.platform, "iot");
  ASSERT_EQ(rules.match.size(), 1U);
  EXPECT_EQ(rules.match[0].account, "credentials.identity");
  EXPECT_TRUE(rules.match[0].fold_case);
  ASSERT_EQ(rules.set.size(), 3U);
  EXPECT_EQ(rules.set[0].first, "credentials.identity");
  EXPECT_EQ(rules.set[2].second.source, "[person.department]");
  ASSERT_TRUE(rules.groups.has_value());
  EXPECT_EQ(rules.groups->at(0).kind, "group");
  EXPECT_EQ(rules.groups->at(0).name, "engineers");
  EXPECT_EQ(rules.leavers.disable_after_days, 0);
  EXPECT_EQ(rules.leavers.delete_after_days, std::nullopt);
  EXPECT_EQ(rules.guards.at("disable").percent, 5);
  EXPECT_EQ(rules.guards.at("removals").percent, 10);
  EXPECT_EQ(rules.guards.at("removals").at_least, 20U);
  EXPECT_EQ(config.digest.size(), 32U);
}

TEST_F(ConfigTest, ReportsAllMistakesAtOnceInOrder) {
  std::string text = with("version: 1", "version: 2");
  text.replace(text.find("fold: case"), 10, "fold: ncase");
  text.replace(text.find("from: hr "), 9, "from: hrr");
  text += "pepole: {}\n";
  EXPECT_THAT(
      mistakes(text),
      ElementsAre(HasSubstr("1:10 'version' must be 1"),
                  HasSubstr("13:9 no platform is called 'hrr', did you mean 'hr'?"),
                  HasSubstr("24:72 'fold' must be case, not 'ncase'; did you mean 'case'?"),
                  HasSubstr("33:1 unknown key 'pepole' in the configuration, did you mean 'people'?")));
}

}  // namespace
}  // namespace usher
