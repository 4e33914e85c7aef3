#include "state/model/normalise.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace usher {
namespace {

using nlohmann::json;

TEST(Normalised, Texts) {
  EXPECT_EQ(normalised(" \tÄda \n", {.trim = true, .lower = true}), "äda");
  EXPECT_EQ(normalised("  ", {.trim = true}), "");
  EXPECT_EQ(normalised("A\xcc\x88", {.nfc = true}), "Ä");
  EXPECT_EQ(normalised("\xff", {.lower = true, .nfc = true}), "\xff");
}

TEST(Normalised, SetsAreSortedListsAreNot) {
  Attribute attribute;
  attribute.type = AttributeType::set;
  EXPECT_EQ(normalised(json({"b", "a", "b"}), attribute), json({"a", "b"}));
  attribute.type = AttributeType::list;
  EXPECT_EQ(normalised(json({"b", "a"}), attribute), json({"b", "a"}));
}

TEST(Normalised, EmptyIsAbsent) {
  const Attribute attribute;
  EXPECT_TRUE(normalised(json(""), attribute).is_null());
  EXPECT_TRUE(normalised(json::array(), attribute).is_null());
  EXPECT_TRUE(normalised(json::object(), attribute).is_null());
  EXPECT_EQ(normalised(json(false), attribute), json(false));
  EXPECT_EQ(normalised(json(0), attribute), json(0));
}

TEST(AtPath, WalksDottedNames) {
  const json account = {{"credentials", {{"identity", "a@b"}}}};
  EXPECT_EQ(at_path(account, "credentials.identity"), "a@b");
  EXPECT_TRUE(at_path(account, "credentials.secret").is_null());
  EXPECT_TRUE(at_path(account, "credentials.identity.x").is_null());
  EXPECT_TRUE(at_path(json(), "x").is_null());
}

}  // namespace
}  // namespace usher
