#include "engine/desired/planning_input.hpp"

#include <algorithm>

#include "engine/desired/entitlement_names.hpp"
#include "engine/runtime/time.hpp"
#include "engine/runtime/version.hpp"
#include "state/model/sha256.hpp"

namespace usher {

namespace {

std::optional<PlatformId> platform_of(Database& database, const std::string& name) {
  return database.writes() ? database.platform(name) : database.find_platform(name);
}

bool waits(const std::optional<int>& days) {
  return days && *days > 0;
}

}  // namespace

bool gives_grace(const AccountRules& rules) {
  return waits(rules.leavers.disable_after_days) || waits(rules.leavers.delete_after_days);
}

bool counts_days(const AccountRules& rules) {
  return gives_grace(rules) || rules.orphans.take();
}

bool PlanningInput::evaluates_now() const {
  return rules->people().uses_now() || std::any_of(targets.begin(), targets.end(), [](const Target& target) {
           return target.program->uses_now();
         });
}

bool PlanningInput::looks_at_the_clock() const {
  return evaluates_now() || std::any_of(targets.begin(), targets.end(), [](const Target& target) {
           return counts_days(target.program->rules());
         });
}

PlanningInput planning_input(Database& database, const Workspace& setup, const std::string& began) {
  PlanningInput input;
  std::string digests = setup.config->digest + std::string(planning_sources());
  Snapshots snapshots(database.connection());
  for (const std::string& name : setup.config->people.from) {
    const auto platform = platform_of(database, name);
    if (!platform) continue;
    input.sources.push_back(
        source_of(name, *platform, setup.connectors.at(name)->capabilities(), database.connection()));
    if (const auto& names = input.sources.back().names) digests += name + names->digest();
    if (const auto& locked = input.sources.back().locked)
      for (const std::string& account : *locked) digests += account + '\n';
    input.now_text = std::max(input.now_text, snapshots.platform(*platform).started_at);
  }
  for (const auto& [name, program] : setup.rules->accounts()) {
    const auto platform = platform_of(database, name);
    if (!platform) continue;
    const std::string salt =
        program.capabilities().digest + EntitlementNames(snapshots.entitlements(*platform)).digest();
    input.targets.push_back({name, *platform, &program, salt});
    digests += name + salt + setup.connectors.at(name)->signature();
    input.now_text = std::max(input.now_text, snapshots.platform(*platform).started_at);
  }
  input.rules = &*setup.rules;
  input.rules_digest = sha256(digests);
  input.configuration = setup.config->digest;
  input.now = {seconds_of(began), 0};
  if (input.looks_at_the_clock()) input.now_text = began;
  return input;
}

}  // namespace usher
