#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/plan/change_builder.hpp"
#include "state/model/effect.hpp"
#include "state/model/normalise.hpp"

namespace usher {

using nlohmann::json;

namespace {

bool did(const std::vector<Operation>& done, OperationKind kind) {
  return std::any_of(done.begin(), done.end(),
                     [kind](const Operation& operation) { return operation.kind == kind; });
}

std::string shown(const json& value) {
  return value.is_null() ? "empty" : value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

void ChangeBuilder::put_back(const std::vector<Operation>& done, const std::string& run, bool locked,
                             const Written& written) {
  for (const Operation& operation : done) {
    if (operation.kind != OperationKind::rotate && operation.kind != OperationKind::revoke) continue;
    note(NoteKind::irreversible, fmt::format("{} did {} {}, which nothing brings back", run,
                                             to_string(operation.kind), operation.route));
  }
  if (did(done, OperationKind::remove)) {
    return note(NoteKind::irreversible,
                fmt::format("{} deleted the account; the one that is there now is another", run));
  }
  if (did(done, OperationKind::create)) return take_back_create(done, run);
  put_back_use(done, run, locked);
  put_back_values(done, run, written);
  put_back_memberships(done, run);
  // Whatever takes the use away comes last, whatever gives it comes first.
  std::stable_sort(
      decision_.operations.begin(), decision_.operations.end(), [](const Operation& a, const Operation& b) {
        const auto rank = [](const Operation& one) {
          const bool gives = one.kind == OperationKind::enable || one.kind == OperationKind::unlock;
          const bool takes = one.kind == OperationKind::disable || one.kind == OperationKind::lock;
          return gives ? 0 : takes ? 2 : 1;
        };
        return rank(a) < rank(b);
      });
}

void ChangeBuilder::put_back_use(const std::vector<Operation>& done, const std::string& run, bool locked) {
  const Capabilities& can = view_.can();
  const auto refuse = [&](const char* what) {
    note(NoteKind::irreversible, fmt::format("this platform cannot {} the account again", what));
  };
  const auto field = [&](const char* path, bool before) {
    change_.fields.push_back({path, before, !before, run});
  };
  for (auto operation = done.rbegin(); operation != done.rend(); ++operation) {
    switch (operation->kind) {
      case OperationKind::disable:
        if (account_->active) break;
        if (!can.enable) return refuse("enable");
        say(ChangeAct::enable);
        field("active", false);
        return add(OperationKind::enable);
      case OperationKind::lock:
        if (!locked) break;
        if (!can.unlock) return refuse("unlock");
        say(ChangeAct::unlock);
        field("locked", true);
        return add(OperationKind::unlock);
      case OperationKind::enable:
      case OperationKind::unlock: {
        const bool disables = operation->kind == OperationKind::enable;
        if (disables ? !account_->active : locked) break;
        if (is_self()) return note(NoteKind::own_account, "stays in use: it is this program's own account");
        if (disables ? !can.disable : !can.lock) return refuse(disables ? "disable" : "lock");
        say(disables ? ChangeAct::disable : ChangeAct::lock);
        field(disables ? "active" : "locked", disables);
        return add(disables ? OperationKind::disable : OperationKind::lock);
      }
      default:
        break;
    }
  }
}

void ChangeBuilder::take_back_create(const std::vector<Operation>& done, const std::string& run) {
  const Capabilities& can = view_.can();
  if (is_self()) return note(NoteKind::own_account, "stays: it is this program's own account");
  json values = json::object();
  for (const Operation& operation : done) values.update(operation.after);
  for (const auto& [path, value] : values.items()) {
    const Attribute* attribute = can.schema.find(path);
    const json& now = at_path(attributes_, path);
    if (attribute == nullptr || !attribute->readable || now == value) continue;
    return note(NoteKind::changed_since,
                fmt::format("{} is {} by now, {} created the account with {}; the account stays", path,
                            shown(now), run, shown(value)),
                fmt::format("{} changed after {} created the account", path, run));
  }
  if (can.remove) {
    say(ChangeAct::remove);
    return add(OperationKind::remove);
  }
  note(NoteKind::irreversible,
       fmt::format("{} created the account, and this platform cannot delete it: it is {}", run,
                   can.disable ? "disabled"
                   : can.lock  ? "locked"
                               : "left as it is"));
  remove_memberships(run + " gave it", Taking::all);
  if (!account_->active || (!can.disable && !can.lock)) return;
  said_ = false;  // whatever else goes, that the account goes is the strongest
  say(can.disable ? ChangeAct::disable : ChangeAct::lock);
  change_.fields.push_back({can.disable ? "active" : "locked", can.disable, !can.disable, run});
  add(can.disable ? OperationKind::disable : OperationKind::lock);
}

void ChangeBuilder::put_back_values(const std::vector<Operation>& done, const std::string& run,
                                    const Written& written) {
  const auto is_shown = [&](const std::string& path) {
    const Attribute* attribute = view_.can().schema.find(path);
    return attribute == nullptr || attribute->readable;
  };
  const auto held = [&](const std::string& path) -> const json& {  // REQUIRES: !is_unknown()
    return is_shown(path) ? at_path(attributes_, path) : *written.at(path);
  };
  const auto is_unknown = [&](const std::string& path, const Operation& operation) {
    if (is_shown(path)) return false;
    const auto last = written.find(path);
    return last == written.end() || !last->second || !operation.before.contains(path);
  };
  std::map<std::string, json> values;  // path -> what it is once what follows in `done` is put back
  std::set<std::string> changed;
  for (auto operation = done.rbegin(); operation != done.rend(); ++operation) {
    if (operation->kind != OperationKind::update) continue;
    for (const auto& [path, after] : operation->after.items()) {
      if (changed.contains(path)) continue;
      if (is_unknown(path, *operation)) {
        changed.insert(path);
        note(
            NoteKind::irreversible,
            fmt::format("{} was written by {}, and nobody knows what it was before or is by now", path, run));
        continue;
      }
      const json before = operation->before.value(path, json());
      const json& now = values.try_emplace(path, held(path)).first->second;
      if (now == before) continue;
      if (now != after) {
        changed.insert(path);
        note(NoteKind::changed_since,
             fmt::format("{} is {} by now, {} wrote {}; it stays", path, shown(now), run, shown(after)),
             fmt::format("{} changed after {}", path, run));
        continue;
      }
      values[path] = before;
    }
  }
  std::map<std::string, Operation> routes;
  for (const auto& [path, value] : values) {
    if (changed.contains(path)) continue;
    const json& now = held(path);
    if (now == value) continue;
    const Attribute* attribute = view_.can().schema.find(path);
    if (attribute == nullptr || (value.is_null() && !attribute->clearable)) {
      note(NoteKind::irreversible,
           fmt::format("{} was empty before {}, and this platform cannot empty it", path, run));
      continue;
    }
    const UpdateRoute* route = may_update(*attribute, now, value);
    if (route == nullptr) continue;
    change_.fields.push_back({path, now, value, run});
    Operation& operation = routes.try_emplace(route->name, make(OperationKind::update)).first->second;
    operation.route = route->name;
    operation.before[path] = now;
    operation.after[path] = value;
  }
  for (const UpdateRoute& route : view_.can().updates) {
    const auto found = routes.find(route.name);
    if (found != routes.end()) add(std::move(found->second));
  }
  if (!routes.empty()) say(ChangeAct::update);
}

void ChangeBuilder::put_back_memberships(const std::vector<Operation>& done, const std::string& run) {
  using Details = std::optional<std::vector<std::string>>;
  std::map<std::pair<std::string, std::string>, Details> edges;
  std::set<std::pair<std::string, std::string>> changed;
  for (auto operation = done.rbegin(); operation != done.rend(); ++operation) {
    if (operation->membership.kind.empty()) continue;
    const std::pair edge{operation->membership.kind, operation->membership.entitlement};
    const auto held = held_.find(edge);
    Details& now = edges.try_emplace(edge, held == held_.end() ? Details() : held->second).first->second;
    const bool added = operation->kind == OperationKind::add_membership;
    const bool removed = operation->kind == OperationKind::remove_membership;
    const Details before = added ? Details() : Details(operation->held_details);
    const Details after = removed ? Details() : Details(operation->membership.details);
    if (now == before || changed.contains(edge)) continue;
    if (now == after) {
      now = before;
      continue;
    }
    changed.insert(edge);
    note(NoteKind::changed_since, fmt::format("{} {}: the membership changed after {}; it stays", edge.first,
                                              view_.names->name_of(edge.first, edge.second), run));
  }
  const std::string because = "as it was before " + run;
  for (const auto& [edge, details] : edges) {
    const bool possible =
        details && view_.can().entitlement(edge.first) != nullptr && !changed.contains(edge);
    if (!possible) continue;
    if (view_.names->has(edge.first, edge.second))
      put_membership(edge, *details, because);
    else
      note(NoteKind::irreversible, fmt::format("{} {} is not there any more", edge.first,
                                               view_.names->name_of(edge.first, edge.second)));
  }
  for (const auto& [edge, details] : edges) {
    const auto held = held_.find(edge);
    if (!details && held != held_.end() && !changed.contains(edge))
      remove_membership(edge, held->second, because);
  }
}

Account ChangeBuilder::after_changes() const {
  Account account = *account_;
  for (const Operation& operation : decision_.operations) apply_effect(operation, account, view_.can());
  return account;
}

}  // namespace usher
