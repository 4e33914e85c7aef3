#include "engine/plan/holding_off.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "engine/plan/plan_filter.hpp"
#include "engine/plan/plan_order.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/predecessors.hpp"
#include "state/store/holds.hpp"

namespace usher {

namespace {

/// Of an update the values that are held off are left out; nothing else of it changes.
/// renamed: its id before, and now.
void leave_out_values(Operation& operation, const std::map<std::string, Hold>& holds, Change& change,
                      const Hold*& found, std::map<std::string, std::string>& renamed) {
  std::vector<std::string> paths;
  for (const auto& [path, value] : operation.after.items()) {
    const auto hold = holds.find(part_of(operation, path));
    if (hold == holds.end()) continue;
    found = &hold->second;
    paths.push_back(path);
  }
  if (paths.size() == operation.after.size()) return;  // all of it goes
  for (const std::string& path : paths) {
    operation.after.erase(path);
    operation.before.erase(path);
    std::erase_if(change.fields, [&](const FieldChange& field) { return field.path == path; });
  }
  if (paths.empty()) return;
  const std::string before = std::exchange(operation.id, identity_of(operation));
  renamed[before] = operation.id;
}

bool is_of_values(const Operation& operation) {
  return operation.kind == OperationKind::update || !operation.membership.kind.empty();
}

}  // namespace

void heed_holds(Plan& plan, Database& database, const PlanningInput& input) {
  const std::map<std::string, Hold> holds = Holds(database.connection()).all(text_of(input.now.seconds));
  if (holds.empty()) return;
  std::map<std::string, const Capabilities*> platforms;
  for (const Target& target : input.targets) platforms[target.name] = &target.program->capabilities();
  std::vector<bool> dropped(plan.operations.size());
  std::map<std::size_t, const Hold*> told;  // by change
  std::set<std::size_t> whole;
  std::map<std::string, std::string> renamed;
  for (std::size_t i = 0; i < plan.operations.size(); ++i) {
    Operation& operation = plan.operations[i];
    const Hold* found = nullptr;
    if (operation.kind == OperationKind::update && !operation.after.empty()) {
      leave_out_values(operation, holds, plan.changes[operation.change], found, renamed);
      dropped[i] = found != nullptr && holds.contains(parts_of(operation).front());
    } else if (const auto hold = holds.find(parts_of(operation).front()); hold != holds.end()) {
      found = &hold->second;
      dropped[i] = true;
      if (!is_of_values(operation)) whole.insert(operation.change);
    }
    if (found != nullptr) told[operation.change] = found;
  }
  if (told.empty()) return;
  for (Operation& operation : plan.operations) {
    for (std::string& giver : operation.waits_for)
      if (const auto now = renamed.find(giver); now != renamed.end()) giver = now->second;
  }
  for (std::size_t i = 0; i < plan.operations.size(); ++i) {
    const Operation& operation = plan.operations[i];
    if (whole.contains(operation.change)) dropped[i] = true;
    for (std::size_t before = i; before-- > 0 && plan.operations[before].change == operation.change;) {
      if (dropped[before] && needs(operation, plan.operations[before], *platforms.at(operation.platform)))
        dropped[i] = true;
    }
  }
  for (const auto& [index, hold] : told) {
    const Change& change = plan.changes[index];
    plan.notes.push_back(
        {change.platform, change.person, change.account, NoteKind::held_off,
         fmt::format("not all of it is done before {}: run {} undid it and holds it off{}{}", hold->until,
                     hold->run, hold->reason.empty() ? "" : ": ", hold->reason)});
  }
  take_out(plan, dropped);
  put_in_order(plan);
}

}  // namespace usher
