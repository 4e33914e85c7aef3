#include <fmt/format.h>

#include "engine/plan/change_builder.hpp"
#include "engine/plan/group_rules.hpp"
#include "state/model/normalise.hpp"

// New accounts: for those who have none, and in place of one that cannot be changed.
namespace usher {

using nlohmann::json;

std::string ChangeBuilder::why_not_recreate() const {
  if (is_self()) return "the account this program logs in with is never recreated";
  if (!view_.can().remove || !view_.can().create) return "cannot recreate an account";
  const std::string& unproved = view_.unsure.empty() ? view_.unsealed : view_.unsure;
  return unproved.empty() ? std::string() : "nothing is recreated now: " + unproved;
}

std::string ChangeBuilder::lacking(const json& wanted) const {
  for (const Attribute& attribute : view_.can().schema.attributes) {
    if (!attribute.required || attribute.secret) continue;
    const auto value = wanted.find(attribute.path);
    if (value == wanted.end() || value->is_null()) return attribute.path;
  }
  return {};
}

void ChangeBuilder::create(const json& wanted, const std::optional<json>& groups) {
  for (const auto& [path, value] : wanted.items()) {
    if (value.is_null()) continue;
    change_.fields.push_back({path, nullptr, value, rule_of(path)});
  }
  say(ChangeAct::create);
  add_create(wanted, groups ? wanted_edges(*groups) : Edges{}, "");
}

void ChangeBuilder::create_unusable(json wanted, const std::optional<json>& groups, OperationKind step) {
  const bool locks = step == OperationKind::lock;
  for (const auto& [path, text] : locks ? view_.can().locking.sets : AttributeValues{}) {
    if (view_.can().schema.find(path)->creatable) wanted[path] = json::parse(text);
  }
  usable_ = false;
  create(wanted, locks ? std::nullopt : groups);  // a lock leaves no membership
  change_.fields.push_back({locks ? "locked" : "active", nullptr, locks, "leavers.create"});
  if (locks || !view_.can().create_disabled) add(step);
}

void ChangeBuilder::invite() {
  const std::string& kind = view_.target->program->invitation();
  if (kind.empty() || !usable_) return;
  Operation operation = make(OperationKind::rotate);
  operation.route = kind;
  change_.fields.push_back({"credentials." + kind, nullptr, "sent", "credentials.first"});
  add(std::move(operation));
}

void ChangeBuilder::recreate(const json& wanted, const std::optional<json>& groups) {
  json values = wanted;
  for (const Attribute& attribute : view_.can().schema.attributes) {  // what rules do not manage stays
    const json& held = at_path(attributes_, attribute.path);
    if (attribute.creatable && attribute.readable && !attribute.secret && !held.is_null() &&
        !values.contains(attribute.path)) {
      values[attribute.path] = held;
    }
  }
  if (const std::string path = lacking(values); !path.empty())
    return note(NoteKind::incomplete, fmt::format("cannot be recreated: {} is required and empty", path));
  for (const auto& [path, before] : immutable_.items())
    change_.fields.push_back({path, before, wanted.at(path), rule_of(path)});
  Edges edges = groups ? wanted_edges(*groups) : Edges{};
  for (const auto& [edge, details] : held_) {
    if (manages(view_.rules(), edge.first) && complete_) continue;
    const EntitlementKind* kind = view_.can().entitlement(edge.first);
    if (kind != nullptr && (kind->add || among(view_.can().create_gives, edge.first))) {
      edges.try_emplace(edge, details);
    } else {
      note(NoteKind::unsupported, fmt::format("leaves {} {}: a new account cannot be put there", edge.first,
                                              view_.names->name_of(edge.first, edge.second)));
    }
  }
  say(ChangeAct::recreate);
  Operation gone = make(OperationKind::remove);
  gone.before.update(immutable_);
  add(std::move(gone));
  held_.clear();
  account_ = nullptr;
  add_create(values, edges, "it had it before");
}

void ChangeBuilder::add_create(const json& values, const Edges& edges, const std::string& because) {
  const Capabilities& can = view_.can();
  Operation operation = make(OperationKind::create);
  for (const auto& [path, value] : values.items()) {
    if (value.is_null()) continue;
    if (can.schema.find(path)->creatable) operation.after[path] = value;
    if (path == can.label && value.is_string()) change_.label = value.get<std::string>();
  }
  if (change_.label.empty()) change_.label = change_.person;
  operation.label = change_.label;
  operation.active = usable_;
  for (const auto& [edge, details] : edges) {
    if (!among(can.create_gives, edge.first)) continue;
    operation.gives.push_back({"", edge.first, edge.second, details});
    change_.memberships.push_back({edge.first,
                                   edge.second,
                                   view_.names->name_of(edge.first, edge.second),
                                   MembershipChange::Act::add,
                                   {},
                                   details,
                                   because.empty() ? given_by(edge) : because});
  }
  add(std::move(operation));
  for (const UpdateRoute& route : can.updates) update_after_create(route, values);
  for (const auto& [edge, details] : edges) {
    if (!among(can.create_gives, edge.first))
      put_membership(edge, details, because.empty() ? given_by(edge) : because);
  }
  invite();
}

void ChangeBuilder::update_after_create(const UpdateRoute& route, const json& wanted) {
  Operation operation = make(OperationKind::update);
  operation.route = route.name;
  for (const std::string& path : route.attributes) {
    const auto value = wanted.find(path);
    if (value == wanted.end() || value->is_null() || view_.can().schema.find(path)->creatable) continue;
    operation.before[path] = nullptr;
    operation.after[path] = *value;
  }
  if (!operation.after.empty()) add(std::move(operation));
}

}  // namespace usher
