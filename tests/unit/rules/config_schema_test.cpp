// The loader and the published JSON Schema must accept the same configurations. A document that uses every
// key of the schema is changed in every place in every way a person might; both must agree about each result.

#include <gtest/gtest.h>

#include <set>

#include "rules/config.hpp"
#include "scratch.hpp"
#include "tests/support/json_schema_check.hpp"

namespace usher {
namespace {

using nlohmann::json;
using test::JsonSchema;

json everything() {
  return json::parse(R"({
    "version": 1,
    "state": "usher.db",
    "platforms": {
      "hr": {"connector": "csv", "path": "people.csv", "columns": ["a", 1, true], "dates": {"a": "%d.%m.%Y", "b": ["%d.%m.%y", 1]}},
      "iot": {"connector": "mainflux", "url": "http://x", "retries": 3, "insecure": false}
    },
    "people": {
      "from": ["hr"],
      "key": "record.id",
      "attributes": {"mail": "record.mail", "tags": ["record.a", {"value": 7}]},
      "active": true,
      "rekey": "by-match",
      "guards": {"vanished-records": "10%", "rule-errors": {"percent": 2, "at-least": 3}}
    },
    "run": {"deadline": "45m"},
    "keep": {"history": "400d", "runs": "30d", "plans": "500MB"},
    "accounts": {
      "iot": {
        "who": "person.mail != ''",
        "match": [{"account": "name", "person": "person.mail", "fold": "case"}],
        "set": {"a.b": "person.mail", "c": {"value": [1, null]}, "d": {"e": {"f": ["person.mail"]}}},
        "groups": ["all", {"group": "g", "when": "true", "actions": ["r", "w"]}, {"profile": "p", "details": "x"},
                   {"role": "r"}, {"tenant": "t"}, {"kind": "k", "name": "n"}],
        "leavers": {"disable": "now", "delete": "30d", "without-disable": "lock"},
        "orphans": {"disable": "10d", "delete": "180d", "except": "account.name == \"svc\""},
        "other-groups": "keep", "other-actions": "keep", "without-update": "report",
        "guards": {"create": "5%", "update": 12, "disable": {"percent": 2.5, "at-least": 3}, "removals": "0%", "delete": 0,
                   "memberships": "50%", "enable": "10%", "keys": "5%", "vanished": "10%",
                   "orphans": "1%"},
        "create": true,
        "credentials": {"first": {"file": "out.txt"}, "length": 20, "alphabet": "abcdefghijkl"}
      },
      "hr": {"credentials": {"first": {"command": "cat"}}},
      "third": {"credentials": {"first": "discard"}}
    },
    "tables": {"sites": {"a": "b", "c": 1}},
    "approvals": {"required": 1, "by": ["ada@example.com"], "allowed-signers": "signers"},
    "notify": [
      {"on": "held", "command": "cat", "name": "pager", "timeout": "5s", "repeat": "always"},
      {"on": ["failed", "stale"], "webhook": "https://x/", "headers": {"X-Y": "z"}, "repeat": "7d", "max-age": "26h"}
    ],
    "tests": [
      {"name": "a", "record": {"id": "x", "n": 1, "l": [1, null]}, "now": "2026-03-01T00:00:00Z",
       "expect": {"iot": {"account": "disabled", "set": {"a.b": null, "c": ["x"]}, "groups": ["g", {"role": "r"}],
                          "not-groups": [{"kind": "k", "name": "n"}], "only-groups": []}, "hr": "none"}},
      {"name": "b", "records": "people.csv", "source": "hr", "people": ["x"], "expect": {"iot": "active"}}
    ]
  })");
}

class ConfigSchemaTest : public testing::Test {
 protected:
  ConfigSchemaTest() : schema_(json::parse(config_json_schema())) {}

  json document() {
    json made = everything();
    made["platforms"]["third"] = {{"connector", "csv"}};
    return made;
  }

  /// What the loader says of the form; what only it can know (no such platform) is left out.
  std::string loader_complaint(const json& value) {
    const auto loaded = load_config(scratch_.write("usher.yaml", value.dump(1)));
    if (loaded) return {};
    for (const Diagnostic& mistake : loaded.error()) {
      bool beyond = false;
      for (const char* only :
           {"no platform is called", "is named twice", "before they are disabled", "is set twice",
            "lies inside", "for which 'accounts' has no rules", "a webhook begins with",
            "two words for the same", "the table ", "must sign, and only"})
        beyond = beyond || mistake.message.find(only) != std::string::npos;
      if (!beyond) return mistake.message;
    }
    return {};
  }

