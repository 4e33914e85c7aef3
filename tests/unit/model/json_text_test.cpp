#include "state/model/json_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace usher {
namespace {

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(JsonText, IsTakenDownToTwoHundredLevels) {
  EXPECT_FALSE(parse_json(nested(200)).is_discarded());
  EXPECT_TRUE(parse_json(nested(201)).is_discarded());
  EXPECT_TRUE(parse_json(nested(5'000'000)).is_discarded());
  EXPECT_TRUE(parse_json(std::string(1000, '[')).is_discarded());
}

TEST(JsonText, CountsNoBracketsInsideOfTexts) {
  const std::string text = "\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\"";
  EXPECT_FALSE(exceeds(text));
  EXPECT_TRUE(parse_json(text).is_string());
  EXPECT_TRUE(exceeds(text + nested(300)));
}

TEST(JsonText, IsTakenUpToANumberOfValues) {
  std::string list = "[0";
  for (int i = 0; i < 99; ++i) list += ",0";
  list += "]";
  EXPECT_FALSE(parse_json(list, {.levels = 1, .values = 102}).is_discarded());
  EXPECT_TRUE(parse_json(list, {.levels = 1, .values = 100}).is_discarded());
  EXPECT_TRUE(parse_json("[1,").is_discarded());
}

}  // namespace
}  // namespace usher
