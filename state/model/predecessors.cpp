#include "state/model/predecessors.hpp"

namespace usher {

bool needs(const Operation& later, const Operation& earlier, const Capabilities& capabilities) {
  if (earlier.kind == OperationKind::create) return later.account.empty();
  if (earlier.kind == OperationKind::remove) return later.kind == OperationKind::create;
  if (earlier.kind == OperationKind::enable)
    return later.kind == OperationKind::update && capabilities.updates_need_active;
  if (earlier.kind == OperationKind::add_membership && later.kind == OperationKind::remove_membership) {
    const EntitlementKind* kind = capabilities.entitlement(later.membership.kind);
    return kind != nullptr && kind->keeps_last && earlier.membership.kind == later.membership.kind;
  }
  return false;
}

std::optional<std::size_t> open_predecessor(std::span<const Operation> operations, std::size_t index,
                                            const std::vector<bool>& done, const Capabilities& capabilities) {
  for (std::size_t i = 0; i < index; ++i) {
    if (!done[i] && needs(operations[index], operations[i], capabilities)) return i;
  }
  return std::nullopt;
}

}  // namespace usher
