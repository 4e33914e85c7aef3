#include "rules/cel/value.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

namespace usher::cel {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string canonical(const Value& value) {
  std::string text;
  append_json(value, text);
  return text;
}

TEST(ValueTest, ReadsJsonAsCelValues) {
  Arena arena;
  const Value value =
      from_json(R"({"i":-3,"u":18446744073709551615,"d":1.0,"s":"é\n","n":null,"l":[true,[]]})", arena);
  ASSERT_EQ(value.kind(), Kind::map);
  EXPECT_EQ(value.find("i")->as_int(), -3);
  EXPECT_EQ(value.find("u")->as_uint(), UINT64_MAX);
  EXPECT_EQ(value.find("d")->as_double(), 1.0);
  EXPECT_EQ(value.find("s")->as_string(), "é\n");
  EXPECT_TRUE(value.find("n")->is_null());
  EXPECT_EQ(value.find("l")->as_list().size(), 2U);
  EXPECT_EQ(value.find("x"), nullptr);
}

TEST(ValueTest, TheLastOfTwoEqualKeysOfJsonCounts) {
  Arena arena;
  EXPECT_EQ(canonical(from_json(R"({"b":1,"a":2,"b":3})", arena)), R"({"a":2,"b":3})");
}

TEST(ValueTest, MalformedJsonIsAnErrorValue) {
  Arena arena;
  for (const char* text : {"", "{", R"({"a":})", "[1,]", "nul", R"("\ud800")", "1 2", "\"\xff\""}) {
    EXPECT_TRUE(from_json(std::string_view(text), arena).is_error()) << text;
  }
  EXPECT_TRUE(from_json(std::string(5000, '[') + std::string(5000, ']'), arena).is_error());
  EXPECT_TRUE(from_json(json::parse(std::string(500, '[') + std::string(500, ']')), arena).is_error());
}

TEST(ValueTest, FillsTheSlotsOfAnObjectWhateverTheOrderOfKeys) {
  const Type type = Type::object({{"b", Type::integer()},
                                  {"a", Type::string()},
                                  {"inner", Type::object({{"x", Type::integer()}})},
                                  {"rows", Type::list(Type::object({{"y", Type::integer()}}))}});
  Arena arena;
  for (const char* text : {R"({"a":"1","b":2,"inner":{"x":3},"other":4,"rows":[{"y":5}]})",
                           R"({"rows":[{"y":5}],"other":4,"inner":{"x":3},"b":2,"a":"1"})"}) {
    const Value value = object_from_json(text, type, arena);
    ASSERT_EQ(value.kind(), Kind::object) << text;
    EXPECT_EQ(value.as_object().slots[0].as_string(), "1");
    EXPECT_EQ(value.as_object().slots[1].as_int(), 2);
    EXPECT_EQ(value.find("inner")->kind(), Kind::object);
    EXPECT_EQ(canonical(value), R"({"a":"1","b":2,"inner":{"x":3},"rows":[{"y":5}]})");
    EXPECT_EQ(value.size(), 4U);
  }
  EXPECT_EQ(canonical(object_from_json(R"({"b":null})", type, arena)), R"({"b":null})");
  EXPECT_TRUE(object_from_json("[]", type, arena).is_error());
}

TEST(ValueTest, WritesWhatJsonHasNoKindFor) {
  Arena arena;
  EXPECT_EQ(canonical(Value::timestamp({0, 500'000'000})), R"("1970-01-01T00:00:00.5Z")");
  EXPECT_EQ(canonical(Value::duration(-1'500'000'000)), R"("-1.5s")");
  EXPECT_EQ(canonical(Value::bytes("\xff\x01")), R"("/wE=")");
  EXPECT_EQ(canonical(Value::optional(nullptr)), "null");
  EXPECT_EQ(canonical(Value::string("a\xff\x01\"")), "\"a\uFFFD\\u0001\\\"\"");
  EXPECT_THROW(canonical(Value::error("broken", arena)), std::invalid_argument);
  EXPECT_THROW(to_json(Value()), std::invalid_argument);
}

TEST(ValueTest, LargeMapsFindTheirKeysAcrossNumberTypes) {
  Arena arena;
  const auto entries = arena.array<Entry>(1000);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    entries[i] = {i % 2 == 0 ? Value::integer(number) : Value::unsigned_integer(i), Value::integer(-number)};
  }
  const Map* map = Map::make(entries, arena);
  ASSERT_NE(map, nullptr);
  const Value value = Value::map(*map);
  EXPECT_EQ(value.find(Value::real(501.0))->as_int(), -501);
  EXPECT_EQ(value.find(Value::integer(501))->as_int(), -501);
  EXPECT_EQ(value.find(Value::unsigned_integer(500))->as_int(), -500);
  EXPECT_EQ(value.find(Value::real(1.5)), nullptr);
  EXPECT_EQ(value.find(Value::string("1")), nullptr);
  entries[999] = {Value::integer(3), Value::null()};
  EXPECT_EQ(Map::make(entries, arena), nullptr) << "3 and 3u are one key";
}

TEST(ArenaTest, ContinuesTheLastTextInPlaceAndOnlyThat) {
  Arena arena;
  const auto left = arena.copy("left");
  const auto joined = arena.concatenate(left, "right");
  EXPECT_EQ(joined, "leftright");
  EXPECT_EQ(static_cast<const void*>(joined.data()), left.data());
  const auto other = arena.concatenate(left, "!");
  EXPECT_EQ(other, "left!");
  EXPECT_EQ(joined, "leftright");
  const auto twice = arena.concatenate(other, other);
  EXPECT_EQ(twice, "left!left!");
}

TEST(ArenaTest, KeepsItsMemoryOverAReset) {
  Arena arena;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string_view> texts;
    for (int i = 0; i < 2000; ++i) texts.push_back(arena.copy(std::to_string(i) + std::string(50, 'x')));
    for (int i = 0; i < 2000; ++i)
      EXPECT_EQ(texts[static_cast<std::size_t>(i)].substr(0, 1), std::to_string(i).substr(0, 1));
    EXPECT_GE(arena.used(), 100'000U);
    arena.reset();
    EXPECT_EQ(arena.used(), 0U);
  }
}

/// Any JSON, a few levels deep.
rc::Gen<json> any_json(int depth) {
  const auto scalar = rc::gen::oneOf(
      rc::gen::construct<json>(rc::gen::arbitrary<std::int64_t>()),
      rc::gen::construct<json>(rc::gen::arbitrary<bool>()),
      rc::gen::construct<json>(rc::gen::arbitrary<double>()),
      rc::gen::construct<json>(rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127))),
      rc::gen::just(json()));
  if (depth == 0) return scalar;
  const auto list = rc::gen::map(rc::gen::container<std::vector<json>>(any_json(depth - 1)),
                                 [](const std::vector<json>& items) { return json(items); });
  const auto object = rc::gen::map(
      rc::gen::container<std::map<std::string, json>>(
          rc::gen::container<std::string>(rc::gen::inRange<char>('a', 'd')), any_json(depth - 1)),
      [](const std::map<std::string, json>& fields) { return json(fields); });
  return rc::gen::oneOf(scalar, list, object);
}

RC_GTEST_PROP(ValueProperty, JsonComesBackAsItWentIn, ()) {
  const json before = *rc::gen::resize(6, any_json(3));
  Arena arena;
  const Value from_tree = from_json(before, arena);
  RC_ASSERT(to_json(from_tree) == before);
  RC_ASSERT(canonical(from_tree) == before.dump());
  RC_ASSERT(canonical(from_json(before.dump(), arena)) == before.dump());
}

}  // namespace
}  // namespace usher::cel
