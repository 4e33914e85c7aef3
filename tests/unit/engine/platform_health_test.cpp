#include <gtest/gtest.h>

#include "engine/apply/account_lane.hpp"

namespace usher {
namespace {

TEST(PlatformHealth, ARequestThatCarriedManyChangesIsOneFailure) {
  PlatformHealth health;
  Failure cut{.kind = FailureKind::cut};
  health.report(&cut);
  cut.repeated = true;
  for (int i = 0; i < 50; ++i) health.report(&cut);
  EXPECT_FALSE(health.given_up());
  cut.repeated = false;
  for (int i = 0; i < 9; ++i) health.report(&cut);
  EXPECT_TRUE(health.given_up()) << "ten requests in a row";
}

TEST(PlatformHealth, AnAnswerBeginsTheCountAnew) {
  PlatformHealth health;
  const Failure cut{.kind = FailureKind::cut};
  for (int i = 0; i < 9; ++i) health.report(&cut);
  health.report(nullptr);
  for (int i = 0; i < 9; ++i) health.report(&cut);
  EXPECT_FALSE(health.given_up());
}

}  // namespace
}  // namespace usher
