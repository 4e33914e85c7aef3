#include "engine/review.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace usher {

namespace {

bool counts(const std::string& guard, OperationKind kind) {
  if (guard == "removals") return takes_away(kind);
  if (guard == "disable") return kind == OperationKind::disable || kind == OperationKind::lock;
  if (guard == "delete") return kind == OperationKind::remove;
  if (guard == "memberships") return kind == OperationKind::remove_membership;
  if (guard == "update") return kind == OperationKind::update || kind == OperationKind::enable;
  return guard == "create" && kind == OperationKind::create;
}

std::uint64_t allowed_by(const Guard& guard, std::uint64_t population) {
  const auto share =
      static_cast<std::uint64_t>(std::floor(guard.percent * static_cast<double>(population) / 100));
  return std::max(share, guard.at_least);
}

void judge(Plan& plan, const std::string& platform, const std::string& name, const Guard& guard,
           std::uint64_t population) {
  std::set<std::size_t> changes;
  for (const Operation& operation : plan.operations) {
    if (operation.platform == platform && counts(name, operation.kind)) changes.insert(operation.change);
  }
  const std::uint64_t allowed = allowed_by(guard, population);
  if (changes.size() <= allowed) return;
  for (Operation& operation : plan.operations) {
    const bool whole = name == "create";  // what follows a create cannot run without it
    if (changes.count(operation.change) > 0 && (whole || counts(name, operation.kind))) operation.held = true;
  }
  plan.objections.push_back(
      {platform, name, changes.size(), allowed, population,
       fmt::format(
           "guard {}: {} of {} linked accounts, {} are allowed ({} %, at least {}). They are held, "
           "everything "
           "else goes on. If it is meant, allow it: accounts.{}.guards.{}: {{percent: {}, at-least: {}}}",
           name, changes.size(), population, allowed, guard.percent, guard.at_least, platform, name,
           guard.percent, changes.size())});
}

}  // namespace

void review(Plan& plan, const std::map<std::string, AccountRules>& rules,
            const std::map<std::string, std::uint64_t>& population) {
  for (const auto& [platform, account_rules] : rules) {
    const auto found = population.find(platform);
    std::map<std::string, Guard> guards = account_rules.guards;
    guards.try_emplace("removals");
    for (const auto& [name, guard] : guards) {
      judge(plan, platform, name, guard, found == population.end() ? 0 : found->second);
    }
  }
}

}  // namespace usher
