#include "engine/session/persons_accounts.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "state/store/links.hpp"
#include "state/store/snapshots.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

using nlohmann::json;

json parsed(const std::string& memberships) {
  return json::parse(memberships.empty() ? "{}" : memberships);
}

/// Reads an account with all it is in. covered: the kinds of memberships that pulls read; nullopt: all.
Outcome<std::optional<Account>> read_whole(Connector& connector, const Account& stored,
                                           const std::optional<std::vector<std::string>>& covered,
                                           const std::stop_token& stop) {
  AccountQuery known{.id = stored.id,
                     .kinds = std::vector<std::string>(),
                     .edges = std::vector<std::pair<std::string, std::string>>()};
  AccountQuery unknown{.id = stored.id, .kinds = std::vector<std::string>()};
  for (const EntitlementKind& kind : connector.capabilities().entitlements) {
    const bool is_covered =
        !covered || std::find(covered->begin(), covered->end(), kind.name) != covered->end();
    (is_covered ? known : unknown).kinds->push_back(kind.name);
  }
  const json shown = parsed(stored.memberships);
  for (const auto& [kind, edges] : shown.items()) {
    for (const auto& [id, details] : edges.items()) known.edges->emplace_back(kind, id);
  }
  auto account = connector.read(known, stop);
  if (!account || !*account || unknown.kinds->empty()) return account;
  auto rest = connector.read(unknown, stop);
  if (!rest || !*rest) return rest;
  json memberships = parsed((*account)->memberships);
  memberships.update(parsed((*rest)->memberships));
  (*rest)->memberships = memberships.dump();
  return rest;
}

}  // namespace

bool all_linked(Database& database, const Workspace& setup, const PlanningInput& input,
                const std::string& person) {
  Links links(database.connection());
  Wanted wanted(database.connection());
  return std::all_of(input.targets.begin(), input.targets.end(), [&](const Target& target) {
    const auto link = links.of_person(target.platform, person);
    if (!link) return !wanted.find(target.platform, database.fingerprints().of_person(person));
    return setup.connectors.at(target.name)->capabilities().read;
  });
}

std::map<std::string, OffboardedAccount> accounts_now(Database& database, const Workspace& setup,
                                                      const PlanningInput& input, const std::string& person,
                                                      std::stop_token stop) {
  std::map<std::string, OffboardedAccount> accounts;
  for (const Target& target : input.targets) {
    OffboardedAccount& one = accounts[target.name];
    const auto link = Links(database.connection()).of_person(target.platform, person);
    if (!link) continue;
    one.id = link->account;
    const auto stored = Snapshots(database.connection()).find(target.platform, link->key);
    Connector& connector = *setup.connectors.at(target.name);
    auto account =
        stored ? read_whole(connector, stored->account, needs_of(*setup.config, target.name, false), stop)
               : connector.read({.id = one.id}, stop);  // no pull shows it yet
    if (!account) {
      one.not_read = "nothing is planned here: the account " + one.id +
                     " could not be read: " + describe(account.error());
      one.failure = std::move(account.error());
    } else
      one.account = std::move(*account);
  }
  return accounts;
}

}  // namespace usher
