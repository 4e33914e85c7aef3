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

  tl::expected<Config, std::vector<Diagnostic>> load(const std::string& text,
                                                     Secrets secrets = Secrets::resolve) {
    return load_config(scratch_.write("usher.yaml", text), secrets);
  }
  Config good(const std::string& text) {
    auto loaded = load(text);
    if (loaded) return *loaded;
    for (const Diagnostic& mistake : loaded.error()) ADD_FAILURE() << to_string(mistake);
    return {};
  }
  std::vector<std::string> mistakes(const std::string& text) {
    std::vector<std::string> found;
    auto loaded = load(text);
    if (!loaded)
      for (const Diagnostic& mistake : loaded.error())
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
  EXPECT_EQ(rules.guards.at(GuardKind::disable).percent, 5);
  EXPECT_EQ(rules.guards.at(GuardKind::removals).percent, 10);
  EXPECT_EQ(rules.guards.at(GuardKind::removals).at_least, 20U);
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
                  HasSubstr("13:9 no platform is called 'hrr'; did you mean 'hr'?"),
                  HasSubstr("24:72 'fold' must be case, not 'ncase'; did you mean 'case'?"),
                  HasSubstr("33:1 unknown key 'pepole' in the configuration; did you mean 'people'?")));
}

TEST_F(ConfigTest, RefusesAnAlphabetThatMakesNoSecret) {
  for (const char* alphabet : {"0123 56789abc", "äöüabcdefghijk", "abc"}) {
    const std::string text =
        std::string(design_example) + "    credentials: {alphabet: \"" + alphabet + "\"}\n";
    EXPECT_THAT(mistakes(text), ElementsAre(HasSubstr("ten or more characters of ASCII, without spaces")))
        << alphabet;
  }
}

TEST_F(ConfigTest, KnowsEveryKeyOfTheRules) {
  std::string text = design_example;
  text += R"(    without-update: recreate
    create: false
    credentials: {first: {file: first-secrets.txt}, length: 32, alphabet: "ABCDEFGHJK23456789-"}
tables:
  sites: {PAR: Europe/Paris, "0049": Europe/Berlin}
)";
  text.replace(text.find("leavers: {disable: now, delete: never}"), 38,
               "leavers: {disable: 30d, delete: 90d, without-disable: lock}");
  text.replace(text.find("disable: 5%"), 11, "disable: 12, create: 2.5%, update: {percent: 50}");
  const Config config = good(text);
  const AccountRules& rules = config.accounts.at("iot");
  EXPECT_EQ(rules.without_update, Fallback::recreate);
  EXPECT_FALSE(rules.create);
  EXPECT_EQ(rules.first_secret.handover, FirstSecret::Handover::file);
  EXPECT_EQ(rules.first_secret.target, scratch_.folder() / "first-secrets.txt");
  EXPECT_EQ(rules.first_secret.length, 32U);
  EXPECT_EQ(rules.first_secret.alphabet, "ABCDEFGHJK23456789-");
  EXPECT_EQ(rules.leavers.disable_after_days, 30);
  EXPECT_EQ(rules.leavers.delete_after_days, 90);
  EXPECT_EQ(rules.leavers.without_disable, Fallback::lock);
  EXPECT_EQ(rules.guards.at(GuardKind::disable).percent, 0);
  EXPECT_EQ(rules.guards.at(GuardKind::disable).at_least, 12U);
  EXPECT_EQ(rules.guards.at(GuardKind::create).percent, 2.5);
  EXPECT_EQ(rules.guards.at(GuardKind::update).percent, 50);
  EXPECT_EQ(rules.guards.at(GuardKind::update).at_least, 20U) << "the floor of the default";
  EXPECT_THAT(config.tables.at("sites"),
              ElementsAre(Pair("0049", "Europe/Berlin"), Pair("PAR", "Europe/Paris")));
}

TEST_F(ConfigTest, KeepsUnmanagedAndEmptyGroupsApart) {
  const std::string rule =
      "    groups:\n      - {group: engineers, when: person.department == \"engineering\"}\n";
  EXPECT_FALSE(good(with(rule, "")).accounts.at("iot").groups.has_value());
  const auto empty = good(with(rule, "    groups: []\n")).accounts.at("iot").groups;
  ASSERT_TRUE(empty.has_value());
  EXPECT_THAT(*empty, IsEmpty());
  EXPECT_THAT(
      mistakes(with(rule, "    groups:\n")),
      ElementsAre(
          "29:5 'groups' is empty: it must be a list of groups, or the line must go ([] is an empty list)"));
}

