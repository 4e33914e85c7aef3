#include "rules/cel/plain_json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

namespace usher::cel {
namespace {

const Type& person() {
  static const Type type = Type::object({{"active", Type::boolean()},
                                         {"floor", Type::integer()},
                                         {"mail", Type::string()},
                                         {"manager", Type::string()},
                                         {"name", Type::string()}});
  return type;
}

constexpr std::string_view ada =
    R"({"active":true,"floor":-12,"mail":"ada@example.org","manager":null,"name":"Zoë Ł"})";

bool is_plain(std::string_view json) {
  Arena arena;
  return plain_object_from_json(json, person(), arena).has_value();
}

/// Whatever is read must be what a parser of JSON reads, without the fields that the type does not have.
void expect_as_a_parser(std::string_view json) {
  Arena arena;
  const auto value = plain_object_from_json(json, person(), arena);
  if (!value) return;
  nlohmann::json expected;
  ASSERT_NO_THROW(expected = nlohmann::json::parse(json)) << json;
  for (auto at = expected.begin(); at != expected.end();) {
    at = person().slot(at.key()) ? std::next(at) : expected.erase(at);
  }
  EXPECT_EQ(to_json(*value), expected) << json;
}

TEST(PlainJson, ReadsARecord) {
  ASSERT_TRUE(is_plain(ada));
  expect_as_a_parser(ada);
  ASSERT_TRUE(is_plain("{}"));
  expect_as_a_parser("{}");
}

TEST(PlainJson, TakesFieldsInAnyOrderAndPassesOthersOver) {
  for (const std::string_view json :
       {R"({"name":"b","mail":"a"})", R"({"aaa":"1","mail":"a","nnn":7,"zzz":false})",
        R"({"mail":"first","name":"n","mail":"second"})",
        R"({"a long key of nobody's":"x","active":false})"}) {
    EXPECT_TRUE(is_plain(json)) << json;
    expect_as_a_parser(json);
  }
}

TEST(PlainJson, KnowsAFieldWhoseNameJsonEscapes) {
  const Type type = Type::object({{R"(a"b)", Type::string()}, {R"(c\n)", Type::string()}});
  Arena arena;
  EXPECT_FALSE(plain_object_from_json(R"({"a"b":"x"})", type, arena));
  EXPECT_FALSE(plain_object_from_json(R"({"c\n":"a field called c and a new line"})", type, arena));
}

TEST(PlainJson, LeavesToAParserWhatIsNotPlain) {
  for (const std::string_view json :
       {R"({"mail":"a\"b"})", R"({"mail":"caf\u00e9"})", R"({"mail": "a"})", R"({"mail":["a"]})",
        R"({"mail":{"a":"b"}})", R"({"floor":1.5})", R"({"floor":1e3})", R"({"floor":9999999999999999999})",
        R"({"floor":-0})"}) {
    EXPECT_FALSE(is_plain(json)) << json;
    Arena arena;
    EXPECT_FALSE(object_from_json(json, person(), arena).is_error()) << json;
  }
}

TEST(PlainJson, RefusesWhatIsNoJson) {
  for (const std::string_view json :
       {"", "{", "[]", "null", "{}x", "{,}", R"({"mail"})", R"({"mail":})", R"({"mail":"a",})",
        R"({mail:"a"})", R"({"mail":"a"}})", R"({"floor":01})", R"({"floor":-})", R"({"floor":+1})",
        R"({"active":tru})", "{\"mail\":\"a\nb\"}", "{\"mail\":\"\xff\"}", "{\"mail\":\"\xc3\"}"}) {
    EXPECT_FALSE(is_plain(json)) << json;
    Arena arena;
    EXPECT_TRUE(object_from_json(json, person(), arena).is_error()) << json;
  }
  for (std::size_t size = 0; size < ada.size(); ++size) EXPECT_FALSE(is_plain(ada.substr(0, size))) << size;
}

// A text with some of its bytes changed is read as a parser reads it, or not at all.
RC_GTEST_PROP(PlainJson, NeverReadsOtherThanAParser, ()) {
  std::string json(ada);
  const auto changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, json.size());
    json[at] = *rc::gen::weightedOneOf<char>(
        {{3, rc::gen::elementOf(std::string("{}[]\":,\\ 0129-.etnula"))}, {1, rc::gen::arbitrary<char>()}});
  }
  expect_as_a_parser(json);
}

}  // namespace
}  // namespace usher::cel
