#include "engine/plan/guard_basis.hpp"

#include "engine/runtime/time.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"

namespace usher {

std::string fact_of_settled(const std::string& platform) {
  return "settled " + platform;
}

GuardBasis guard_basis(Database& database, const Config& config, const Plan& plan,
                       const PlanningInput& made_from) {
  GuardBasis basis{{}, &config.people, People(database.connection()).count(), {}, {}, {}};
  for (const Target& target : made_from.targets) {
    basis.platforms[target.name] = {
        &config.accounts.at(target.name), Links(database.connection()).count(target.platform),
        target.program->capabilities().natural_key, database.fact(fact_of_settled(target.name)).has_value()};
  }
  for (const NewLink& link : plan.links) ++basis.platforms[link.platform].population;
  basis.is_declared = [&database](const std::string& person) {
    return People(database.connection()).find(database.fingerprints().of_person(person)).has_value();
  };
  basis.had_account = [&database](const std::string& platform, const std::string& person) {
    Links links(database.connection());
    const PlatformId id = database.platform(platform);
    return links.of_person(id, person) || !links.last_ended(id, person).empty();
  };
  basis.approvals = Approvals(database.connection()).holding(now_text());
  return basis;
}

}  // namespace usher
