#include "engine/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "state/model/fingerprint.hpp"
#include "state/model/normalise.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// The memberships of one account or the wanted ones: kind and id -> details.
using Edges = std::map<std::pair<std::string, std::string>, std::vector<std::string>>;

std::string identity_of(const Operation& operation) {
  const json parts = {to_string(operation.kind),
                      operation.platform,
                      operation.account,
                      operation.person,
                      operation.route,
                      operation.after,
                      operation.active,
                      operation.membership.kind,
                      operation.membership.entitlement,
                      operation.membership.details};
  return public_digest(parts.dump()).substr(0, 16);
}

/// Builds the verdict of one account, one difference at a time.
class Judge {
 public:
  Judge(const PlatformView& view, std::string person, const Account* account)
      : view_(view), account_(account) {
    change_.platform = view.target->name;
    change_.person = std::move(person);
    if (account == nullptr) return;
    change_.account = account->id;
    attributes_ = json::parse(account->attributes);
    const json& label = at_path(attributes_, view.can().label);
    change_.label = label.is_string() ? label.get<std::string>() : account->id;
    const json memberships = json::parse(account->memberships.empty() ? "{}" : account->memberships);
    for (const auto& [kind, edges] : memberships.items()) {
      for (const auto& [id, details] : edges.items())
        held_[{kind, id}] = details.get<std::vector<std::string>>();
    }
  }

  bool is_self() const { return account_ != nullptr && !view_.self.empty() && account_->id == view_.self; }

  void enable() {
    if (account_->active) return;
    if (!view_.can().enable)
      return note("cannot-enable", "the account is disabled and this platform cannot enable it");
    say("enable");
    change_.fields.push_back({"active", false, true, "people.active"});
    add(OperationKind::enable);
  }

  /// Attributes that differ, one operation for each call of the platform that writes some of them.
  void update(const json& wanted) {
    std::map<std::string, Operation> routes;
    for (const auto& [path, after] : wanted.items()) {
      const Attribute& attribute = *view_.can().schema.find(path);
      const json& before = at_path(attributes_, path);
      if (!attribute.readable || before == after) continue;
      const UpdateRoute* route = may_update(attribute, before, after);
      if (route == nullptr) continue;
      change_.fields.push_back({path, before, after, rule_of(path)});
      Operation& operation = routes.try_emplace(route->name, make(OperationKind::update)).first->second;
      operation.route = route->name;
      operation.before[path] = before;
      operation.after[path] = after;
    }
    for (const UpdateRoute& route : view_.can().updates) {  // in the order the platform wants
      const auto found = routes.find(route.name);
      if (found != routes.end()) add(std::move(found->second));
    }
    if (!routes.empty()) say("update");
  }

  void create(const json& wanted, const Capabilities& can) {
    Operation operation = make(OperationKind::create);
    for (const auto& [path, value] : wanted.items()) {
      if (value.is_null()) continue;
      const Attribute& attribute = *can.schema.find(path);
      change_.fields.push_back({path, nullptr, value, rule_of(path)});
      if (attribute.creatable) operation.after[path] = value;
      if (path == can.label && value.is_string()) change_.label = value.get<std::string>();
    }
    if (change_.label.empty()) change_.label = change_.person;
    operation.label = change_.label;
    say("create");
    add(std::move(operation));
    for (const UpdateRoute& route : can.updates) update_after_create(route, wanted);
  }

  /// Memberships the rules give and the ones they no longer give, additions first.
  void memberships(const json& groups) {
    Edges wanted;
    for (const json& group : groups) {
      const std::string kind = group.at(0);
      const auto id = view_.names->id_of(kind, group.at(1));
      if (!id) {
        note("unknown-" + kind, id.error());
        complete_ = false;
        continue;
      }
      std::vector<std::string>& details = wanted[{kind, *id}];
      const std::vector<std::string> more = group.at(2);
      std::set<std::string> all(details.begin(), details.end());
      all.insert(more.begin(), more.end());
      details.assign(all.begin(), all.end());
    }
    for (const auto& [edge, details] : wanted) put_membership(edge, details);
    for (const auto& [edge, details] : held_) {
      if (wanted.count(edge) == 0) remove_membership(edge, details, "no rule gives it");
    }
  }

