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

TEST(Schema, FindsByPath) {
  Schema schema;
  schema.attributes.resize(2);
  schema.attributes[0].path = "credentials.identity";
  schema.attributes[1].path = "name";
  ASSERT_NE(schema.find("name"), nullptr);
  EXPECT_EQ(schema.find("name")->path, "name");
  EXPECT_EQ(schema.find("credentials"), nullptr);
  EXPECT_EQ(schema.find("zzz"), nullptr);
}

}  // namespace
}  // namespace usher
