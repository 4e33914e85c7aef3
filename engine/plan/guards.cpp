#include "engine/plan/guards.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace usher {

namespace {

/// Changes an account that stays in use.
bool gives(OperationKind kind) {
  return kind == OperationKind::update || kind == OperationKind::enable || kind == OperationKind::unlock;
}

bool counts(GuardKind guard, const Operation& operation) {
  const OperationKind kind = operation.kind;
  if (takes_away(kind) && operation.account.empty()) return false;  // from an account that is only now made
  switch (guard) {
    case GuardKind::create:
      return kind == OperationKind::create;
    case GuardKind::update:
      return gives(kind);
    case GuardKind::disable:
      return kind == OperationKind::disable || kind == OperationKind::lock;
    case GuardKind::remove:
      return kind == OperationKind::remove;
    case GuardKind::memberships:
      return kind == OperationKind::remove_membership;
    case GuardKind::removals:
      return takes_away(kind);
    case GuardKind::enable:
    case GuardKind::keys:
    case GuardKind::vanished:
    case GuardKind::vanished_records:
    case GuardKind::rule_errors:
      return false;
  }
  return false;
}

std::uint64_t allowed_by(const Guard& guard, std::uint64_t population) {
  const auto share =
      static_cast<std::uint64_t>(std::floor(guard.percent * static_cast<double>(population) / 100));
  return std::max(share, guard.at_least);
}

void judge(Plan& plan, const std::string& platform, GuardKind name, const Guard& guard,
           std::uint64_t population) {
  std::set<std::size_t> changes;
  std::set<std::size_t> whole;  // changes that make no sense without what is held of them
  for (const Operation& operation : plan.operations) {
    if (operation.platform != platform || !counts(name, operation)) continue;
    changes.insert(operation.change);
    const bool part = gives(operation.kind) || operation.kind == OperationKind::remove_membership;
    if (!part) whole.insert(operation.change);
  }
  const std::uint64_t allowed = allowed_by(guard, population);
  if (changes.size() <= allowed) return;
  for (Operation& operation : plan.operations) {
    const bool counts_here = changes.count(operation.change) > 0 && counts(name, operation);
    if (counts_here || whole.count(operation.change) > 0) operation.held = true;
  }
  plan.objections.push_back(
      {platform, name, changes.size(), allowed, population,
       fmt::format(
           "guard {}: {} of {} linked accounts, {} are allowed ({} %, at least {}). They are held, "
           "everything "
           "else goes on. If it is meant, allow it: accounts.{}.guards.{}: {{percent: {}, at-least: {}}}",
           to_string(name), changes.size(), population, allowed, guard.percent, guard.at_least, platform,
           to_string(name), guard.percent, changes.size())});
}

}  // namespace

void review(Plan& plan, const std::map<std::string, AccountRules>& rules,
            const std::map<std::string, std::uint64_t>& population) {
  for (const auto& [platform, account_rules] : rules) {
    const auto found = population.find(platform);
    std::map<GuardKind, Guard> guards = account_rules.guards;
    guards.try_emplace(GuardKind::removals);
    for (const auto& [name, guard] : guards) {
      judge(plan, platform, name, guard, found == population.end() ? 0 : found->second);
    }
  }
}

}  // namespace usher
