#include "engine/plan/reversal.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace usher {

namespace {

/// The stronger of two ways back, where the first may be missing.
Reversal way_back(bool exact, bool like) {
  return exact ? Reversal::reversible : like ? Reversal::restorable : Reversal::irreversible;
}

/// Whether every value that an update writes over can be written again.
bool values_come_back(const Operation& operation, const Capabilities& can) {
  const auto& values = operation.after.items();
  return std::all_of(values.begin(), values.end(), [&](const auto& value) {
    const Attribute* attribute = can.schema.find(value.key());
    if (attribute == nullptr || attribute->secret) return false;
    if (!attribute->readable && !operation.before.contains(value.key())) return false;
    const bool was_empty = !operation.before.contains(value.key()) || operation.before[value.key()].is_null();
    return attribute->clearable || !was_empty;
  });
}

Reversal reversal_of(const Operation& operation, const Capabilities& can) {
  const bool of_new_account = operation.account.empty();
  if (of_new_account) return way_back(can.remove, can.disable || can.lock);
  const EntitlementKind* kind = can.entitlement(operation.membership.kind);
  switch (operation.kind) {
    case OperationKind::create:
      return way_back(can.remove, can.disable || can.lock);
    case OperationKind::enable:
      return way_back(can.disable, false);
    case OperationKind::unlock:
      return way_back(false, can.lock);
    case OperationKind::update:
      return way_back(values_come_back(operation, can), false);
    case OperationKind::add_membership:
      return way_back(kind != nullptr && kind->remove, false);
    case OperationKind::change_membership:
      return way_back(kind != nullptr && kind->change, false);
    case OperationKind::remove_membership:
      return way_back(kind != nullptr && kind->add, false);
    case OperationKind::disable:
      return way_back(can.enable, false);
    case OperationKind::lock:
      return way_back(false, can.unlock);
    case OperationKind::rotate:
    case OperationKind::revoke:
    case OperationKind::remove:
      return Reversal::irreversible;
  }
  return Reversal::irreversible;
}

}  // namespace

void mark_reversals(Plan& plan, const PlanningInput& input) {
  std::map<std::string, const Capabilities*> platforms;
  for (const Target& target : input.targets) platforms[target.name] = &target.program->capabilities();
  for (Operation& operation : plan.operations) {
    const auto can = platforms.find(operation.platform);
    const bool recreated = plan.changes[operation.change].act == ChangeAct::recreate;
    operation.reversal =
        can == platforms.end() || recreated ? Reversal::irreversible : reversal_of(operation, *can->second);
  }
}

}  // namespace usher
