#include "tests/support/told.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <nlohmann/json.hpp>

namespace usher::test {

using nlohmann::json;

namespace {

json standard() {
  const json match = {{{"account", "credentials.identity"}, {"person", "person.mail"}, {"fold", "case"}}};
  const json groups = {
      {{"group", "engineers"}, {"when", "person.department == \"engineering\""}, {"actions", {"m_read"}}}};
  return {
      {"people",
       {{"from", "hr"},
        {"key", "record.employee_id"},
        {"attributes",
         {{"mail", "record.email.lowerAscii()"},
          {"name", "record.first + \" \" + record.last"},
          {"department", "record.department"}}},
        {"active", "record.status == \"active\""}}},
      {"accounts",
       {{"who", "person.department in [\"engineering\", \"operations\"]"},
        {"match", match},
        {"set",
         {{"credentials.identity", "person.mail"}, {"name", "person.name"}, {"tags", {"person.department"}}}},
        {"groups", groups},
        {"leavers", {{"disable", "now"}, {"delete", "never"}}}}}};
}

/// What is set on a platform, what accounts are matched by, and memberships.
json standard_of(const std::string& platform) {
  json rules = standard();
  if (platform == "mainflux") return rules;
  rules["people"]["attributes"]["first"] = "record.first";
  rules["people"]["attributes"]["last"] = "record.last";
  const std::map<std::string, json> sets{
      {"gr4vy", {{"email_address", "person.mail"}, {"name", "person.name"}}},
      {"kestra", {{"email", "person.mail"}, {"firstName", "person.first"}, {"lastName", "person.last"}}},
      {"sigfox", {{"name", "person.mail"}, {"timezone", {{"value", "Europe/Paris"}}}}}};
  const std::map<std::string, const char*> keys{
      {"gr4vy", "email_address"}, {"kestra", "email"}, {"sigfox", "name"}};
  json& accounts = rules["accounts"];
  accounts["set"] = sets.at(platform);
  accounts["match"][0]["account"] = keys.at(platform);
  accounts["leavers"].erase("delete");
  accounts.erase("groups");
  const char* when = "person.department == \"engineering\"";
  if (platform == "kestra") accounts["groups"] = {{{"group", "engineers"}, {"when", when}}};
  if (platform == "sigfox") {
    accounts["groups"] = {{{"profile", "devices"}, {"when", when}},
                          {{"profile", "guest"}, {"when", "person.department != \"engineering\""}}};
  }
  return rules;
}

/// Lists of objects become lists of what tells them apart.
json simplified(json accounts) {
  for (json& account : accounts) {
    for (json& value : account) {
      if (!value.is_array()) continue;
      for (json& item : value) {
        if (item.is_object()) item = item.value("type", item.value("id", ""));
      }
    }
  }
  return accounts;
}

}  // namespace

std::string line_of(const Operation& operation) {
  std::vector<std::string> attributes;
  if (operation.kind == OperationKind::update) {
    for (const auto& [path, value] : operation.after.items()) attributes.push_back(path);
  }
  std::string line =
      fmt::format("{}{} {}", operation.held ? "held " : "", to_string(operation.kind), operation.label);
  if (!attributes.empty()) line += fmt::format(" {}", fmt::join(attributes, ","));
  if (!operation.membership.entitlement.empty()) line += " " + operation.membership.entitlement;
  for (const Membership& given : operation.gives) line += " " + given.entitlement;
  if (operation.kind == OperationKind::revoke || operation.kind == OperationKind::rotate)
    line += " " + operation.route;
  return line;
}

std::vector<std::string> lines_of(const Plan& plan) {
  std::vector<std::string> lines;
  for (const Operation& operation : plan.operations) lines.push_back(line_of(operation));
  return lines;
}

std::vector<std::string> notes_of(const Plan& plan) {
  std::vector<std::string> lines;
  for (const Note& note : plan.notes) {
    lines.push_back(
        fmt::format("{} {}", to_string(note.kind), note.person.empty() ? note.account : note.person));
  }
  return lines;
}

json accounts_of(const World& world) {
  if (world.kind() != "mainflux") return simplified(world.accounts());
  const json all = world.platform_world();
  json accounts = json::object();
  std::map<std::string, std::string> identities;
  for (const json& user : all.at("users")) {
    const std::string identity = user.at("credentials").at("identity");
    identities[user.at("id")] = identity;
    for (const char* field : {"id", "name", "status", "tags", "metadata"}) {
      if (user.contains(field) && !user[field].empty()) accounts[identity][field] = user[field];
    }
  }
  for (const json& policy : all.at("policies")) {
    accounts[identities.at(policy.at("subject"))]["groups"][policy.at("object").get<std::string>()] =
        policy.at("actions");
  }
  return accounts;
}

std::string rules_over_standard(const json& changes, const std::string& platform) {
  json rules = standard_of(platform);
  rules.merge_patch(changes);
  return fmt::format("people: {}\naccounts: {{iot: {}}}\n", rules["people"].dump(), rules["accounts"].dump());
}

}  // namespace usher::test
