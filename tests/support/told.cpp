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
    lines.push_back(fmt::format("{} {}", note.kind, note.person.empty() ? note.account : note.person));
  }
  return lines;
}

json accounts_of(const World& world) {
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

std::string rules_over_standard(const json& changes) {
  json rules = standard();
  rules.merge_patch(changes);
  return fmt::format("people: {}\naccounts: {{iot: {}}}\n", rules["people"].dump(), rules["accounts"].dump());
}

}  // namespace usher::test
