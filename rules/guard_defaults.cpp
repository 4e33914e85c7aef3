#include "rules/guard_defaults.hpp"

namespace usher {

std::optional<Guard> default_guard(GuardKind kind) {
  switch (kind) {
    case GuardKind::create:
    case GuardKind::update:
      return Guard{25, 20, {}};
    case GuardKind::enable:
      return Guard{10, 5, {}};
    case GuardKind::keys:
      return Guard{5, 5, {}};
    case GuardKind::removals:
    case GuardKind::vanished:
    case GuardKind::vanished_records:
      return Guard{10, 2, {}};
    case GuardKind::orphans:
      return Guard{1, 5, {}};
    case GuardKind::rule_errors:
      return Guard{2, 3, {}};
    case GuardKind::disable:
    case GuardKind::remove:
    case GuardKind::memberships:
      return std::nullopt;  // removals counts them
  }
  return std::nullopt;
}

bool is_of_people(GuardKind kind) {
  return kind == GuardKind::vanished_records || kind == GuardKind::rule_errors;
}

bool needs_history(GuardKind kind) {
  return kind == GuardKind::create || kind == GuardKind::update;
}

}  // namespace usher
