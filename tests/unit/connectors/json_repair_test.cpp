#include "connectors/json_repair.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <simdjson.h>

namespace usher {
namespace {

std::string repaired(const std::string& text) {
  const auto result = repair_json(text);
  return result ? result->text : "as it was";
}

TEST(JsonRepair, LeavesAloneWhatCanBeRead) {
  for (const char* text : {R"({"a": [1, -2.5e3, "x\"y\\", true, null], "b": {}})", R"("\ud83e\udd28 \u00e9")",
                           "18446744073709551615", "-9223372036854775808", "no JSON"})
    EXPECT_EQ(repaired(text), "as it was") << text;
}

TEST(JsonRepair, ReplacesHalfCharacters) {
  EXPECT_EQ(repaired(R"({"a": "x \ud83e", "b": 1})"), "{\"a\": \"x \xEF\xBF\xBD\", \"b\": 1}");
  EXPECT_EQ(repaired(R"("\udd28\ud83e\ud83e\udd28")"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\\ud83e\\udd28\"");
  EXPECT_EQ(repaired("\"caf\xE9 \xED\xA0\x80\""), "\"caf\xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(repaired(std::string("\"a\0b\"", 5)),
            "\"a\xEF\xBF\xBD"
            "b\"");
}

TEST(JsonRepair, MakesTextsOfNumbersThatFitNowhere) {
  EXPECT_EQ(repaired(R"([123456789012345678901234567890, 1e400, 7])"),
            R"(["123456789012345678901234567890", "1e400", 7])");
  EXPECT_EQ(repaired(R"({"a": NaN, "b": -Infinity})"), R"({"a": "NaN", "b": "-Infinity"})");
}

TEST(JsonRepair, MarksWhatItRepaired) {
  const auto both = repair_json(R"(["\ud83e", 1e999, "\uFFFD"])");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->text, "[\"\xEF\xBF\xBD\", \"1e999\", \"\\uFFFD\"]");
  EXPECT_EQ(both->marked,
            "[\"\xEF\xB7\x90\", \"\xEF\xB7\x90"
            "1e999\", \"\\uFFFD\"]");
}

RC_GTEST_PROP(JsonRepair, IsDoneInOneGo, (const std::string& text)) {
  const auto once = repair_json("[\"" + text + "\"");
  if (once) RC_ASSERT(!repair_json(once->text));
}

}  // namespace
}  // namespace usher
