#include "rules/capability_fallbacks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace usher {

namespace {

std::string others(std::vector<std::string> possible, const std::string& chosen) {
  std::erase(possible, chosen);
  return possible.empty() ? std::string() : fmt::format(" (or {})", fmt::join(possible, ", "));
}

}  // namespace

std::vector<CapabilityFallback> capability_fallbacks(const AccountProgram& program) {
  const AccountRules& rules = program.rules();
  const Capabilities& can = program.capabilities();
  std::vector<CapabilityFallback> found;
  if (!can.create && rules.create)
    found.push_back(
        {rules.platform, "create", "report",
         fmt::format(
             "{0} cannot create an account with the options it has, so that everybody without one asks for "
             "attention; `usher connector show` says which options there are, or choose with "
             "accounts.{0}.create: false",
             rules.platform)});
  if (!can.disable && rules.leavers.disable_after_days) {
    std::vector<std::string> possible{"report"};
    if (can.lock) possible.emplace_back("lock");
    if (can.remove) possible.emplace_back("delete");
    const Fallback choice = rules.leavers.without_disable.value_or(Fallback::report);
    const std::string chosen = to_string(choice);
    const char* done = choice == Fallback::lock     ? "locked"
                       : choice == Fallback::remove ? "deleted"
                                                    : "reported, nothing is done";
    found.push_back(
        {rules.platform, "leavers.without-disable", chosen,
         rules.leavers.without_disable
             ? fmt::format("{} cannot disable an account: leavers are {}; leavers.without-disable: {}{}",
                           rules.platform, done, chosen, others(possible, chosen))
             : fmt::format(
                   "{0} cannot disable an account, and nothing is chosen, so that every leaver asks for "
                   "attention; choose with accounts.{0}.leavers.without-disable: {1}",
                   rules.platform, fmt::join(possible, " | "))});
  }
  std::vector<std::string> fixed;
  for (const AccountProgram::Assignment& assignment : program.assignments()) {
    if (assignment.attribute->readable && can.route(assignment.path) == nullptr)
      fixed.push_back(assignment.path);
  }
  if (!fixed.empty()) {
    std::vector<std::string> possible{"report"};
    if (can.create && can.remove) possible.emplace_back("recreate");
    const std::string chosen = to_string(rules.without_update.value_or(Fallback::report));
    found.push_back(
        {rules.platform, "without-update", chosen,
         !rules.without_update
             ? fmt::format("{0} cannot change {1}, and nothing is chosen, so that every difference asks for "
                           "attention; choose with accounts.{0}.without-update: {2}",
                           rules.platform, fmt::join(fixed, ", "), fmt::join(possible, " | "))
             : fmt::format("{} cannot change {}: {}; without-update: {}{}", rules.platform,
                           fmt::join(fixed, ", "),
                           chosen == "recreate" ? "an account that differs is deleted and made anew"
                                                : "a difference is reported, nothing is done",
                           chosen, others(possible, chosen))});
  }
  return found;
}

}  // namespace usher