TEST_F(ConfigTest, ReadsGroupsOfEveryKind) {
  const Config config = good(with("- {group: engineers, when: person.department == \"engineering\"}",
                                  "- everybody\n      - {role: admin, actions: [m_write, m_read]}\n      - "
                                  "{tenant: 0042, details: owner}"));
  const auto& groups = *config.accounts.at("iot").groups;
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].kind + " " + groups[0].name, "group everybody");
  EXPECT_FALSE(groups[0].when.given());
  EXPECT_EQ(groups[1].kind + " " + groups[1].name, "role admin");
  EXPECT_THAT(groups[1].details, ElementsAre("m_write", "m_read"));
  EXPECT_EQ(groups[2].kind + " " + groups[2].name, "tenant 0042");
  EXPECT_THAT(groups[2].details, ElementsAre("owner"));
}

TEST_F(ConfigTest, MakesPathsOfNestedMapsAndJsonOfConstants) {
  const Config config = good(with("      name: person.name\n", R"(      metadata:
        zone: {value: Europe/Paris}
        codes: {value: [007, 7, 1.5, true, null, "8", {a: +1}]}
        deep: {level: person.name}
      flags: [true, 1, {value: "x\ty"}, [person.name]]
)"));
  const auto& set = config.accounts.at("iot").set;
  ASSERT_EQ(set.size(), 6U);
  EXPECT_EQ(set[1].first, "metadata.zone");
  EXPECT_EQ(set[1].second.constant, R"("Europe/Paris")");
  EXPECT_EQ(set[2].second.constant, R"(["007",7,1.5,true,null,"8",{"a":"+1"}])");
  EXPECT_EQ(set[3].first, "metadata.deep.level");
  EXPECT_EQ(set[4].second.source, R"([true, 1, "x\ty", [person.name]])");
}

TEST_F(ConfigTest, RefusesToSetOneAttributeTwice) {
  EXPECT_THAT(mistakes(with("      name: person.name\n", "      credentials: {identity: person.mail}\n")),
              ElementsAre("27:21 'credentials.identity' is set twice"));
  EXPECT_THAT(
      mistakes(with("      name: person.name\n", "      credentials: person.mail\n")),
      ElementsAre(HasSubstr("'credentials.identity' lies inside 'credentials', which is set as a whole")));
  EXPECT_THAT(mistakes(with("name: person.name", "name: {value: 1, other: 2}")),
              ElementsAre("27:24 unknown key 'other' in 'name'; a constant stands alone; an attribute called "
                          "value is written with a dotted path"));
}

TEST_F(ConfigTest, ClosesTheTrapsOfOldYaml) {
  EXPECT_THAT(
      mistakes(with("leavers:", "create: yes\n    leavers:")),
      ElementsAre(
          "31:13 'create' must be true or false, not 'yes'; write true; 'yes' is a truth value only in "
          "old YAML (a text needs quotes)"));
  EXPECT_THAT(mistakes(with("record.dept", "no")), ElementsAre(HasSubstr("'department': write false; 'no'")));
  EXPECT_THAT(mistakes(with("record.dept", "{value: [on]}")), ElementsAre(HasSubstr("write true; 'on'")));
  EXPECT_THAT(mistakes(with("group: engineers", "group: true")),
              ElementsAre(HasSubstr("'group' must be a text, not 'true'; put it in quotes")));
  const Config config = good(with("path: people.csv", "path: 0017.csv, columns: [no, 0017]"));
  EXPECT_EQ(config.platforms.at("hr").options.at("path").text, "0017.csv");
  EXPECT_EQ(config.platforms.at("hr").options.at("columns").text, R"(["no","0017"])");
}

TEST_F(ConfigTest, RefusesRepeatedKeysTagsAndFurtherDocuments) {
  EXPECT_THAT(mistakes(with("state: usher.db", "version: 1")),
              ElementsAre("2:1 'version' is given twice, first at line 1"));
  EXPECT_THAT(mistakes(with("record.dept", "!record.dept")),
              testing::Contains(HasSubstr("put the value in single quotes")));
  EXPECT_THAT(mistakes(std::string(design_example) + "---\nversion: 1\n"),
              ElementsAre(HasSubstr("a second document begins here")));
  EXPECT_THAT(mistakes(with("state: usher.db", "? [a]\n: b")), ElementsAre("2:3 a key must be a text"));
}

TEST_F(ConfigTest, ResolvesAliases) {
  const Config config =
      good(with("    leavers: {disable: now, delete: never}\n    guards: {disable: 5%, removals: {percent: "
                "10, at-least: 20}}",
                "    guards: {disable: &limit {percent: 7}, removals: *limit}"));
  EXPECT_EQ(config.accounts.at("iot").guards.at(GuardKind::removals).percent, 7);
}

TEST_F(ConfigTest, StopsAtAliasesThatMultiply) {
  std::string text = "version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 9; ++j) text += ", " + before;
    text += "]\n";
  }
  EXPECT_THAT(mistakes(text), testing::Contains(HasSubstr("more than 2000000 values")));
}

