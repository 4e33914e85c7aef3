#include "engine/plan/agreed_links.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/desired/agreed_pairs.hpp"
#include "state/store/lifecycle.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

/// Looking at everybody pays when at least one in so many has to be matched.
constexpr std::size_t few = 8;

}  // namespace

void take_agreed_pairs(Database& database, const PlanningInput& input, std::size_t target,
                       const EntitlementNames& names, Difference& difference, Plan& plan,
                       Progress& progress) {
  const Target& platform = input.targets[target];
  const std::size_t possible = std::min(difference.missing.size(), difference.unclaimed.size());
  if (possible == 0 || possible * few < Wanted(database.connection()).count(platform.platform)) return;
  // Where usher remembers of somebody that they left, or that an account is locked, each is looked at.
  if (Lifecycle(database.connection()).any(platform.platform)) return;
  std::vector<Fingerprint> people, accounts;
  for_each_agreed_pair(database, input, target, names, difference.missing, difference.unclaimed, progress,
                       [&](const AgreedPair& pair) {
                         people.push_back(pair.wanted);
                         accounts.push_back(pair.account);
                         plan.links.push_back({platform.name,
                                               std::string(pair.person),
                                               std::string(pair.account_id),
                                               {LinkOrigin::Kind::matched, std::string(pair.path)}});
                       });
  if (people.empty()) return;
  plan.situations[platform.name]["matched"] += people.size();
  difference.missing = without(difference.missing, std::move(people));
  difference.unclaimed = without(difference.unclaimed, std::move(accounts));
}

}  // namespace usher
