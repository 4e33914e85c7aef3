#include "engine/plan/admission.hpp"

#include <algorithm>
#include <set>

namespace usher {

namespace {

bool gives_account(OperationKind kind) {
  return kind == OperationKind::create || kind == OperationKind::enable || kind == OperationKind::unlock;
}

}  // namespace

Admission::Admission(const Plan& plan, const std::multimap<std::string, Approval>& approvals) : plan_(plan) {
  if (approvals.empty()) return;
  for (const Operation& operation : plan.operations) {
    std::vector<const Approval*>& own = by_operation_.emplace_back();
    const auto [first, last] = approvals.equal_range(approval_digest(operation));
    for (auto each = first; each != last; ++each) own.push_back(&each->second);
  }
}

void Admission::admit(Lane& lane) const {
  lane.admitted.assign(lane.parts.size(), nullptr);
  if (by_operation_.empty()) return;
  std::set<std::size_t> giving, left;  // changes
  for (std::size_t i = 0; i < lane.parts.size(); ++i) {
    if (lane.parts[i] == Lane::Part::none) continue;
    const Operation& operation = plan_.operations[i];
    const std::vector<const Approval*>& own = by_operation_[i];
    const auto found = std::find_if(own.begin(), own.end(),
                                    [&](const Approval* approval) { return approval->is_for(lane.name); });
    if (found != own.end()) lane.admitted[i] = *found;
    if (lane.admitted[i] == nullptr) left.insert(operation.change);
    if (gives_account(operation.kind)) giving.insert(operation.change);
  }
  for (std::size_t i = 0; i < lane.parts.size(); ++i) {
    const std::size_t change = plan_.operations[i].change;
    if (giving.contains(change) && left.contains(change)) lane.admitted[i] = nullptr;
  }
}

}  // namespace usher
