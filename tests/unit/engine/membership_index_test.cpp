#include "engine/pull/membership_index.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

namespace usher {
namespace {

constexpr std::array<unsigned char, 16> seed{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

Membership edge(const std::string& account, const std::string& group, std::vector<std::string> details = {}) {
  return {account, "group", group, std::move(details)};
}

TEST(MembershipIndex, GivesEachAccountItsEdges) {
  const Fingerprinter fingerprints(seed);
  MembershipIndex index(fingerprints);
  EXPECT_TRUE(index.empty());
  EXPECT_EQ(index.memberships_of("ada"), "{}");
  index.add({edge("ada", "g1", {"read", "write"}), edge("bob", "g2"), edge("ada", "g2")});
  EXPECT_FALSE(index.empty());
  EXPECT_EQ(index.memberships_of("ada"), R"({"group":{"g1":["read","write"],"g2":[]}})");
  EXPECT_EQ(index.memberships_of("bob"), R"({"group":{"g2":[]}})");
  EXPECT_EQ(index.memberships_of("eve"), "{}");
}

TEST(MembershipIndex, TakesTheLastOfTwoEdgesBetweenTheSameTwo) {
  const Fingerprinter fingerprints(seed);
  MembershipIndex index(fingerprints);
  index.add({edge("ada", "g1", {"read"}), edge("ada", "g1", {"write"})});
  EXPECT_EQ(index.memberships_of("ada"), R"({"group":{"g1":["write"]}})");
}

TEST(MembershipIndex, KnowsWhatIsAddedAfterItWasAsked) {
  const Fingerprinter fingerprints(seed);
  MembershipIndex index(fingerprints);
  index.add({edge("ada", "g1")});
  EXPECT_EQ(index.memberships_of("bob"), "{}");
  index.add({edge("bob", "g1")});
  EXPECT_EQ(index.memberships_of("bob"), R"({"group":{"g1":[]}})");
  EXPECT_EQ(index.memberships_of("ada"), R"({"group":{"g1":[]}})");
}

TEST(MembershipIndex, FindsEachOfMany) {
  const Fingerprinter fingerprints(seed);
  MembershipIndex index(fingerprints);
  std::map<std::string, std::vector<Membership>> expected;
  for (int i = 0; i < 5'000; ++i) {
    const Membership one = edge("account " + std::to_string(i * 7 % 3'000), "g" + std::to_string(i % 37));
    expected[one.account].push_back(one);
    index.add({one});
  }
  for (int i = 0; i < 3'100; ++i) {
    const std::string account = "account " + std::to_string(i);
    EXPECT_EQ(index.memberships_of(account), canonical_memberships(expected[account])) << account;
  }
}

}  // namespace
}  // namespace usher