TEST_F(ConfigTest, AdvisesWhereYamlAndExpressionsMeet) {
  EXPECT_THAT(mistakes(with("record.dept", "record.a ? \"b\" : \"c\"")),
              ElementsAre(HasSubstr("text that has ': ' in it needs quotes")));
  EXPECT_THAT(mistakes(with("record.dept", "\"a\" + record.dept")),
              ElementsAre(HasSubstr("put the whole expression in single quotes")));
  EXPECT_THAT(mistakes("a: @b"), ElementsAre(HasSubstr("a value cannot begin with this character")));
  EXPECT_THAT(mistakes("a: \"b"), ElementsAre(HasSubstr("a quote is not closed")));
  EXPECT_THAT(mistakes(std::string(5000, '[')), ElementsAre(HasSubstr("nested too deeply")));
  EXPECT_THAT(mistakes("a: 1\nb: \xFF\n"),
              ElementsAre("2:1 this line is not UTF-8 text; save the file as UTF-8"));
  EXPECT_THAT(mistakes("# nothing\n"), ElementsAre(HasSubstr("the configuration is empty")));
}

TEST_F(ConfigTest, CountsColumnsInCharacters) {
  EXPECT_THAT(mistakes(with("hr:    {connector: csv, path: people.csv}",
                            "hr: {\"é\": x, path: a.csv, connector: {}}")),
              ElementsAre(HasSubstr("5:40 'connector' must be")));
}