  void expect_agreement(const json& value, const std::string& what) {
    ++tried_;
    const std::string complaint = loader_complaint(value);
    const bool accepted = schema_.accepts(value);
    accepted_ += accepted ? 1 : 0;
    EXPECT_EQ(accepted, complaint.empty()) << what << ": the schema " << (accepted ? "accepts" : "rejects")
                                           << ", the loader says: " << complaint;
  }

  /// Puts every replacement in the place of every value, drops it, and adds a key beside it.
  void change_everywhere(const json::json_pointer& at) {
    static const std::vector<json> replacements = {nullptr,
                                                   true,
                                                   false,
                                                   0,
                                                   1,
                                                   -1,
                                                   7,
                                                   300,
                                                   2.5,
                                                   "",
                                                   "x",
                                                   "now",
                                                   "12d",
                                                   "5%",
                                                   "101%",
                                                   "a b",
                                                   "yes",
                                                   "lock",
                                                   "recreate",
                                                   "discard",
                                                   "case",
                                                   json::array(),
                                                   json::array({"x"}),
                                                   json::array({1, true}),
                                                   json::array({json::array({"x"})}),
                                                   json::object(),
                                                   {{"value", "x"}},
                                                   {{"value", "x"}, {"y", 1}},
                                                   {{"x", "y"}},
                                                   {{"x", nullptr}},
                                                   {{"group", "x"}, {"role", "y"}},
                                                   {{"percent", 1}},
                                                   {{"file", "x"}, {"command", "y"}}};
    const json original = document();
    for (const json& replacement : replacements) {
      json changed = original;
      changed[at] = replacement;
      expect_agreement(changed, at.to_string() + " = " + replacement.dump());
    }
    if (original[at].is_object()) {
      for (const char* key : {"pepole", "value", "a b", "x.y", "connector", "no_such"}) {
        json changed = original;
        changed[at][key] = "x";
        expect_agreement(changed, at.to_string() + " with " + key);
      }
      for (const auto& [key, member] : original[at].items()) {
        json changed = original;
        changed[at].erase(key);
        expect_agreement(changed, at.to_string() + " without " + key);
      }
    }
    if (original[at].is_structured())
      for (const auto& [key, member] : original[at].items())
        change_everywhere(original[at].is_array() ? at / std::stoul(key) : at / key);
  }

  test::Scratch scratch_;
  JsonSchema schema_;
  int tried_ = 0;
  int accepted_ = 0;
};

TEST_F(ConfigSchemaTest, AgreesWithTheLoaderAboutEveryChangeOfADocument) {
  expect_agreement(document(), "the document itself");
  ASSERT_EQ(accepted_, 1);
  change_everywhere(json::json_pointer());
  EXPECT_GT(accepted_, 300);
  EXPECT_GT(tried_ - accepted_, 1000);
}

/// Every property name in the schema, so that the document above cannot miss one.
void collect(const json& schema, std::set<std::string>& names) {
  if (schema.is_object() && schema.contains("properties"))
    for (const auto& [name, member] : schema["properties"].items())
      if (!member.is_boolean()) names.insert(name);
  if (schema.is_structured())
    for (const auto& [key, member] : schema.items()) collect(member, names);
}
void collect_keys(const json& value, std::set<std::string>& names) {
  if (value.is_object())
    for (const auto& [key, member] : value.items()) names.insert(key);
  if (value.is_structured())
    for (const auto& [key, member] : value.items()) collect_keys(member, names);
}

TEST_F(ConfigSchemaTest, TheDocumentUsesEveryKeyOfTheSchema) {
  std::set<std::string> known, used;
  collect(schema_.root(), known);
  collect_keys(document(), used);
  EXPECT_GE(known.size(), 35U);
  for (const std::string& name : known) EXPECT_TRUE(used.contains(name)) << name;
}

TEST_F(ConfigSchemaTest, EveryKeyIsDescribed) {
  const std::function<void(const json&)> walk = [&](const json& schema) {
    if (schema.is_object() && schema.contains("properties")) {
      for (const auto& [name, member] : schema["properties"].items())
        EXPECT_TRUE(member.is_boolean() || member.contains("description") || member.contains("$ref")) << name;
    }
    if (schema.is_structured())
      for (const auto& [key, member] : schema.items()) walk(member);
  };
  walk(schema_.root());
}

}  // namespace
}  // namespace usher
