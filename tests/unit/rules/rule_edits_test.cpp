#include "rules/rule_edits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scratch.hpp"
#include "tests/support/edited_config.hpp"

namespace usher {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RuleEditsTest : public testing::Test {
 protected:
  /// The standard rules with each `edit` done to them: a text in them, and what stands there now.
  Config rules(const test::Edits& edits = {}) {
    const std::string text =
        "version: 1\nplatforms:\n  hr: {connector: csv}\n  iot: {connector: mainflux}\n"
        "tables:\n  sites: {a: Athens}\n"
        "people:\n  from: hr\n  key: record.id\n  attributes:\n"
        "    mail: record.mail\n"
        "    site: lookup(\"sites\", record.site, \"\")\n"
        "accounts:\n  iot:\n    set:\n      email: person.mail\n      city: person.site\n";
    return test::edited_config(scratch_.folder() / "usher.yaml", text, edits);
  }

  /// The rules that were edited and that one depends on.
  static std::vector<std::string> behind(const RuleEdits& edits, const std::string& rule) {
    std::vector<std::string> found;
    for (const std::size_t edit : edits.behind(rule)) found.push_back(edits.all()[edit].rule);
    return found;
  }

  test::Scratch scratch_;
};

TEST_F(RuleEditsTest, AreBehindTheRuleAndWhatReadsIt) {
  const Config before = rules(), after = rules({{"Athens", "Patras"}, {"record.mail", "record.email"}});
  const RuleEdits edits(before, after);
  EXPECT_THAT(behind(edits, "accounts.iot.set.email"), ElementsAre("people.attributes.mail"));
  EXPECT_THAT(behind(edits, "accounts.iot.set.city"), ElementsAre("tables.sites"));
  EXPECT_THAT(behind(edits, "accounts.iot.who"), IsEmpty());
}

TEST_F(RuleEditsTest, AreAllBehindARuleThatWasEditedItself) {
  const Config before = rules();
  const Config after = rules({{"Athens", "Patras"},
                              {"record.site, \"\"", "record.site, \"none\""},
                              {"city: person.site", "city: person.site.lowerAscii()"}});
  const RuleEdits edits(before, after);
  EXPECT_THAT(behind(edits, "accounts.iot.set.city"),
              ElementsAre("tables.sites", "people.attributes.site", "accounts.iot.set.city"));
}

TEST_F(RuleEditsTest, AreTheWholeSectionThatIsNew) {
  const Config before =
      rules({{"accounts:\n  iot:\n    set:\n      email: person.mail\n      city: person.site\n", ""}});
  const Config after = rules({{"record.mail", "record.email"}});
  const RuleEdits edits(before, after);
  EXPECT_THAT(behind(edits, "accounts.iot.set.email"), ElementsAre("accounts.iot"));
}

}  // namespace
}  // namespace usher
