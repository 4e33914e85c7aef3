#include "engine/plan/guards.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace usher {
namespace {

/// A plan over one platform, one change with one operation at a time, judged by default guards.
class GuardTable : public testing::Test {
 protected:
  Operation& add(OperationKind kind, const std::string& person, ChangeAct act) {
    plan_.changes.push_back(
        {"iot", person, "a-" + person, person, Situation::matched, act, "it is so", {}, {}});
    Operation operation;
    operation.kind = kind;
    operation.platform = "iot";
    operation.account = kind == OperationKind::create ? "" : "a-" + person;
    operation.person = person;
    operation.change = plan_.changes.size() - 1;
    plan_.operations.push_back(operation);
    return plan_.operations.back();
  }
  void add_many(OperationKind kind, int count) {
    for (int i = 0; i < count; ++i) add(kind, "E" + std::to_string(next_++), act_of(kind));
  }

  /// How many operations are held after the judgement, of a platform with so many linked accounts.
  long held(std::uint64_t population) {
    people_.from = {"hr"};
    GuardBasis basis;
    basis.people = &people_;
    basis.declared = population;
    basis.is_declared = [this](const std::string& person) {
      return declared_ || still_declared_.contains(person);
    };
    basis.had_account = [this](const std::string&, const std::string&) { return had_account_; };
    basis.platforms["iot"] = {&rules_, population, "login", settled_};
    for (Operation& operation : plan_.operations) operation.held = false;
    plan_.objections.clear();
    if (plan_.guards) plan_.guards->clear();
    review(plan_, basis);
    return std::count_if(plan_.operations.begin(), plan_.operations.end(),
                         [](const Operation& operation) { return operation.held; });
  }

  std::vector<GuardKind> tripped() const {
    std::vector<GuardKind> kinds;
    for (const Objection& objection : plan_.objections) kinds.push_back(objection.guard);
    return kinds;
  }

