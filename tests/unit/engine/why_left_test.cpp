#include "engine/plan/why_left.hpp"

#include <gtest/gtest.h>

#include <string>

namespace usher {
namespace {

TEST(WhyLeft, IsReadFromWhatIsSaidOfIt) {
  for (const WhyLeft why : {WhyLeft::sources, WhyLeft::activity, WhyLeft::scope}) {
    const std::string said = std::string(beginning_of(why)) + "hr";
    EXPECT_EQ(why_left(said), why);
    EXPECT_EQ(why_left("was E1 and " + said), why);
    EXPECT_EQ(why_left(said + "; stays: leavers are not disabled"), why);
    EXPECT_EQ(why_left("its record " + said), std::nullopt);
  }
}

TEST(WhyLeft, IsWhatStandsFirst) {
  EXPECT_EQ(why_left("is out of scope: person.title != \"is no longer in \""), WhyLeft::scope);
  EXPECT_EQ(why_left("was E1 and is out of scope: x == \" and is no longer in \""), WhyLeft::scope);
  EXPECT_EQ(why_left("was offboarded in run 58"), std::nullopt);
  EXPECT_EQ(why_left(""), std::nullopt);
}

}  // namespace
}  // namespace usher
