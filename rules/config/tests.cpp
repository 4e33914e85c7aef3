#include <nlohmann/json.hpp>

#include "rules/config/sections.hpp"

namespace usher {
namespace {

using nlohmann::json;

/// As a file of texts would give it: every scalar is a text.
json record_texts(const json& value, const Node& node) {
  if (node.kind == Node::Kind::scalar) return node.text;
  if (node.kind == Node::Kind::list) {
    json list = json::array();
    for (const Node& item : node.items) list.push_back(record_texts(json(), item));
    return list;
  }
  return value;
}

std::string record_of(const Node& node, bool texts) {
  json record = json::object();
  for (const Entry& entry : node.entries) {
    const json value = json::parse(json_of(entry.value), nullptr, false);
    record[entry.key.text] = texts ? record_texts(value, entry.value) : value;
  }
  return record.dump(-1, ' ', false, json::error_handler_t::replace);
}

RuleTest::Membership membership_of(const Node& node) {
  if (node.kind != Node::Kind::map) return {"group", node.text};
  for (const char* kind : {"group", "profile", "role", "tenant"})
    if (const Node* name = node.find(kind)) return {kind, name->text_or_empty()};
  const Node* kind = node.find("kind");
  const Node* name = node.find("name");
  return {kind == nullptr ? "" : kind->text_or_empty(), name == nullptr ? "" : name->text_or_empty()};
}

std::vector<RuleTest::Membership> memberships_of(const Node* node) {
  std::vector<RuleTest::Membership> all;
  if (node == nullptr) return all;
  for (const Node& item : node->items) all.push_back(membership_of(item));
  return all;
}

RuleTest::Expected::Account expected_account(const std::string& text) {
  using Account = RuleTest::Expected::Account;
  if (text == "active") return Account::active;
  if (text == "none") return Account::none;
  if (text == "disabled") return Account::disabled;
  return text == "deleted" ? Account::deleted : Account::any;
}

RuleTest::Expected test_expectation(const Entry& entry) {
  RuleTest::Expected expected;
  expected.platform = entry.key.text;
  expected.place = entry.key.place;
  if (entry.value.kind == Node::Kind::scalar) expected.account = expected_account(entry.value.text);
  if (const Node* account = entry.value.find("account"))
    expected.account = expected_account(account->text_or_empty());
  if (const Node* set = entry.value.find("set"))
    for (const Entry& value : set->entries) expected.set.emplace_back(value.key.text, json_of(value.value));
  expected.groups = memberships_of(entry.value.find("groups"));
  expected.not_groups = memberships_of(entry.value.find("not-groups"));
  if (const Node* only = entry.value.find("only-groups")) expected.only_groups = memberships_of(only);
  return expected;
}

std::string text_at(const Node& node, const char* key) {
  const Node* value = node.find(key);
  return value == nullptr ? "" : value->text_or_empty();
}

RuleTest read_test(const Node& node, const Config& config, Reading& reading) {
  RuleTest test;
  test.place = node.place;
  test.name = text_at(node, "name");
  test.now = text_at(node, "now");
  test.source = text_at(node, "source");
  if (const Node* source = node.find("source"))
    expect_platform(source->text_or_empty(), source->place, config.platforms, reading.mistakes);
  if (test.source.empty() && !config.people.from.empty()) test.source = config.people.from.front();
  const auto platform = config.platforms.find(test.source);
  const bool texts = platform != config.platforms.end() && platform->second.connector == "csv";
  if (const Node* record = node.find("record")) test.record = record_of(*record, texts);
  if (const std::string file = text_at(node, "records"); !file.empty())
    test.records = (reading.directory / file).lexically_normal().string();
  if (const Node* people = node.find("people")) {
    for (const Node& one : people->items) test.people.push_back(one.text_or_empty());
    if (people->kind == Node::Kind::scalar) test.people.push_back(people->text);
  }
  if (const Node* expect = node.find("expect"))
    for (const Entry& entry : expect->entries) {
      if (!config.accounts.contains(entry.key.text))
        reading.mistakes.add(entry.key.place, "a test expects something on '" + entry.key.text +
                                                  "', for which 'accounts' has no rules");
      test.expected.push_back(test_expectation(entry));
    }
  return test;
}

}  // namespace

std::vector<RuleTest> read_tests(const Node* tests, const Config& config, Reading& reading) {
  std::vector<RuleTest> all;
  if (tests == nullptr) return all;
  for (const Node& node : tests->items) all.push_back(read_test(node, config, reading));
  return all;
}

}  // namespace usher
