#include "state/model/duration.hpp"

#include <gtest/gtest.h>

#include <string>

namespace usher {
namespace {

using std::chrono::milliseconds;

TEST(Duration, IsANumberAndItsUnit) {
  EXPECT_EQ(read_duration("500ms"), milliseconds(500));
  EXPECT_EQ(read_duration("1.5s"), milliseconds(1500));
  EXPECT_EQ(read_duration("45m"), std::chrono::minutes(45));
  EXPECT_EQ(read_duration("2h"), std::chrono::hours(2));
  EXPECT_EQ(read_duration("7d"), std::chrono::hours(168));
  for (const std::string wrong : {"", "s", "5", "-1s", "1e3s", "5 s", "5s ", "5S", "5w", "nans", "inf",
                                  "36501d", "99999999999999999999s"})
    EXPECT_FALSE(read_duration(wrong)) << wrong;
}

}  // namespace
}  // namespace usher