  Plan plan_;
  AccountRules rules_;
  PeopleRules people_;
  std::set<std::string> still_declared_;  // though others are not
  bool declared_ = true, settled_ = false, had_account_ = false;
  int next_ = 1;
};

using Kinds = std::vector<GuardKind>;

TEST_F(GuardTable, TwoRemovalsAreAllowedThreeOfTenAreHeld) {
  add_many(OperationKind::disable, 2);
  EXPECT_EQ(held(10), 0);
  add_many(OperationKind::disable, 1);
  EXPECT_EQ(held(10), 3);
  EXPECT_EQ(tripped(), Kinds{GuardKind::removals});
  EXPECT_EQ(held(30), 0) << "ten per cent of thirty are three";
}

TEST_F(GuardTable, OrphansHoldUpNobodyElse) {
  add_many(OperationKind::disable, 6);
  for (Change& change : plan_.changes) change.situation = Situation::orphan;
  add_many(OperationKind::disable, 2);
  EXPECT_EQ(held(10), 6);
  EXPECT_EQ(tripped(), Kinds{GuardKind::orphans});
  EXPECT_EQ(held(600), 0) << "one per cent of six hundred are six";
  rules_.guards[GuardKind::disable] = {0, 7, {}};
  EXPECT_EQ(held(600), 8) << "a limit that is written for what is done counts whoever it is done to";
}

TEST_F(GuardTable, AMembershipThatLosesDetailsIsARemoval) {
  for (int i = 0; i < 3; ++i) {
    Operation& operation = add(OperationKind::change_membership, "E" + std::to_string(i), ChangeAct::update);
    operation.held_details = {"read", "write"};
    operation.membership.details = {"read", "list"};
  }
  EXPECT_EQ(held(10), 3);
  for (Operation& operation : plan_.operations) operation.membership.details = {"read", "write", "list"};
  EXPECT_EQ(held(10), 0) << "nothing is lost";
}

TEST_F(GuardTable, EnablingHoldsTheWholeChange) {
  add_many(OperationKind::enable, 5);
  EXPECT_EQ(held(20), 0);
  add_many(OperationKind::enable, 1);
  Operation join = plan_.operations.back();
  join.kind = OperationKind::add_membership;
  plan_.operations.push_back(join);
  EXPECT_EQ(held(20), 7);
  EXPECT_EQ(tripped(), Kinds{GuardKind::enable});
}

TEST_F(GuardTable, KeysAreHeldAndOtherUpdatesOfTheSameAccountsGoOn) {
  for (int i = 0; i < 6; ++i) {
    Operation& key = add(OperationKind::update, "E" + std::to_string(i), ChangeAct::update);
    key.before = {{"login", "old"}};
    key.after = {{"login", "new"}};
    Operation name = key;
    name.before = {{"name", "A"}};
    name.after = {{"name", "B"}};
    plan_.operations.push_back(name);
  }
  EXPECT_EQ(held(20), 6);
  EXPECT_EQ(tripped(), Kinds{GuardKind::keys});
}

TEST_F(GuardTable, UpdatesAndCreatesAreFreeUntilAnApplyEndedWithoutAFailure) {
  add_many(OperationKind::create, 50);
  add_many(OperationKind::update, 50);
  EXPECT_EQ(held(60), 0);
  settled_ = true;
  EXPECT_EQ(held(60), 100);
  EXPECT_EQ(tripped(), (Kinds{GuardKind::update, GuardKind::create}));
  EXPECT_EQ(held(200), 0) << "a quarter of two hundred";
}

TEST_F(GuardTable, VanishedAccountsHoldCreatesAndTakings) {
  plan_.situations["iot"][vanished_accounts] = 3;
  add_many(OperationKind::create, 3);
  add_many(OperationKind::disable, 1);
  add_many(OperationKind::update, 1);
  EXPECT_EQ(held(10), 4);
  EXPECT_EQ(tripped(), Kinds{GuardKind::vanished});
  plan_.situations["iot"][vanished_accounts] = 2;
  EXPECT_EQ(held(10), 0);
}

TEST_F(GuardTable, ANewAccountInPlaceOfOneThatVanishedIsTheSameCause) {
  rules_.guards[GuardKind::vanished] = rules_.guards[GuardKind::create] = {0, 0, {}};
  plan_.situations["iot"][vanished_accounts] = 1;
  add_many(OperationKind::create, 1);
  EXPECT_EQ(held(10), 1);
  EXPECT_EQ(tripped(), (Kinds{GuardKind::vanished, GuardKind::create})) << "a newcomer is another cause";
  had_account_ = true;
  EXPECT_EQ(held(10), 1);
  ASSERT_EQ(tripped(), Kinds{GuardKind::vanished});
  EXPECT_NE(plan_.objections.front().message.find("accounts.iot.guards.create: {percent: 0, at-least: 1}"),
            std::string::npos)
      << plan_.objections.front().message;
}

TEST_F(GuardTable, VanishedRecordsAreOneObjectionWithEveryKeyThatAllowsThem) {
  declared_ = false;
  add_many(OperationKind::disable, 3);
  EXPECT_EQ(held(10), 3);
  ASSERT_EQ(tripped(), Kinds{GuardKind::vanished_records}) << "removals is the same cause";
  const std::string& message = plan_.objections.front().message;
  EXPECT_NE(message.find("people.guards.vanished-records: {percent: 10, at-least: 3}"), std::string::npos)
      << message;
  EXPECT_NE(message.find("accounts.iot.guards.removals: {percent: 10, at-least: 3}"), std::string::npos)
      << message;
}

TEST_F(GuardTable, VanishedRecordsHoldEveryTakingAlsoOfThoseWhoAreDeclared) {
  still_declared_ = {"E1"};
  declared_ = false;
  add_many(OperationKind::disable, 4);
  add_many(OperationKind::create, 1);
  EXPECT_EQ(held(10), 4);
  ASSERT_EQ(tripped(), (Kinds{GuardKind::vanished_records, GuardKind::removals}))
      << "the fourth is another cause";
  EXPECT_EQ(plan_.objections.front().wanted, 3U) << "only those who vanished are counted";
}

TEST_F(GuardTable, RuleErrorsHoldEveryTakingAndNothingElse) {
  for (int i = 0; i < 4; ++i)
    plan_.notes.push_back(
        {"iot", "X" + std::to_string(i), "", NoteKind::rule_error, "no such field: status"});
  add_many(OperationKind::disable, 1);
  add_many(OperationKind::create, 1);
  EXPECT_EQ(held(100), 1);
  EXPECT_EQ(tripped(), Kinds{GuardKind::rule_errors});
  plan_.notes.pop_back();
  EXPECT_EQ(held(100), 0) << "three are always allowed";
}

TEST_F(GuardTable, AWrittenGuardTakesThePlaceOfTheDefault) {
  rules_.guards[GuardKind::removals] = {0, 0, {}};
  add_many(OperationKind::disable, 1);
  EXPECT_EQ(held(1000), 1);
  rules_.guards[GuardKind::removals] = {100, 0, {}};
  EXPECT_EQ(held(1), 0);
}

TEST_F(GuardTable, EachThatCountsAnythingTellsHowFarItIsUsed) {
  rules_.guards[GuardKind::create] = {100, 0, {}};
  add_many(OperationKind::disable, 2);
  add_many(OperationKind::create, 9);
  EXPECT_EQ(held(60), 0);
  EXPECT_FALSE(plan_.guards) << "nobody asked for it";
  plan_.guards.emplace();
  EXPECT_EQ(held(60), 0);
  ASSERT_EQ(plan_.guards->size(), 1U) << "what has no limit or counts nothing is left out";
  const GuardUse within = plan_.guards->front();
  EXPECT_EQ(within.platform, "iot");
  EXPECT_EQ(within.guard, GuardKind::removals);
  EXPECT_EQ(within.used, 2U);
  EXPECT_EQ(within.allowed, 6U);
  EXPECT_EQ(within.population, 60U);

  declared_ = false;
  add_many(OperationKind::disable, 5);
  EXPECT_EQ(held(60), 7);
  ASSERT_EQ(plan_.guards->size(), 2U);
  EXPECT_EQ(plan_.guards->front().platform, "hr");
  EXPECT_EQ(plan_.guards->front().guard, GuardKind::vanished_records);
  const GuardUse over = plan_.guards->back();
  EXPECT_EQ(over.used, 7U);
  EXPECT_EQ(over.allowed, 6U);
}

TEST_F(GuardTable, AHundredPerCentIsNoLimit) {
  rules_.guards[GuardKind::create] = {100, 0, {}};
  add_many(OperationKind::create, 30);
  EXPECT_EQ(held(0), 0) << "nobody is linked before the first apply";
  EXPECT_EQ(held(10), 0);
}

TEST_F(GuardTable, OneIsToldInTheSingular) {
  rules_.guards[GuardKind::removals] = rules_.guards[GuardKind::orphans] = {0, 0, {}};
  add_many(OperationKind::disable, 1);
  EXPECT_EQ(held(1), 1);
  EXPECT_NE(plan_.objections.front().message.find("1 of 1 linked account, 0 are"), std::string::npos);
  plan_.changes.front().situation = Situation::orphan;
  EXPECT_EQ(held(1), 1);
  EXPECT_NE(
      plan_.objections.front().message.find("1 account that nobody declares beside 1 linked one, 0 are"),
      std::string::npos);
}

TEST_F(GuardTable, AHintNeverProposesMoreThanWasJudged) {
  add_many(OperationKind::disable, 7);
  held(10);
  ASSERT_EQ(plan_.objections.size(), 1U);
  EXPECT_EQ(plan_.objections.front().wanted, 7U);
  EXPECT_NE(plan_.objections.front().message.find("at-least: 7}"), std::string::npos);
}

}  // namespace
}  // namespace usher
