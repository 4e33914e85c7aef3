#include "state/model/json_path.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "state/model/normalise.hpp"

namespace usher {
namespace {

using nlohmann::json;

const json account = json::parse(R"({
  "name": {"first": "Ada"},
  "emails": [{"type": "home", "value": "a@h"}, {"type": "work", "value": "a@w"}],
  "urn:acme:2.0:User": {"department": "7"},
  "fields": {"1": "one"}})");

TEST(JsonPath, FindsMembersListPlacesAndBrackets) {
  EXPECT_EQ(json_at(account, "name.first"), "Ada");
  EXPECT_EQ(json_at(account, "emails.1.value"), "a@w");
  EXPECT_EQ(json_at(account, "emails[type=work].value"), "a@w");
  EXPECT_EQ(json_at(account, "[urn:acme:2.0:User].department"), "7");
  EXPECT_EQ(json_at(account, "fields.[1]"), "one");
  EXPECT_EQ(json_at(account, ""), account);
  for (const char* nothing : {"emails.2.value", "emails[type=x].value", "name.last", "name.first.more"})
    EXPECT_TRUE(json_at(account, nothing).is_null()) << nothing;
}

// An attribute is read with the same steps: the place of an item in a list by what it is counts there too.
TEST(JsonPath, ReadsAttributesTheSameWay) {
  EXPECT_EQ(at_path(account, "emails[type=work].value"), "a@w");
  EXPECT_TRUE(at_path(account, "").is_null());
}

TEST(JsonPath, PutsWhatItFindsAgain) {
  for (const char* path : {"a.b.c", "list.2", "emails[type=work].value", "[urn:x:2.0:User].department"}) {
    json object = json::object();
    put_at(object, path, 5);
    EXPECT_EQ(json_at(object, path), 5) << path << " " << object;
  }
}

TEST(JsonPath, ErasesAlsoInLists) {
  json object = account;
  erase_at(object, "emails[type=home]");
  erase_at(object, "emails.0.type");
  erase_at(object, "name.first");
  erase_at(object, "[urn:acme:2.0:User]");
  erase_at(object, "nobody.here");
  EXPECT_EQ(object, json::parse(R"({"emails": [{"value": "a@w"}], "fields": {"1": "one"}, "name": {}})"));
}

}  // namespace
}  // namespace usher
