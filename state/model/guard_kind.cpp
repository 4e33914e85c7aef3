#include "state/model/guard_kind.hpp"

#include <stdexcept>
#include <string>

#include "state/model/named.hpp"

namespace usher {

const char* to_string(GuardKind kind) {
  switch (kind) {
    case GuardKind::create:
      return "create";
    case GuardKind::update:
      return "update";
    case GuardKind::enable:
      return "enable";
    case GuardKind::disable:
      return "disable";
    case GuardKind::remove:
      return "delete";
    case GuardKind::memberships:
      return "memberships";
    case GuardKind::removals:
      return "removals";
    case GuardKind::orphans:
      return "orphans";
    case GuardKind::keys:
      return "keys";
    case GuardKind::vanished:
      return "vanished";
    case GuardKind::vanished_records:
      return "vanished-records";
    case GuardKind::rule_errors:
      return "rule-errors";
  }
  return "";
}

GuardKind guard_kind(std::string_view name) {
  if (const auto kind = named<GuardKind>(name)) return *kind;
  throw std::invalid_argument("unknown guard '" + std::string(name) + "'");
}

}  // namespace usher
