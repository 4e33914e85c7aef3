#include "engine/apply/new_links.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/runtime/time.hpp"
#include "state/store/journal.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/links.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

/// Whether somebody else got the account since the plan was made, or the person another one.
bool is_taken(Database& database, const NewLink& link) {
  const PlatformId platform = database.platform(link.platform);
  Links links(database.connection());
  const auto holder = links.of_account(platform, database.fingerprints().of_id(link.account));
  if (holder && holder->person != link.person && holder->person != link.from) return true;
  const auto held = links.of_person(platform, link.person);
  return held && held->account != link.account &&
         Snapshots(database.connection()).find(platform, held->key).has_value();
}

}  // namespace

std::vector<OperationReport> record_new_links(Database& database, const Plan& plan) {
  std::set<std::string> moved;  // platforms that were read since the plan was made
  for (const Seal& seal : plan.seals) {
    const auto state = Snapshots(database.connection()).platform(seal.platform);
    if (!state || state->generation != seal.generation) moved.insert(seal.platform);
  }
  const bool by_hand = Journal(database.connection()).links_were_changed_since(plan.now);
  std::map<std::string, std::vector<Pair>> pairs;
  for (const NewLink& link : plan.links) {
    if ((by_hand || moved.contains(link.platform)) && is_taken(database, link)) continue;
    pairs[link.platform].push_back({link.person, link.account, link.how, link.from});
  }
  Transaction transaction(database.connection());
  std::vector<OperationReport> troubles;
  for (const auto& [platform, found] : pairs) {
    for (RefusedLink& refused : record_links(database, platform, found, now_text())) {
      Operation none;
      none.platform = platform;
      none.person = refused.pair.person;
      none.account = none.label = refused.pair.account;
      troubles.push_back({std::move(none), OperationState::failed, std::move(refused.why)});
    }
  }
  transaction.commit();
  return troubles;
}

}  // namespace usher
