#include "engine/plan/change_builder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/plan/group_rules.hpp"
#include "state/model/account_label.hpp"
#include "state/model/fingerprint.hpp"
#include "state/model/normalise.hpp"
#include "state/model/relied_memberships.hpp"

namespace usher {

using nlohmann::json;

bool among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

ChangeBuilder::ChangeBuilder(const PlatformView& view, std::string person, const Account* account)
    : view_(view), account_(account) {
  change_.platform = view.target->name;
  change_.person = std::move(person);
  if (account == nullptr) return;
  change_.account = account->id;
  attributes_ = json::parse(account->attributes);
  change_.label = label_of(account->id, attributes_, view.can());
  const json memberships = json::parse(account->memberships.empty() ? "{}" : account->memberships);
  for (const auto& [kind, edges] : memberships.items()) {
    for (const auto& [id, details] : edges.items())
      held_[{kind, id}] = details.get<std::vector<std::string>>();
  }
}

bool ChangeBuilder::is_self() const {
  return account_ != nullptr && !view_.self.empty() && account_->id == view_.self;
}

void ChangeBuilder::enable() {
  if (account_->active) return;
  if (!view_.can().enable)
    return note(NoteKind::cannot_enable, "the account is disabled and this platform cannot enable it");
  say(ChangeAct::enable);
  change_.fields.push_back({"active", false, true, "people.active"});
  add(OperationKind::enable);
}

void ChangeBuilder::unlock() {
  if (!view_.can().unlock)
    return note(NoteKind::cannot_unlock,
                "the account was locked and this platform's connector cannot unlock it");
  say(ChangeAct::unlock);
  change_.fields.push_back({"locked", true, false, "people.active"});
  add(OperationKind::unlock);
}

void ChangeBuilder::update(const json& wanted, const Written& written) {
  std::map<std::string, Operation> routes;
  for (const auto& [path, after] : wanted.items()) {
    const Attribute& attribute = *view_.can().schema.find(path);
    const auto last = written.find(path);
    if (!attribute.readable && last == written.end()) continue;
    const bool known = attribute.readable || last->second;
    const json before = attribute.readable ? at_path(attributes_, path) : last->second.value_or(json());
    if (known && before == after) continue;
    const UpdateRoute* route = may_update(attribute, before, after);
    if (route == nullptr) continue;
    change_.fields.push_back({path, before, after, rule_of(path)});
    Operation& operation = routes.try_emplace(route->name, make(OperationKind::update)).first->second;
    operation.route = route->name;
    if (known) operation.before[path] = before;
    operation.after[path] = after;
  }
  if (must_recreate()) return;
  for (const UpdateRoute& route : view_.can().updates) {  // in the order the platform wants
    const auto found = routes.find(route.name);
    if (found != routes.end()) add(std::move(found->second));
  }
  if (!routes.empty()) say(ChangeAct::update);
}

const UpdateRoute* ChangeBuilder::may_update(const Attribute& attribute, const json& before,
                                             const json& after) {
  const UpdateRoute* route = view_.can().route(attribute.path);
  const auto refuse = [&](NoteKind kind, const std::string& why) -> const UpdateRoute* {
    note(kind, fmt::format("{} is {} and should be {}: {}", attribute.path, before.dump(), after.dump(), why),
         fmt::format("{} differs: {}", attribute.path, why));
    return nullptr;
  };
  if (route == nullptr && attribute.readable && view_.rules().without_update == Fallback::recreate) {
    const std::string why = why_not_recreate();
    if (!why.empty()) return refuse(NoteKind::cannot_recreate, "this platform cannot change it, and " + why);
    immutable_[attribute.path] = before;
    return nullptr;
  }
  if (route == nullptr) {
    const bool chosen = view_.rules().without_update == Fallback::report;
    return refuse(chosen ? NoteKind::reported : NoteKind::immutable, "this platform cannot change it");
  }
  if (after.is_null() && !attribute.clearable)
    return refuse(NoteKind::not_clearable, "this platform cannot empty it");
  if (is_self() && attribute.path == view_.can().natural_key) {
    return refuse(NoteKind::own_account, "it is the account this program logs in with");
  }
  return route;
}

ChangeBuilder::Edges ChangeBuilder::wanted_edges(const json& groups) {
  WantedEdges wanted = usher::wanted_edges(groups, *view_.names);
  for (const WantedEdges::Unknown& one : wanted.unknown) {
    note(NoteKind::unknown_group, one.why);
    decision_.notes.back().group = one.kind + " " + one.name;
    complete_ = false;
  }
  for (auto& [edge, details] : wanted.known)
    if (const auto held = held_.find(edge); held != held_.end())
      details = wanted_details(view_.rules(), details, held->second);
  return std::move(wanted.known);
}

void ChangeBuilder::memberships(const json& groups) {
  const Edges wanted = wanted_edges(groups);
  std::set<std::string> stays;  // kinds of which at least one remains
  for (const auto& [edge, details] : wanted) {
    stays.insert(edge.first);
    put_membership(edge, details, given_by(edge));
  }
  if (view_.rules().keep_other_groups) return;
  for (const auto& [edge, details] : held_) {
    if (!manages(view_.rules(), edge.first) || wanted.count(edge) > 0) continue;
    const EntitlementKind* kind = view_.can().entitlement(edge.first);
    if (kind != nullptr && kind->keeps_last && stays.insert(edge.first).second) {
      note(NoteKind::last_group,
           fmt::format("stays in {} {}: an account must have at least one and the rules give none",
                       edge.first, view_.names->name_of(edge.first, edge.second)));
    } else {
      remove_membership(edge, details, "no rule gives it");
    }
  }
}

void ChangeBuilder::remove_memberships(const std::string& because, Taking taking) {
  for (const auto& [edge, details] : held_) {
    const EntitlementKind* kind = view_.can().entitlement(edge.first);
    const bool last_stays = kind != nullptr && kind->keeps_last;
    const bool can = kind != nullptr && kind->remove;
    const bool ends = taking == Taking::by_lock ? among(view_.can().locking.takes, edge.first)
                      : taking == Taking::all   ? can && !last_stays
                                                : manages(view_.rules(), edge.first) && !last_stays;
    if (ends) remove_membership(edge, details, because);
  }
}

void ChangeBuilder::revoke_credentials() {
  for (const std::string& kind : view_.can().leaving) {
    Operation operation = make(OperationKind::revoke);
    operation.route = kind;
    // It says whose it is also of an account that nothing identifies: so it is owed where it is refused.
    const std::string& label = view_.can().label;
    if (operation.before.empty()) operation.before[label.empty() ? "id" : label] = nullptr;
    change_.fields.push_back({"credentials." + kind, "all", nullptr, "leaving"});
    add(std::move(operation));
  }
}

void ChangeBuilder::write_for_lock() {
  json wanted = json::object();
  for (const auto& [path, text] : view_.can().locking.sets) wanted[path] = json::parse(text);
  std::map<std::string, Operation> routes;
  for (const auto& [path, after] : wanted.items()) {
    const json& before = at_path(attributes_, path);
    if (before == after) continue;
    const UpdateRoute* route = view_.can().route(path);
    Operation& operation = routes.try_emplace(route->name, make(OperationKind::update)).first->second;
    operation.route = route->name;
    operation.before[path] = before;
    operation.after[path] = after;
    change_.fields.push_back({path, before, after, "the lock"});
  }
  for (auto& [name, operation] : routes) add(std::move(operation));
  if (!routes.empty()) say(ChangeAct::update);
}

void ChangeBuilder::take_away(OperationKind kind, const char* rule) {
  if (kind == OperationKind::disable) change_.fields.push_back({"active", true, false, rule});
  if (kind == OperationKind::lock) change_.fields.push_back({"locked", false, true, rule});
  change_.act = act_of(kind);
  said_ = true;
  add(kind);
}

void ChangeBuilder::note(NoteKind kind, std::string message, std::string cause) {
  decision_.notes.push_back(
      {change_.platform, change_.person, change_.account, kind, std::move(message), std::move(cause)});
}

Decision ChangeBuilder::finish(Situation situation, const std::string& because) {
  if (!decision_.operations.empty()) {
    change_.situation = situation;
    change_.because = because;
    decision_.change = std::move(change_);
  }
  return std::move(decision_);
}

void ChangeBuilder::say(ChangeAct act) {
  if (!said_) change_.act = act;
  said_ = true;
}

Operation ChangeBuilder::make(OperationKind kind) const {
  Operation operation;
  operation.kind = kind;
  operation.platform = change_.platform;
  operation.account = account_ == nullptr ? std::string() : change_.account;
  operation.person = change_.person;
  operation.label = change_.label;
  if (account_ != nullptr) {
    operation.before = identifying_attributes(attributes_, view_.can(), matched_attributes());
    if (change_.person.empty()) remember_excepted(operation);
    operation.was_active = account_->active;
  }
  return operation;
}

std::vector<std::string> ChangeBuilder::matched_attributes() const {
  std::vector<std::string> paths;
  for (const MatchRule& rule : view_.rules().match) paths.push_back(rule.account);
  return paths;
}

void ChangeBuilder::remember_excepted(Operation& operation) const {
  const auto& exception = view_.target->program->orphan_exception();
  if (!exception) return;
  for (const std::string& path : exception->fields("account")) {
    if (view_.can().schema.find(path) != nullptr) operation.before[path] = at_path(attributes_, path);
    if (path.empty() || path == "memberships" || path.starts_with("memberships."))
      operation.before[relied_memberships] = held_memberships(*account_);
  }
}

void ChangeBuilder::add(Operation operation) {
  operation.id = identity_of(operation);
  decision_.operations.push_back(std::move(operation));
}

std::string ChangeBuilder::rule_of(const std::string& path) const {
  return usher::rule_of(*view_.target->program, path);
}

std::string ChangeBuilder::given_by(const std::pair<std::string, std::string>& edge) const {
  const auto found = view_.giving.find(edge);
  return found == view_.giving.end() ? "a rule gives it" : found->second;
}

void ChangeBuilder::put_membership(const std::pair<std::string, std::string>& edge,
                                   const std::vector<std::string>& details, const std::string& because) {
  const EntitlementKind& kind = *view_.can().entitlement(edge.first);
  const auto held = held_.find(edge);
  if (held != held_.end() && (held->second == details || !kind.change)) return;
  const bool is_new = held == held_.end();
  const std::string name = view_.names->name_of(edge.first, edge.second);
  if (is_new && !kind.add) {
    return note(NoteKind::unsupported,
                fmt::format("this platform cannot add anybody to {} {}", edge.first, name));
  }
  Operation operation = make(is_new ? OperationKind::add_membership : OperationKind::change_membership);
  operation.membership = {operation.account, edge.first, edge.second, details};
  if (!is_new) operation.held_details = held->second;
  change_.memberships.push_back({edge.first, edge.second, name,
                                 is_new ? MembershipChange::Act::add : MembershipChange::Act::change,
                                 operation.held_details, details, because});
  say(ChangeAct::update);
  add(std::move(operation));
}

void ChangeBuilder::remove_membership(const std::pair<std::string, std::string>& edge,
                                      const std::vector<std::string>& details, const std::string& because) {
  const EntitlementKind* kind = view_.can().entitlement(edge.first);
  const std::string name = view_.names->name_of(edge.first, edge.second);
  if (kind == nullptr || !kind->remove) {
    return note(NoteKind::unsupported,
                fmt::format("this platform cannot remove anybody from {} {}", edge.first, name));
  }
  if (is_self())
    return note(NoteKind::own_account,
                fmt::format("stays in {} {}: it is this program's own account", edge.first, name));
  if (!complete_)
    return note(NoteKind::unsure,
                fmt::format("stays in {} {}: another rule names one that is not known", edge.first, name));
  if (!view_.unsure.empty()) {
    return note(NoteKind::no_seal, fmt::format("stays in {} {}: {}", edge.first, name, view_.unsure));
  }
  Operation operation = make(OperationKind::remove_membership);
  operation.membership = {change_.account, edge.first, edge.second, {}};
  operation.held_details = details;
  change_.memberships.push_back(
      {edge.first, edge.second, name, MembershipChange::Act::remove, details, {}, because});
  say(ChangeAct::update);
  add(std::move(operation));
}

}  // namespace usher
