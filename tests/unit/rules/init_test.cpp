#include "rules/init.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "rules/config.hpp"
#include "scratch.hpp"

namespace usher {
namespace {

TEST(InitTest, WritesAConfigurationThatIsValid) {
  const test::Scratch scratch;
  const auto file = scratch.write("usher.yaml", commented_configuration());
  EXPECT_FALSE(load_config(file)) << "its secrets come from outside";
  setenv("MAINFLUX_IDENTITY", "admin@example.com", 1);
  setenv("MAINFLUX_SECRET", "secret", 1);
  const auto loaded = load_config(file);
  unsetenv("MAINFLUX_IDENTITY");
  unsetenv("MAINFLUX_SECRET");
  if (!loaded)
    for (const Diagnostic& mistake : loaded.error()) ADD_FAILURE() << to_string(mistake);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->accounts.at("iot").set.size(), 3U);
  EXPECT_EQ(loaded->platforms.at("iot").connector, "mainflux");
}

}  // namespace
}  // namespace usher
