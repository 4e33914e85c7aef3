// Which of several edits something is put down to.

#include "engine/answers/impact.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/edited_config.hpp"
#include "tests/unit/store/scratch_state.hpp"

namespace usher {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using test::Edits;

class ImpactTest : public testing::Test {
 protected:
  const Edits active{{"== \"active\"", "== \"here\""}}, who{{"who: true", "who: person.site == \"a\""}},
      leavers{{"disable: now", "disable: never"}}, name{{"name: person.name", "name: person.name + \"!\""}},
      read{{"name: record.name", "name: record.names"}}, group{{"when: true", "when: person.site == \"b\""}};

  Config rules(const std::vector<Edits>& all) {
    const std::string text =
        "version: 1\nplatforms:\n  hr: {connector: csv}\n  iot: {connector: mainflux}\n"
        "people:\n  from: hr\n  key: record.id\n  active: record.status == \"active\"\n  attributes:\n"
        "    name: record.name\n    site: record.site\n"
        "accounts:\n  iot:\n    who: true\n    set:\n      name: person.name\n"
        "    groups:\n      - {group: admins, when: true}\n    leavers: {disable: now, delete: never}\n";
    Edits edits;
    for (const Edits& one : all) edits.insert(edits.end(), one.begin(), one.end());
    return test::edited_config(folder_.path() / "usher.yaml", text, edits);
  }

  /// What the plans differ in, by the edits that it is put down to: "people.active: lose group admins".
  std::vector<std::string> told(const std::vector<Edits>& edits, const Plan& before, const Plan& after) {
    const Config old_rules = rules({}), new_rules = rules(edits);
    const Impact impact = impact_of(old_rules, before, new_rules, after);
    std::vector<std::string> all;
    idle_.clear();
    for (const std::size_t edit : impact.idle) idle_.push_back(impact.edits[edit].rule);
    for (const ImpactCause& cause : impact.causes) {
      std::string named = cause.edits.empty() ? cause.rule + " unedited" : "";
      for (const std::size_t edit : cause.edits)
        named += (named.empty() ? "" : " + ") + impact.edits[edit].rule;
      for (const ImpactGroup& one : cause.groups) all.push_back(named + ": " + one.sentence);
    }
    return all;
  }

  static Change leaver(WhyLeft why) {
    Change change{"iot",      "E1", "a1", "ada", Situation::unqualified, ChangeAct::disable,
                  "has left", {},   {},   why};
    change.memberships.push_back(
        {"group", "g1", "admins", MembershipChange::Act::remove, {}, {}, "has left"});
    return change;
  }

  static Change person(ChangeAct act) {
    return {"iot", "E1", act == ChangeAct::create ? "" : "a1", "ada", Situation::matched, act, "", {}, {}};
  }

  static Plan plan_of(const Change& change) {
    Plan plan;
    plan.changes.push_back(change);
    return plan;
  }

  test::ScratchFolder folder_;
  std::vector<std::string> idle_;  // edits of what was told last
};

TEST_F(ImpactTest, OfALeaverIsOfTheRuleThatSaysSo) {
  const Plan inactive = plan_of(leaver(WhyLeft::activity));
  EXPECT_THAT(told({active, who}, {}, inactive),
              ElementsAre("people.active: have their account disabled", "people.active: lose group admins"));
  EXPECT_THAT(idle_, IsEmpty()) << "the scope may keep the same person out";
  const Plan outside = plan_of(leaver(WhyLeft::scope));
  EXPECT_THAT(told({active, who}, {}, outside), ElementsAre("accounts.iot.who: have their account disabled",
                                                            "accounts.iot.who: lose group admins"));
  EXPECT_THAT(told({active, who}, outside, {}),
              ElementsAre("accounts.iot.who: get group admins",
                          "accounts.iot.who: keep their account, which was to be disabled"));
}

TEST_F(ImpactTest, OfWhoStaysALeaverIsOfTheRulesForLeavers) {
  Plan stays;
  stays.notes.push_back({"iot", "E1", "a1", NoteKind::leaver, "stays: leavers"});
  stays.notes.back().left = WhyLeft::sources;
  const auto all = told({who, leavers}, plan_of(leaver(WhyLeft::sources)), stays);
  for (const std::string& one : all) EXPECT_TRUE(one.starts_with("accounts.iot.leavers: ")) << one;
  EXPECT_EQ(all.size(), 3U);
}

TEST_F(ImpactTest, OfWhomItIsNotToldIsOfAllThatMayBe) {
  EXPECT_THAT(told({active, who, leavers}, {}, plan_of(person(ChangeAct::create))),
              ElementsAre("people.active + accounts.iot.who: get an account"));
  EXPECT_THAT(idle_, IsEmpty());
}

TEST_F(ImpactTest, OfAValueIsOfTheRuleAndOfWhatItReads) {
  Change change = person(ChangeAct::update);
  change.fields.push_back({"name", "Ada", "Ada!"});
  EXPECT_THAT(told({name, read, who}, {}, plan_of(change)),
              ElementsAre("people.attributes.name + accounts.iot.set.name: get another name"));
  EXPECT_THAT(idle_, ElementsAre("accounts.iot.who")) << "the account is there with both";
  EXPECT_THAT(told({who}, {}, plan_of(change)), ElementsAre("accounts.iot.who: get another name"));
}

TEST_F(ImpactTest, OfAGroupOfWhomStaysIsOfItsRule) {
  Change change = person(ChangeAct::update);
  change.memberships.push_back({"group", "g1", "admins", MembershipChange::Act::remove, {}, {}, ""});
  EXPECT_THAT(told({group, who, leavers}, {}, plan_of(change)),
              ElementsAre("accounts.iot.groups.group admins: lose group admins"));
  EXPECT_THAT(idle_, ElementsAre("accounts.iot.who", "accounts.iot.leavers"));
}

TEST_F(ImpactTest, OfAGroupThatComesWithTheAccountIsOfBoth) {
  Change change = person(ChangeAct::create);
  change.memberships.push_back({"group", "g1", "admins", MembershipChange::Act::add, {}, {}, ""});
  EXPECT_THAT(told({who, group, name}, {}, plan_of(change)),
              ElementsAre("accounts.iot.who: get an account",
                          "accounts.iot.who + accounts.iot.groups.group admins: get group admins"));
  EXPECT_THAT(idle_, IsEmpty()) << "the new account has the name that the rules say";
}

}  // namespace
}  // namespace usher