  void remove_memberships(const std::string& because) {
    if (!view_.rules().groups) return;
    for (const auto& [edge, details] : held_) remove_membership(edge, details, because);
  }

  void take_away(OperationKind kind) {
    if (kind == OperationKind::disable) change_.fields.push_back({"active", true, false, "leavers"});
    change_.act = to_string(kind);
    add(kind);
  }

  void note(std::string kind, std::string message) {
    verdict_.notes.push_back(
        {change_.platform, change_.person, change_.account, std::move(kind), std::move(message)});
  }

  Verdict finish(Situation situation, const std::string& because) {
    if (!verdict_.operations.empty()) {
      change_.situation = situation;
      change_.because = because;
      verdict_.change = std::move(change_);
    }
    return std::move(verdict_);
  }

 private:
  /// The first thing said is the strongest: later ones only refine it.
  void say(const char* act) {
    if (change_.act.empty()) change_.act = act;
  }

  Operation make(OperationKind kind) const {
    Operation operation;
    operation.kind = kind;
    operation.platform = change_.platform;
    operation.account = change_.account;
    operation.person = change_.person;
    operation.label = change_.label;
    return operation;
  }

  void add(OperationKind kind) { add(make(kind)); }

  void add(Operation operation) {
    operation.id = identity_of(operation);
    verdict_.operations.push_back(std::move(operation));
  }

  std::string rule_of(const std::string& path) const {
    for (const auto& assignment : view_.target->program->assignments()) {
      if (assignment.path != path) continue;
      return fmt::format("{} ({})", assignment.program.source(), assignment.expression->place.to_string());
    }
    return {};
  }

  const UpdateRoute* may_update(const Attribute& attribute, const json& before, const json& after) {
    const UpdateRoute* route = view_.can().route(attribute.path);
    const auto refuse = [&](const char* kind, const std::string& why) -> const UpdateRoute* {
      note(kind,
           fmt::format("{} is {} and should be {}: {}", attribute.path, before.dump(), after.dump(), why));
      return nullptr;
    };
    if (route == nullptr) return refuse("immutable", "this platform cannot change it");
    if (after.is_null() && !attribute.clearable)
      return refuse("not-clearable", "this platform cannot empty it");
    if (is_self() && attribute.path == view_.can().natural_key) {
      return refuse("own-account", "it is the account this program logs in with");
    }
    return route;
  }

  /// What a create cannot set and an update can.
  void update_after_create(const UpdateRoute& route, const json& wanted) {
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

  void put_membership(const std::pair<std::string, std::string>& edge,
                      const std::vector<std::string>& details) {
    const EntitlementKind& kind = *view_.can().entitlement(edge.first);
    const auto held = held_.find(edge);
    if (held != held_.end() && (held->second == details || !kind.change)) return;
    const bool is_new = held == held_.end();
    const std::string name = view_.names->name_of(edge.first, edge.second);
    if (is_new && !kind.add) {
      return note("unsupported", fmt::format("this platform cannot add anybody to {} {}", edge.first, name));
    }
    Operation operation = make(is_new ? OperationKind::add_membership : OperationKind::change_membership);
    operation.membership = {change_.account, edge.first, edge.second, details};
    if (!is_new) operation.held_details = held->second;
    change_.memberships.push_back({edge.first, edge.second, name,
                                   is_new ? MembershipChange::Act::add : MembershipChange::Act::change,
                                   operation.held_details, details, "a rule gives it"});
    say("update");
    add(std::move(operation));
  }

  void remove_membership(const std::pair<std::string, std::string>& edge,
                         const std::vector<std::string>& details, const std::string& because) {
    const EntitlementKind* kind = view_.can().entitlement(edge.first);
    const std::string name = view_.names->name_of(edge.first, edge.second);
    if (kind == nullptr || !kind->remove) {
      return note("unsupported",
                  fmt::format("this platform cannot remove anybody from {} {}", edge.first, name));
    }
    if (is_self())
      return note("own-account",
                  fmt::format("stays in {} {}: it is this program's own account", edge.first, name));
    if (!complete_)
      return note("unsure",
                  fmt::format("stays in {} {}: another rule names one that is not known", edge.first, name));
    if (!view_.unsure.empty()) {
      return note("no-seal", fmt::format("stays in {} {}: {}", edge.first, name, view_.unsure));
    }
    Operation operation = make(OperationKind::remove_membership);
    operation.membership = {change_.account, edge.first, edge.second, {}};
    operation.held_details = details;
    change_.memberships.push_back(
        {edge.first, edge.second, name, MembershipChange::Act::remove, details, {}, because});
    say("update");
    add(std::move(operation));
  }

  const PlatformView& view_;
  const Account* account_;
  json attributes_ = json::object();
  Edges held_;
  bool complete_ = true;  // every entitlement that rules name is known
  Change change_;
  Verdict verdict_;
};

/// Which step takes a leaver's access, or why none does.
tl::expected<OperationKind, std::string> last_step(const PlatformView& view) {
  const Capabilities& can = view.can();
  const LeaverRules& rules = view.rules().leavers;
  if (rules.delete_after_days == 0 && can.remove) return OperationKind::remove;
  if (!rules.disable_after_days)
    return tl::unexpected(std::string("leavers: the rules never disable anybody here"));
  if (can.disable) return OperationKind::disable;
  if (rules.without_disable == "lock" && can.lock) return OperationKind::lock;
  if (rules.without_disable == "delete" && can.remove) return OperationKind::remove;
  return tl::unexpected(fmt::format("{} cannot disable an account; leavers.without-disable may be {}",
                                    view.target->name, can.lock ? "lock or delete" : "delete"));
}

}  // namespace

