#include "state/model/operation.hpp"

#include <set>
#include <stdexcept>

#include "state/model/fingerprint.hpp"
#include "state/model/json_writer.hpp"
#include "state/model/named.hpp"
#include "state/model/sha256.hpp"

namespace usher {

const char* to_string(OperationKind kind) {
  switch (kind) {
    case OperationKind::create:
      return "create";
    case OperationKind::enable:
      return "enable";
    case OperationKind::unlock:
      return "unlock";
    case OperationKind::update:
      return "update";
    case OperationKind::add_membership:
      return "add-membership";
    case OperationKind::change_membership:
      return "change-membership";
    case OperationKind::remove_membership:
      return "remove-membership";
    case OperationKind::rotate:
      return "rotate";
    case OperationKind::revoke:
      return "revoke";
    case OperationKind::disable:
      return "disable";
    case OperationKind::lock:
      return "lock";
    case OperationKind::remove:
      return "delete";
  }
  return "";
}

OperationKind operation_kind(std::string_view name) {
  if (const auto kind = named<OperationKind>(name)) return *kind;
  throw std::invalid_argument("unknown kind of operation '" + std::string(name) + "'");
}

const char* to_string(Reversal reversal) {
  switch (reversal) {
    case Reversal::reversible:
      return "reversible";
    case Reversal::restorable:
      return "restorable";
    case Reversal::irreversible:
      return "irreversible";
  }
  return "";
}

Reversal reversal(std::string_view name) {
  if (const auto known = named<Reversal>(name)) return *known;
  throw std::invalid_argument("unknown reversal '" + std::string(name) + "'");
}

bool takes_away(OperationKind kind) {
  return kind == OperationKind::remove_membership || kind == OperationKind::revoke ||
         kind == OperationKind::disable || kind == OperationKind::lock || kind == OperationKind::remove;
}

bool met_by_absence(OperationKind kind) {
  return takes_away(kind) && kind != OperationKind::disable;
}

std::string part_of(const Operation& operation, const std::string& path) {
  Operation one = operation;
  one.after = nlohmann::json::object({{path, operation.after.at(path)}});
  return identity_of(one);
}

std::vector<std::string> parts_of(const Operation& operation) {
  std::vector<std::string> parts;
  if (operation.kind == OperationKind::update) {
    for (const auto& [path, value] : operation.after.items()) parts.push_back(part_of(operation, path));
    return parts;
  }
  Operation one = operation;
  if (operation.kind == OperationKind::create) {
    one.account.clear();
    one.after = nlohmann::json::object();
    one.gives.clear();
    one.active = true;
  }
  parts.push_back(identity_of(one));
  return parts;
}

std::string approval_digest(const Operation& operation) {
  nlohmann::json who = nlohmann::json::object();
  for (const auto& [path, value] : operation.before.items()) {
    if (!operation.after.contains(path)) who[path] = value;
  }
  nlohmann::json gives = nlohmann::json::array();
  for (const Membership& given : operation.gives)
    gives.push_back({given.kind, given.entitlement, given.details});
  const Membership& membership = operation.membership;
  const nlohmann::json whole = {operation.platform,
                                to_string(operation.kind),
                                operation.account,
                                operation.person,
                                who,
                                operation.route,
                                operation.after,
                                operation.active,
                                {membership.kind, membership.entitlement, membership.details},
                                operation.credential,
                                gives};
  return sha256(whole.dump());
}

std::vector<std::string> kinds_of(std::span<const Operation> operations) {
  std::set<std::string> changed;
  for (const Operation& operation : operations) {
    if (!operation.membership.kind.empty()) changed.insert(operation.membership.kind);
  }
  return {changed.begin(), changed.end()};
}

std::vector<std::pair<std::string, std::string>> edges_of_all(std::span<const Operation> operations) {
  std::set<std::pair<std::string, std::string>> changed;
  for (const Operation& operation : operations) {
    if (!operation.membership.kind.empty())
      changed.emplace(operation.membership.kind, operation.membership.entitlement);
  }
  return {changed.begin(), changed.end()};
}

void append_json(std::string& out, const Operation& operation) {
  JsonObjectText object(out);
  object.text("account", operation.account);
  if (operation.kind == OperationKind::create) object.flag("active", operation.active);
  if (!operation.after.empty()) object.value("after", operation.after);
  if (!operation.approvals.empty()) object.texts("approvals", operation.approvals);
  if (!operation.before.empty()) object.value("before", operation.before);
  object.number("change", operation.change);
  if (!operation.credential.empty()) object.text("credential", operation.credential);
  if (!operation.gives.empty())
    object.list("gives", operation.gives, [](std::string& to, const Membership& given) {
      JsonObjectText edge(to);
      edge.texts("details", given.details);
      edge.text("entitlement", given.entitlement);
      edge.text("kind", given.kind);
      edge.end();
    });
  object.flag("held", operation.held);
  if (!operation.held_by.empty()) object.texts("held-by", operation.held_by);
  object.text("id", operation.id);
  object.text("kind", to_string(operation.kind));
  object.text("label", operation.label);
  if (!operation.membership.kind.empty()) {
    JsonObjectText edge(object.name("membership"));
    edge.texts("details", operation.membership.details);
    edge.text("entitlement", operation.membership.entitlement);
    edge.texts("held-details", operation.held_details);
    edge.text("kind", operation.membership.kind);
    edge.end();
  }
  object.text("person", operation.person);
  object.text("platform", operation.platform);
  if (operation.reversal != Reversal::reversible) object.text("reversal", to_string(operation.reversal));
  if (!operation.route.empty()) object.text("route", operation.route);
  if (!operation.waits_for.empty()) object.texts("waits-for", operation.waits_for);
  if (!operation.was_active) object.flag("was-active", false);
  object.end();
}

nlohmann::json to_json(const Operation& operation) {
  std::string text;
  append_json(text, operation);
  return nlohmann::json::parse(text);
}

Operation operation_from_json(const nlohmann::json& from) {
  Operation operation;
  operation.id = from.at("id");
  operation.kind = operation_kind(from.at("kind").get<std::string>());
  operation.platform = from.at("platform");
  operation.account = from.at("account");
  operation.person = from.at("person");
  operation.label = from.at("label");
  operation.change = from.at("change");
  operation.held = from.at("held");
  operation.route = from.value("route", "");
  operation.credential = from.value("credential", "");
  operation.waits_for = from.value("waits-for", operation.waits_for);
  operation.before = from.value("before", nlohmann::json::object());
  operation.after = from.value("after", nlohmann::json::object());
  operation.active = from.value("active", true);
  operation.was_active = from.value("was-active", true);
  operation.reversal = reversal(from.value("reversal", to_string(Reversal::reversible)));
  operation.held_by = from.value("held-by", operation.held_by);
  operation.approvals = from.value("approvals", operation.approvals);
  if (const auto gives = from.find("gives"); gives != from.end()) {
    for (const nlohmann::json& given : *gives) {
      operation.gives.push_back({"", given.at("kind"), given.at("entitlement"), given.at("details")});
    }
  }
  if (const auto membership = from.find("membership"); membership != from.end()) {
    operation.membership = {operation.account, membership->at("kind"), membership->at("entitlement"),
                            membership->at("details")};
    operation.held_details = membership->at("held-details");
  }
  return operation;
}

std::string identity_of(const Operation& operation) {
  std::string text = "[";
  const auto add = [&](std::string_view part) {
    append_json_text(text, part);
    text += ',';
  };
  add(to_string(operation.kind));
  add(operation.platform);
  add(operation.account);
  add(operation.person);
  add(operation.route);
  append_json(text, operation.after);
  text += operation.active ? ",true," : ",false,";
  add(operation.membership.kind);
  add(operation.membership.entitlement);
  append_json_texts(text, operation.membership.details);
  text += ',';
  append_json_text(text, operation.credential);
  for (const Membership& given : operation.gives) {
    text += ",[";
    add(given.kind);
    append_json_text(text, given.entitlement);
    text += ']';
  }
  text += ']';
  return public_digest(text).substr(0, 16);
}

}  // namespace usher
