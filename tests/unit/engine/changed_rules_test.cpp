// Which lines of the rules a change is put down to. Line 1 of every configuration here is `version: 1`.

#include "engine/plan/changed_rules.hpp"

#include <gtest/gtest.h>

#include "tests/support/edited_config.hpp"
#include "tests/unit/store/scratch_state.hpp"

namespace usher {
namespace {

class ChangedRulesTest : public testing::Test {
 protected:
  /// The standard rules with each `edit` done to them: a text in them, and what stands there now.
  Config rules(const test::Edits& edits = {}) {
    const std::string text =
        "version: 1\nplatforms:\n  hr: {connector: csv}\n  iot: {connector: mainflux}\n"
        "tables:\n"
        "  sites: {a: Athens, b: Berlin}\n"
        "people:\n  from: hr\n  key: record.id\n  attributes:\n"
        "    mail: record.mail\n"  // 11
        "    site: record.site\n"  // 12
        "accounts:\n  iot:\n"
        "    who: person.mail != \"\"\n"  // 15
        "    set:\n"
        "      email: person.mail\n"                          // 17
        "      city: lookup(\"sites\", person.site, \"\")\n"  // 18
        "      zip: 'person.site + \"1\"'\n"                  // 19
        "    groups:\n"
        "      - {group: admins, when: person.site == \"a\"}\n"   // 21
        "      - {group: admins, when: person.site == \"b\"}\n";  // 22
    return test::edited_config(folder_.path() / "usher.yaml", text, edits);
  }

  /// Everything is applied by these rules.
  void apply(const Config& config) {
    database_.set_fact("applied configuration", config.digest);
    remember_applied_rules(database_, config);
  }

  /// The reason of a change or a leaver, without the folder.
  std::string why(const Config& config, const auto& of) {
    std::string text = ChangedRules(database_, config, "iot").why(of);
    const std::string folder = folder_.path().string() + "/";
    for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder))
      text.erase(at, folder.size());
    return text;
  }

  static Change update(const std::vector<std::string>& paths, const std::vector<std::string>& groups = {}) {
    Change change;
    for (const std::string& path : paths) change.fields.push_back({path, nullptr, nullptr});
    for (const std::string& group : groups)
      change.memberships.push_back({"group", "g1", group, {}, {}, {}, ""});
    return change;
  }

  test::ScratchFolder folder_;
  Database database_{folder_.state(), Access::write};
};

TEST_F(ChangedRulesTest, NameTheLineThatChanged) {
  apply(rules());
  const Config config = rules({{"email: person.mail", "email: person.mail.lowerAscii()"}});
  EXPECT_EQ(why(config, update({"email"})), "the rule of email changed (usher.yaml:17)");
  EXPECT_EQ(why(config, update({"email", "city"}, {"admins"})), "the rule of email changed (usher.yaml:17)");
  EXPECT_EQ(why(config, update({"city"})), "");
}

TEST_F(ChangedRulesTest, NameTheStatementOfAGroupThatChanged) {
  apply(rules());
  const Config config = rules({{"== \"b\"}", "== \"c\"}"}});
  EXPECT_EQ(why(config, update({}, {"admins"})), "the rule of group admins changed (usher.yaml:22)");
  EXPECT_EQ(why(config, update({}, {"others"})), "");
}

TEST_F(ChangedRulesTest, NameRulesByTheIdOfTheirGroupToo) {
  apply(rules({{"group: admins, when: person.site == \"b\"", "group: g1"}}));
  const Config config = rules({{"group: admins, when: person.site == \"b\"", "group: g1, actions: [read]"}});
  EXPECT_EQ(why(config, update({}, {"admins"})), "the rule of group g1 changed (usher.yaml:22)");
}

TEST_F(ChangedRulesTest, NameWhatTheRuleReads) {
  apply(rules());
  EXPECT_EQ(why(rules({{"record.mail", "record.email"}}), update({"email"})),
            "the rule of person.mail changed (usher.yaml:11)");
  const Config config = rules({{"Berlin", "Bern"}});
  EXPECT_EQ(why(config, update({"city"})), "the table sites changed (usher.yaml:6)");
  EXPECT_EQ(why(config, update({"email"})), "");
}

