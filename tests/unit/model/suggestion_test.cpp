#include "state/model/suggestion.hpp"

#include <gtest/gtest.h>

namespace usher {
namespace {

TEST(Nearest, FindsTypingMistakesOnly) {
  EXPECT_EQ(nearest("pepole", {"people", "accounts"}), "people");
  EXPECT_EQ(nearest("stat", {"state", "people"}), "state");
  EXPECT_EQ(nearest("plna", {"pull", "plan"}), "plan");
  EXPECT_EQ(nearest("zebra", {"people", "accounts"}), "");
  EXPECT_EQ(nearest("x", {}), "");
}

TEST(DidYouMean, EndsAMessageOneWayOrTheOther) {
  const std::vector<std::string> known{"people", "accounts"};
  EXPECT_EQ(did_you_mean("pepole", known), "; did you mean 'people'?");
  EXPECT_EQ(did_you_mean("zebra", known), "");
  EXPECT_EQ(did_you_mean("zebra", known, "; it takes people, accounts"), "; it takes people, accounts");
  const std::vector<std::string_view> views{"people", "accounts"};
  EXPECT_EQ(did_you_mean("acounts", views, "."), "; did you mean 'accounts'?");
}

}  // namespace
}  // namespace usher
