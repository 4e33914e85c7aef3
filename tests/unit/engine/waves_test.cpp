#include "engine/apply/waves.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace usher {
namespace {

/// A plan of one operation a change.
class WavesOfPlan : public testing::Test {
 protected:
  Operation& add(const std::string& platform, const std::string& person, const std::string& account,
                 ChangeAct act = ChangeAct::update) {
    Change& change = plan_.changes.emplace_back();
    change.platform = platform;
    change.person = person;
    change.account = account;
    change.act = act;
    Operation& operation = plan_.operations.emplace_back();
    operation.id = "o" + std::to_string(plan_.operations.size());
    operation.change = plan_.changes.size() - 1;
    return operation;
  }
  std::vector<std::size_t> waves(const std::vector<Portion>& sizes) {
    return waves_of(plan_, sizes).of_change;
  }
  std::vector<std::uint64_t> people(const std::vector<Portion>& sizes) {
    std::vector<std::uint64_t> counts;
    for (const Waves::Wave& wave : waves_of(plan_, sizes).all) counts.push_back(wave.people);
    return counts;
  }

  Plan plan_;
};

using Sizes = std::vector<std::uint64_t>;

TEST_F(WavesOfPlan, APersonGoesWithAllAccounts) {
  for (int i = 0; i < 20; ++i) {
    add("iot", "E" + std::to_string(i), "a" + std::to_string(i));
    add("flows", "E" + std::to_string(i), "", ChangeAct::create);
  }
  const Waves found = waves_of(plan_, {{4, false}, {7, false}});
  ASSERT_EQ(found.all.size(), 3U);
  EXPECT_EQ(found.all[0].people, 4U);
  EXPECT_EQ(found.all[0].accounts, 8U);
  EXPECT_EQ(found.all[2].people, 9U);
  for (std::size_t i = 0; i < plan_.changes.size(); i += 2)
    EXPECT_EQ(found.of_change[i], found.of_change[i + 1]) << plan_.changes[i].person;
}

TEST_F(WavesOfPlan, WhoWaitsForAnotherGoesWithTheOther) {
  for (int i = 0; i < 10; ++i) add("iot", "E" + std::to_string(i), "a" + std::to_string(i));
  // A chain through all of them: no operation may wait for another wave.
  for (std::size_t i = 1; i < plan_.operations.size(); ++i)
    plan_.operations[i].waits_for = {plan_.operations[i - 1].id};
  add("iot", "F", "f");
  const Waves found = waves_of(plan_, {{1, false}});
  std::set<std::size_t> of_chain(found.of_change.begin(), found.of_change.end() - 1);
  EXPECT_EQ(of_chain.size(), 1U);
  EXPECT_NE(*of_chain.begin(), found.of_change.back());
}

TEST_F(WavesOfPlan, AnAccountThatTwoPeopleShareIsInOneWave) {
  for (int i = 0; i < 10; ++i) add("iot", "E" + std::to_string(i), "a" + std::to_string(i / 2));
  const auto found = waves({{1, false}, {1, false}, {1, false}, {1, false}});
  for (std::size_t i = 0; i < found.size(); i += 2) EXPECT_EQ(found[i], found[i + 1]);
}

TEST_F(WavesOfPlan, WhatAGuardHoldsIsInNone) {
  add("iot", "E1", "a1").held = true;
  add("iot", "E2", "a2");
  EXPECT_EQ(waves({{1, false}}), (std::vector<std::size_t>{Waves::none, 0}));
}

TEST_F(WavesOfPlan, SharesAreOfAllPeople) {
  for (int i = 0; i < 50; ++i) add("iot", "E" + std::to_string(i), "a" + std::to_string(i));
  EXPECT_EQ(people({{10, true}, {10, true}}), (Sizes{5, 5, 40}));
  EXPECT_EQ(people({{1, true}, {100, true}}), (Sizes{1, 49}));
  EXPECT_EQ(people({{60, false}, {1, false}}), (Sizes{50}));
  EXPECT_EQ(people({}).size(), 1U);
}

TEST_F(WavesOfPlan, TheOrderOfThePlanDecidesNothing) {
  for (int i = 0; i < 50; ++i) add("iot", "E" + std::to_string(i), "a" + std::to_string(i));
  std::set<std::string> first, second;
  const auto before = waves({{10, false}});
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before[i] == 0) first.insert(plan_.changes[i].person);
  std::reverse(plan_.changes.begin(), plan_.changes.end());
  const auto after = waves({{10, false}});
  for (std::size_t i = 0; i < after.size(); ++i)
    if (after[i] == 0) second.insert(plan_.changes[i].person);
  EXPECT_EQ(first, second);
  EXPECT_EQ(first.size(), 10U);
}

TEST(PortionText, IsANumberOrAShare) {
  EXPECT_EQ(portion_of("10")->of(1000), 10U);
  EXPECT_EQ(portion_of("10%")->of(1000), 100U);
  EXPECT_EQ(portion_of("0.5%")->of(10), 1U);
  for (const char* wrong : {"", "%", "1.5", "-1", "+1", "101%", "1e3", "ten", "10 %", "1.2.3%"})
    EXPECT_FALSE(portion_of(wrong)) << wrong;
  EXPECT_FALSE(portion_of("5%")->is_exceeded_by(5, 100));
  EXPECT_TRUE(portion_of("5%")->is_exceeded_by(6, 100));
  EXPECT_TRUE(portion_of("5%")->is_exceeded_by(1, 10));
  EXPECT_TRUE(portion_of("0")->is_exceeded_by(1, 10));
  EXPECT_FALSE(portion_of("0")->is_exceeded_by(0, 0));
}

}  // namespace
}  // namespace usher