TEST_F(ChangedRulesTest, AreTheScopeOfWhoIsBack) {
  apply(rules());
  const Config config = rules({{"!= \"\"", "!= \"x\""}, {"city: ", "city: person.mail + "}});
  Change change = update({"active"});
  change.act = ChangeAct::enable;
  EXPECT_EQ(why(config, change), "the rule of who changed (usher.yaml:15)");
  change.fields.push_back({"city", nullptr, nullptr});
  EXPECT_EQ(why(config, change), "the rules changed (usher.yaml:15, usher.yaml:18)");
}

TEST_F(ChangedRulesTest, AreAllThatMayBeBehindIt) {
  apply(rules());
  const Config read =
      rules({{"record.mail", "record.email"}, {"email: person.mail", "email: person.mail.trim()"}});
  EXPECT_EQ(why(read, update({"email"})), "the rules changed (usher.yaml:11, usher.yaml:17)");
  EXPECT_EQ(why(read, update({"zip"})), "the rule of person.mail changed (usher.yaml:11)") << "who reads it";
  Change back = update({"active"});
  back.act = ChangeAct::enable;
  const Config scope = rules({{"record.id", "record.number"}, {"!= \"\"", "!= \"x\""}});
  EXPECT_EQ(why(scope, back), "the rules changed (usher.yaml:9, usher.yaml:15)");
}

TEST_F(ChangedRulesTest, SayWhatMadeSomebodyALeaver) {
  apply(rules());
  const Config config = rules({{"record.id", "record.number"}, {"!= \"\"", "!= \"x\""}});
  EXPECT_EQ(why(config, WhyLeft::scope), "the rule of who changed (usher.yaml:15)");
  EXPECT_EQ(why(config, WhyLeft::sources), "the rule of people.key changed (usher.yaml:9)");
  EXPECT_EQ(why(config, WhyLeft::activity), "");
}

TEST_F(ChangedRulesTest, NameAtMostThreeLines) {
  apply(rules());
  const Config config = rules({{"email: ", "email: person.site + "},
                               {"city: ", "city: person.mail + "},
                               {"zip: 'person", "zip: '\"x\" + person"},
                               {"== \"a\"}", "== \"c\"}"}});
  EXPECT_EQ(why(config, update({"zip", "city", "email"})),
            "the rules changed (usher.yaml:17, usher.yaml:18, usher.yaml:19)");
  EXPECT_EQ(why(config, update({"zip", "city", "email"}, {"admins"})),
            "the rules changed (usher.yaml:17, usher.yaml:18, usher.yaml:19 and 1 more)");
}

TEST_F(ChangedRulesTest, AreNotWhatOnlyMoved) {
  apply(rules());
  const Config moved = rules({{"tables:", "# one\n# two\ntables:"}});
  EXPECT_EQ(why(moved, update({"email", "city", "zip"}, {"admins"})), "");
  const Config config = rules({{"tables:", "# one\n# two\ntables:"}, {"email: ", "email: person.site + "}});
  EXPECT_EQ(why(config, update({"email", "city"}, {"admins"})), "the rule of email changed (usher.yaml:19)");
}

TEST_F(ChangedRulesTest, HaveNoLineWhereOneWasRemoved) {
  apply(rules());
  const Config config = rules({{"      - {group: admins, when: person.site == \"b\"}\n", ""}});
  EXPECT_EQ(why(config, update({}, {"admins"})), "");
}

TEST_F(ChangedRulesTest, AreUnknownInAStateOfAnEarlierVersion) {
  const Config config = rules({{"email: ", "email: person.site + "}});
  database_.set_fact("applied configuration", rules().digest);
  EXPECT_EQ(why(config, update({"email"})), "");
  apply(rules());
  database_.set_fact("applied configuration", "of rules that an earlier version applied afterwards");
  EXPECT_EQ(why(config, update({"email"})), "");
}

}  // namespace
}  // namespace usher
