#include "state/model/schema.hpp"

#include <gtest/gtest.h>

namespace usher {
namespace {

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
