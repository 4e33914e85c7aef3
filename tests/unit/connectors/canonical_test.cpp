#include "connectors/canonical.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <simdjson.h>

#include <nlohmann/json.hpp>

#include "connectors/account_reader.hpp"
#include "connectors/json_view.hpp"

namespace usher {
namespace {

using nlohmann::json;

std::string canonical(const std::string& text) {
  simdjson::dom::parser parser;
  std::string out;
  append_canonical(out, parser.parse(text).value());
  return out;
}

// Some JSON, up to three levels deep.
json any_json(int depth) {
  const int kind = *rc::gen::inRange(0, depth > 0 ? 7 : 5);
  if (kind == 0) return nullptr;
  if (kind == 1) return *rc::gen::arbitrary<bool>();
  if (kind == 2) return *rc::gen::arbitrary<std::int64_t>();
  if (kind == 3) return static_cast<double>(*rc::gen::inRange(-100000, 100000)) / 64 + 1.0 / 128;
  if (kind == 4) {
    return *rc::gen::container<std::string>(
        rc::gen::map(rc::gen::inRange(1, 127), [](int c) { return static_cast<char>(c); }));
  }
  json result = kind == 5 ? json::array() : json::object();
  const int count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i) {
    if (kind == 5) {
      result.push_back(any_json(depth - 1));
    } else {
      result["k" + std::to_string(*rc::gen::inRange(0, 30))] = any_json(depth - 1);
    }
  }
  return result;
}

RC_GTEST_PROP(Canonical, IsWhatNlohmannWrites, ()) {
  const json value = any_json(3);
  RC_ASSERT(canonical(value.dump(2)) == value.dump());
}

TEST(Canonical, WritesWholeNumbersWhole) {
  EXPECT_EQ(canonical("[1.0, -0.0, 1e3, 0.5, 18446744073709551615]"), "[1,0,1000,0.5,18446744073709551615]");
  EXPECT_EQ(canonical(R"({"b":1,"a":{"d":2,"c":[3]},"b":4})"), R"({"a":{"c":[3],"d":2},"b":4})");
  EXPECT_EQ(canonical(R"("\u0001\n\"\\\/ä")"), "\"\\u0001\\n\\\"\\\\/ä\"");
}

TEST(Canonical, LeavesOutWhatSaysNothing) {
  simdjson::dom::parser parser;
  const simdjson::dom::element value =
      parser.parse(std::string(R"({"z":0,"e":"","n":null,"l":[],"o":{},"f":false,"secret":"x"})")).value();
  EXPECT_EQ(canonical_open_object(value, {"secret"}), R"({"f":false,"z":0})");
}

class Reader : public testing::Test {
 protected:
  static AttributePlace place(const std::string& path, AttributeType type = AttributeType::string,
                              std::vector<std::string> places = {}) {
    AttributePlace result;
    result.attribute.path = path;
    result.attribute.type = type;
    result.places = places.empty() ? std::vector<std::string>{path} : std::move(places);
    return result;
  }

  std::optional<std::string> read(const AccountShape& shape, const std::string& text) {
    const AccountReader reader(shape);
    simdjson::dom::parser parser;
    document = text;
    const auto wrong = reader.read(parser.parse(document).value(), account, *reader.scratch());
    return wrong ? std::optional(wrong->why) : std::nullopt;
  }

  std::string document;
  Account account;
};

TEST_F(Reader, ReadsWhatTheShapeNamesAndNothingElse) {
  AccountShape shape;
  shape.id = "id";
  shape.attributes = {place("c.identity", AttributeType::string, {"credentials.identity"}), place("a"),
                      place("tags", AttributeType::set),
                      place("mail", AttributeType::string, {"mail", "email"})};
  AttributePlace secret = place("secret");
  secret.attribute.secret = true;
  shape.attributes.push_back(secret);
  shape.active = {.place = "status", .values = {"\"on\""}};
  ASSERT_FALSE(read(shape, R"({"id":7,"extra":{"a":1},"tags":["b","a","b"],"status":"on","secret":"hash",
                              "credentials":{"secret":"x","identity":"i"},"a":"","mail":null,"email":"e"})"));
  EXPECT_EQ(account.id, "7");
  EXPECT_TRUE(account.active);
  EXPECT_EQ(account.attributes, R"({"c":{"identity":"i"},"mail":"e","tags":["a","b"]})");
  EXPECT_EQ(account.memberships, "{}");
  ASSERT_FALSE(read(shape, R"({"id":"8"})"));
  EXPECT_FALSE(account.active);
  EXPECT_EQ(account.attributes, "{}");
}

TEST_F(Reader, KnowsActiveAsTextBooleanAndNumber) {
  AccountShape shape;
  shape.id = "id";
  shape.active = {.place = "locked", .values = {"true", "1"}, .active_when = false};
  ASSERT_FALSE(read(shape, R"({"id":"1","locked":true})"));
  EXPECT_FALSE(account.active);
  ASSERT_FALSE(read(shape, R"({"id":"1","locked":0})"));
  EXPECT_TRUE(account.active);
  ASSERT_FALSE(read(shape, R"({"id":"1"})"));
  EXPECT_TRUE(account.active);
}

TEST_F(Reader, ReadsMembershipsThatStandInTheUser) {
  AccountShape shape;
  shape.id = "id";
  shape.memberships = {{.kind = "group",
                        .place = "groups",
                        .id = "id",
                        .details = "role",
                        .only = {{"tenant", {"main"}}},
                        .except = {}},
                       {.kind = "role", .place = "roles", .id = "", .details = "", .only = {}, .except = {}}};
  ASSERT_FALSE(
      read(shape, R"({"id":"1","roles":["r2","r1"],"groups":[{"id":"g","tenant":"main","role":"owner"},
                              {"id":"h","tenant":"other"}]})"));
  EXPECT_EQ(account.memberships, R"({"group":{"g":["owner"]},"role":{"r1":[],"r2":[]}})");
  EXPECT_EQ(read(shape, R"({"id":"1","groups":[{"tenant":"main"}]})"), "a group without an id in groups");
}

TEST_F(Reader, SaysWhatCannotBeRead) {
  AccountShape shape;
  shape.id = "id";
  shape.attributes = {place("n", AttributeType::integer)};
  EXPECT_EQ(read(shape, R"({"n":1})"), "no 'id'");
  EXPECT_EQ(read(shape, R"({"id":"1","n":"x"})"), "n: \"x\" is no integer");
  EXPECT_EQ(read(shape, R"([1,2])"), "not an object");
  EXPECT_FALSE(read(shape, R"({"id":"1","n":"12"})"));
  EXPECT_EQ(account.attributes, R"({"n":12})");
}

TEST(View, HasNothingToWalkThroughInWhatIsNoListAndNoObject) {
  simdjson::dom::parser parser;
  for (const std::string text : {"7", "\"text\"", "null", "{}", "[]"}) {
    const simdjson::dom::element value = parser.parse(text).value();
    EXPECT_EQ(view::items(value).size(), 0U) << text;
    EXPECT_TRUE(view::items(value).begin() == view::items(value).end()) << text;
    EXPECT_TRUE(view::members(value).begin() == view::members(value).end()) << text;
  }
}

}  // namespace
}  // namespace usher