TEST_F(ConfigTest, ReadsHowLongThePastIsKept) {
  const std::string platforms = "version: 1\nplatforms: {hr: {connector: csv, path: x.csv}}\n";
  const Keep standard = good(platforms).keep;
  EXPECT_EQ(standard.history_days, 90);
  EXPECT_EQ(standard.run_days, 90);
  EXPECT_EQ(standard.plan_bytes, 2'000'000'000U);
  const Keep keep = good(platforms + "keep: {history: 400d, runs: 30d, plans: 500MB}\n").keep;
  EXPECT_EQ(keep.history_days, 400);
  EXPECT_EQ(keep.run_days, 30);
  EXPECT_EQ(keep.plan_bytes, 500'000'000U);
  EXPECT_THAT(mistakes(platforms + "keep: {history: 1y}\n"),
              ElementsAre(HasSubstr("a number of days like 90d")));
}

TEST_F(ConfigTest, ReportsAMissingFile) {
  const auto loaded = load_config(scratch_.folder() / "none.yaml");
  ASSERT_FALSE(loaded);
  EXPECT_THAT(to_string(loaded.error().at(0)),
              HasSubstr("none.yaml: the configuration cannot be opened: No such file"));
  EXPECT_THAT(to_string(load_config(scratch_.folder()).error().at(0)), HasSubstr("it is a folder"));
}

TEST_F(ConfigTest, DigestFollowsTheRulesAndNothingElse) {
  const std::string digest = good(design_example).digest;
  EXPECT_EQ(good("# a comment\n" + std::string(design_example)).digest, digest);
  EXPECT_EQ(good(with("http://127.0.0.1:9002", "http://elsewhere")).digest, digest);
  EXPECT_EQ(good(with("${file:mainflux.secret}", "${env:USHER_TEST_IDENTITY}")).digest, digest);
  EXPECT_EQ(good(with("      name: person.name\n      tags: [person.department]\n",
                      "      tags: [person.department]\n      name: 'person.name'\n"))
                .digest,
            digest);
  EXPECT_EQ(good(with("credentials.identity: person.mail", "credentials: {identity: person.mail}")).digest,
            digest);
  for (const auto& [piece, other] :
       std::vector<std::pair<std::string, std::string>>{{"record.dept", "record.department"},
                                                        {"fold: case", ""},
                                                        {"5%", "6%"},
                                                        {"disable: now", "disable: 1d"},
                                                        {"group: engineers", "role: engineers"},
                                                        {"from: hr ", "from: [hr, iot] "},
                                                        {"leavers:", "create: false\n    leavers:"}})
    EXPECT_NE(good(with(piece, other)).digest, digest) << other;
}

TEST_F(ConfigTest, MessagesShowTheLineAndACaretButNoPassword) {
  const auto loaded =
      load(with("    secret: ${file:mainflux.secret}", "    secrte: {hunter2: x}\n    password: hunter2: x"));
  ASSERT_FALSE(loaded);
  for (const Diagnostic& mistake : loaded.error()) EXPECT_THAT(to_string(mistake), Not(HasSubstr("hunter2")));
  const auto shape = load(with("    secret: ${file:mainflux.secret}", "    secret: hunter2\n    url: x"));
  ASSERT_FALSE(shape);
  EXPECT_THAT(to_string(shape.error().at(0)), HasSubstr("'url' is given twice"));
  EXPECT_THAT(to_string(shape.error().at(0)), HasSubstr("\n 11 |     url: ***\n    |     ^"));
}

TEST_F(ConfigTest, MessagesShowWhereASecretComesFrom) {
  const auto shown = [&](const std::string& value) {
    const auto loaded = load(with("    secret: ${file:mainflux.secret}", "    secret: " + value));
    return loaded ? std::string() : to_string(loaded.error().at(0));
  };
  EXPECT_THAT(shown("${env:USHER_NO_SUCH}"), HasSubstr("secret: ${env:USHER_NO_SUCH}\n"));
  EXPECT_THAT(shown("\"${env:USHER_NO_SUCH}\""), HasSubstr("secret: \"${env:USHER_NO_SUCH}\"\n"));
  EXPECT_THAT(shown("'${env:USHER_NO_SUCH}hunter2'"), Not(HasSubstr("hunter2")));
}

TEST_F(ConfigTest, MessagesMaskWhatMayBeASecretOnly) {
  const auto twice =
      load(with("    secret: ${file:mainflux.secret}", "    secret: hunter2\n    identity: ada@example.com"));
  ASSERT_FALSE(twice);
  EXPECT_THAT(to_string(twice.error().at(0)), HasSubstr("|     identity: ada@example.com\n"));
  EXPECT_THAT(to_string(twice.error().at(0)), Not(HasSubstr("hunter2")));
}

TEST_F(ConfigTest, TakesRulesFromElsewhereInPlaceOfItsOwn) {
  const std::string platforms =
      std::string(design_example).substr(0, std::string(design_example).find("people:"));
  const std::filesystem::path file = scratch_.write("usher.yaml", platforms);
  EXPECT_TRUE(load_config(file, Secrets::skip)) << "a configuration grows: platforms come first";
  const RulesText rules{"migration", "people: {from: iot, key: record.id}\naccounts: {}\n", "/tmp/other.db"};
  const auto without = load_config(file, Secrets::skip, rules);
  ASSERT_TRUE(without) << to_string(without.error().front());
  EXPECT_THAT(without->people.from, ElementsAre("iot"));
  EXPECT_EQ(without->people.key.place.to_string(), "migration:1:26");
  EXPECT_EQ(without->state, "/tmp/other.db");

  const auto instead = load_config(scratch_.write("usher.yaml", design_example), Secrets::skip, rules);
  ASSERT_TRUE(instead);
  EXPECT_TRUE(instead->accounts.empty()) << "its own rules do not hold";
  const RulesText more{"migration", rules.text + "state: elsewhere.db\n", {}};
  const auto refused = load_config(file, Secrets::skip, more);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().place.to_string(), "migration:3:1");
  EXPECT_THAT(refused.error().front().message, HasSubstr("only 'people' and 'accounts'"));
}

TEST_F(ConfigTest, KeepsOtherGroupsOnlyWhereItIsSaid) {
  EXPECT_FALSE(good(design_example).accounts.at("iot").keep_other_groups);
  const Config config = good(std::string(design_example) + "    other-groups: keep\n");
  EXPECT_TRUE(config.accounts.at("iot").keep_other_groups);
  EXPECT_NE(config.digest, good(design_example).digest);
}

}  // namespace
}  // namespace usher
