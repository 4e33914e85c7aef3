#include "engine/plan/guard_basis.hpp"

#include <map>

#include "engine/plan/approval_signers.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"

namespace usher {

std::string fact_of_settled(const std::string& platform) {
  return "settled " + platform;
}

GuardBasis guard_basis(Database& database, const Config& config, const Plan& plan,
                       const PlanningInput& made_from) {
  GuardBasis basis;
  basis.people = &config.people;
  basis.declared = LazyCount([&database] { return People(database.connection()).count(); });
  std::map<std::string, std::uint64_t> found;
  for (const NewLink& link : plan.links) ++found[link.platform];
  for (const Target& target : made_from.targets) {
    const auto linked = [&database, id = target.platform, more = found[target.name]] {
      return Links(database.connection()).count(id) + more;
    };
    basis.platforms[target.name] = {&config.accounts.at(target.name), LazyCount(linked),
                                    target.program->capabilities().natural_key,
                                    database.fact(fact_of_settled(target.name)).has_value()};
  }
  basis.is_declared = [&database](const std::string& person) {
    return People(database.connection()).find(database.fingerprints().of_person(person)).has_value();
  };
  basis.had_account = [&database](const std::string& platform, const std::string& person) {
    Links links(database.connection());
    const PlatformId id = database.platform(platform);
    const auto ended = links.last_ended(id, person);
    return links.of_person(id, person) || (ended && !ended->deleted);
  };
  basis.approvals = admitting_approvals(database, config.approvals, text_of(made_from.now.seconds));
  return basis;
}

}  // namespace usher
