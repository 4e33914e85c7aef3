#include "state/model/plan.hpp"

#include <algorithm>
#include <stdexcept>

#include "state/model/named.hpp"

namespace usher {

const char* to_string(Situation situation) {
  switch (situation) {
    case Situation::matched:
      return "matched";
    case Situation::missing:
      return "missing";
    case Situation::orphan:
      return "orphan";
    case Situation::ambiguous:
      return "ambiguous";
    case Situation::claimed:
      return "claimed";
    case Situation::ignored:
      return "ignored";
    case Situation::unqualified:
      return "unqualified";
  }
  return "";
}

Situation situation(std::string_view name) {
  if (const auto known = named<Situation>(name)) return *known;
  throw std::invalid_argument("unknown situation '" + std::string(name) + "'");
}

const char* to_string(ChangeAct act) {
  switch (act) {
    case ChangeAct::create:
      return "create";
    case ChangeAct::recreate:
      return "recreate";
    case ChangeAct::update:
      return "update";
    case ChangeAct::enable:
      return "enable";
    case ChangeAct::unlock:
      return "unlock";
    case ChangeAct::disable:
      return "disable";
    case ChangeAct::lock:
      return "lock";
    case ChangeAct::remove:
      return "delete";
    case ChangeAct::rotate:
      return "rotate";
    case ChangeAct::revoke:
      return "revoke";
  }
  return "";
}

ChangeAct change_act(std::string_view name) {
  if (const auto act = named<ChangeAct>(name)) return *act;
  throw std::invalid_argument("unknown act '" + std::string(name) + "'");
}

ChangeAct act_of(OperationKind kind) {
  switch (kind) {
    case OperationKind::create:
      return ChangeAct::create;
    case OperationKind::enable:
      return ChangeAct::enable;
    case OperationKind::unlock:
      return ChangeAct::unlock;
    case OperationKind::update:
    case OperationKind::add_membership:
    case OperationKind::change_membership:
    case OperationKind::remove_membership:
      return ChangeAct::update;
    case OperationKind::rotate:
      return ChangeAct::rotate;
    case OperationKind::revoke:
      return ChangeAct::revoke;
    case OperationKind::disable:
      return ChangeAct::disable;
    case OperationKind::lock:
      return ChangeAct::lock;
    case OperationKind::remove:
      return ChangeAct::remove;
  }
  return ChangeAct::update;
}

std::string lane_of(const std::string& platform, GuardKind guard) {
  const bool of_people = guard == GuardKind::vanished_records || guard == GuardKind::rule_errors;
  return (of_people ? "people" : platform) + "." + to_string(guard);
}

std::string lane_of(const Objection& objection) {
  return lane_of(objection.platform, objection.guard);
}

bool is_of_lane(const Objection& objection, const std::string& lane) {
  return lane_of(objection) == lane ||
         std::find(objection.also.begin(), objection.also.end(), lane) != objection.also.end();
}

bool takes_account(ChangeAct act) {
  return act == ChangeAct::disable || act == ChangeAct::lock || act == ChangeAct::remove ||
         act == ChangeAct::recreate;
}

std::uint64_t held_operations(const Plan& plan) {
  return static_cast<std::uint64_t>(std::count_if(plan.operations.begin(), plan.operations.end(),
                                                  [](const Operation& operation) { return operation.held; }));
}

}  // namespace usher
