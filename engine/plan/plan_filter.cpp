#include "engine/plan/plan_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "engine/desired/text_search.hpp"
#include "engine/plan/plan_order.hpp"
#include "engine/runtime/exit_code.hpp"
#include "state/model/account_label.hpp"
#include "state/store/people.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

/// Somebody a part of a plan is about, by everything that names them.
class Named {
 public:
  explicit Named(const std::vector<std::string>& keys) : keys_(keys.begin(), keys.end()) {}

  bool holds(const std::string& name) {
    const bool found = !name.empty() && keys_.count(name) > 0;
    if (found) met_.insert(name);
    return found;
  }
  bool met(const std::string& key) const { return met_.count(key) > 0; }

 private:
  std::set<std::string> keys_, met_;
};

/// Keeps the changes of which keeps(change) is true, and their operations.
template <class Keeps>
void keep_changes(Plan& plan, const Keeps& keeps) {
  std::vector<std::size_t> place(plan.changes.size());
  std::vector<Change> changes;
  std::vector<char> stays(plan.changes.size());
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    Change& change = plan.changes[i];
    if (!keeps(change)) continue;
    stays[i] = 1;
    place[i] = changes.size();
    changes.push_back(std::move(change));
  }
  plan.changes = std::move(changes);
  std::erase_if(plan.operations, [&](const Operation& operation) { return stays[operation.change] == 0; });
  for (Operation& operation : plan.operations) operation.change = place[operation.change];
}

/// Whether anybody has this key, or any account this id.
bool is_known(Database& database, const PlanningInput& input, const std::string& key) {
  if (is_somebody(database, key)) return true;
  Snapshots snapshots(database.connection());
  const Fingerprint id = database.fingerprints().of_id(key);
  return std::any_of(input.targets.begin(), input.targets.end(),
                     [&](const Target& target) { return snapshots.find(target.platform, id).has_value(); });
}

constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

/// Ids of the accounts of the last pulls that have this label.
std::vector<std::string> ids_of_label(Database& database, const PlanningInput& input,
                                      const std::string& label) {
  std::vector<std::string> ids;
  for (const Target& target : input.targets) {
    const auto is_it = [&](const AccountView& view) {
      const auto attributes = nlohmann::json::parse(view.attributes, nullptr, false);
      return !attributes.is_discarded() &&
             label_of(std::string(view.id), attributes, target.program->capabilities()) == label;
    };
    for (const Account& account : accounts_that_hold(database, target.platform, label, all, is_it))
      ids.push_back(account.id);
  }
  return ids;
}

}  // namespace

bool is_of_everybody(const Plan& plan) {
  return plan.only.empty() && plan.undoes == 0 && !plan.situations.empty();
}

namespace {

void forget_in_change(Change& change, const Operation& operation) {
  std::erase_if(change.fields, [&](const FieldChange& field) {
    const bool switched = operation.kind == OperationKind::enable || operation.kind == OperationKind::disable;
    return operation.after.contains(field.path) || (switched && field.path == "active");
  });
  std::erase_if(change.memberships, [&](const MembershipChange& edge) {
    return edge.kind == operation.membership.kind && edge.entitlement == operation.membership.entitlement;
  });
}

}  // namespace

void take_out(Plan& plan, const std::vector<bool>& dropped) {
  std::vector<std::set<OperationKind>> kept(plan.changes.size());
  std::vector<Operation> operations;
  for (std::size_t i = 0; i < plan.operations.size(); ++i) {
    Operation& operation = plan.operations[i];
    if (dropped[i]) {
      forget_in_change(plan.changes[operation.change], operation);
    } else {
      kept[operation.change].insert(operation.kind);
      operations.push_back(std::move(operation));
    }
  }
  std::vector<std::size_t> place(plan.changes.size());
  std::vector<Change> changes;
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    if (kept[i].empty()) continue;
    Change& change = plan.changes[i];
    const bool still = std::any_of(kept[i].begin(), kept[i].end(),
                                   [&](OperationKind kind) { return change.act == act_of(kind); });
    if (!still && change.act != ChangeAct::recreate) change.act = ChangeAct::update;
    place[i] = changes.size();
    changes.push_back(std::move(change));
  }
  for (Operation& operation : operations) operation.change = place[operation.change];
  plan.operations = std::move(operations);
  plan.changes = std::move(changes);
}

void leave_out(Plan& plan, const std::vector<Unsettled>& unsettled) {
  if (unsettled.empty()) return;
  const auto waits = [&](const auto& one) {
    return std::any_of(unsettled.begin(), unsettled.end(), [&](const Unsettled& open) {
      return open.concerns(one.platform, one.person, one.account);
    });
  };
  keep_changes(plan, [&](const Change& change) { return !waits(change); });
  std::set<std::tuple<std::string, std::string, std::string>> told;
  for (const Unsettled& open : unsettled) {
    if (!told.emplace(open.platform, open.person, open.account).second) continue;
    plan.notes.push_back(
        {open.platform, open.person, open.account, NoteKind::unsettled,
         fmt::format("nothing is done to '{}' now: what run {} sent is not known to have been done "
                     "or not: {}",
                     open.label, open.run, open.why)});
  }
  put_in_order(plan);
}

void keep_only(Plan& plan, std::vector<std::string> keys, Database& database, const PlanningInput& input) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  std::vector<std::string> names = keys, of_nobody;
  for (const std::string& key : keys) {
    if (is_known(database, input, key)) continue;
    const std::vector<std::string> ids = ids_of_label(database, input, key);
    names.insert(names.end(), ids.begin(), ids.end());
    if (ids.empty()) of_nobody.push_back(key);
  }
  Named named(names);
  const auto about_others = [&](const auto& one) {
    const bool person = named.holds(one.person);
    return !named.holds(one.account) && !person;
  };
  keep_changes(plan, [&](const Change& change) {
    const bool person = named.holds(change.person), account = named.holds(change.account);
    return named.holds(change.label) || person || account;
  });
  std::erase_if(plan.links, about_others);
  std::erase_if(plan.unlinks, about_others);
  // What concerns a whole platform concerns them too.
  std::erase_if(plan.notes, [&](const Note& note) {
    return about_others(note) && !(note.person.empty() && note.account.empty());
  });
  std::erase_if(plan.objections, [&](const Objection& objection) {
    return std::none_of(plan.operations.begin(), plan.operations.end(), [&](const Operation& operation) {
      return std::any_of(operation.held_by.begin(), operation.held_by.end(),
                         [&](const std::string& lane) { return is_of_lane(objection, lane); });
    });
  });
  if (plan.guards) {  // of everybody's plan: only those that hold something here
    std::erase_if(*plan.guards, [&](const GuardUse& use) {
      return std::none_of(plan.objections.begin(), plan.objections.end(), [&](const Objection& one) {
        return is_of_lane(one, lane_of(use.platform, use.guard));
      });
    });
  }
  plan.situations.clear();
  for (const std::string& key : of_nobody) {
    if (named.met(key)) continue;  // the label of an account that is to be created
    throw CommandError(ExitCode::usage,
                       fmt::format("Nobody is known by '{}': it is neither the key of a person nor the id or "
                                   "label of an account of the last pulls or of one that is to be created.",
                                   key));
  }
  plan.only = std::move(keys);
}

}  // namespace usher