Verdict judge_present(const PlatformView& view, const PersonReader::Answer& person, const Account& account,
                      const std::string& because) {
  Judge judge(view, person.id, &account);
  const json wanted = json::parse(person.content);
  judge.enable();
  if (account.active || view.can().enable || !view.can().updates_need_active) judge.update(wanted.at("set"));
  if (wanted.contains("groups")) judge.memberships(wanted.at("groups"));
  return judge.finish(Situation::matched, because);
}

Verdict judge_missing(const PlatformView& view, const PersonReader::Answer& person,
                      const std::string& because) {
  Judge judge(view, person.id, nullptr);
  const json wanted = json::parse(person.content);
  const Capabilities& can = view.can();
  const auto refuse = [&](const char* kind, std::string why) {
    judge.note(kind, std::move(why));
    return judge.finish(Situation::missing, because);
  };
  if (!view.rules().create) return refuse("no-create", "has no account, and the rules create none here");
  if (!can.create)
    return refuse("unsupported", "has no account, and this platform's connector cannot create one");
  if (!view.unsealed.empty()) return refuse("no-seal", "is not created: " + view.unsealed);
  for (const Attribute& attribute : can.schema.attributes) {
    if (!attribute.required || attribute.secret) continue;
    const auto value = wanted.at("set").find(attribute.path);
    if (value == wanted.at("set").end() || value->is_null()) {
      return refuse("incomplete", fmt::format("cannot be created: {} is required and empty", attribute.path));
    }
  }
  judge.create(wanted.at("set"), can);
  if (wanted.contains("groups")) judge.memberships(wanted.at("groups"));
  return judge.finish(Situation::missing, because);
}

Verdict judge_leaver(const PlatformView& view, const std::string& person, const Account& account,
                     const std::string& because) {
  Judge judge(view, person, &account);
  const auto done = [&] { return judge.finish(Situation::unqualified, because); };
  const auto step = last_step(view);
  const bool already =
      account.active == false && (!step || *step == OperationKind::disable || *step == OperationKind::lock);
  const bool holds_nothing =
      !view.rules().groups || account.memberships.empty() || account.memberships == "{}";
  if (already && holds_nothing) return done();
  if (judge.is_self()) {
    judge.note("own-account", "is not taken away: it is the account this program logs in with");
    return done();
  }
  if (!step) {
    judge.note("leaver", fmt::format("{}; stays: {}", because, step.error()));
    return done();
  }
  if (!view.unsure.empty()) {
    judge.note("no-seal", fmt::format("{}; stays: {}", because, view.unsure));
    return done();
  }
  judge.remove_memberships(because);
  if (!already) judge.take_away(*step);
  return done();
}

}  // namespace usher
