#include "engine/apply/aftermath.hpp"

#include <optional>

#include "state/model/effect.hpp"
#include "state/store/links.hpp"
#include "state/store/owed_takings.hpp"
#include "state/store/refusals.hpp"
#include "state/store/snapshots.hpp"
#include "state/store/wanted.hpp"

namespace usher {

void remember_taking(Database& database, const Operation& operation, OperationState state) {
  if (operation.kind != OperationKind::revoke) return;
  OwedTakings owed(database.connection());
  if (state == OperationState::done) owed.forget(operation.id);  // whoever asked for it
  const bool refused = state == OperationState::failed || state == OperationState::unknown;
  if (refused && is_owed_until_done(operation)) owed.put(operation);
}

void remember_refusal(Database& database, const Operation& operation, const std::string& message,
                      const std::string& at) {
  const PlatformId platform = database.platform(operation.platform);
  Snapshots snapshots(database.connection());
  const auto held = operation.account.empty()
                        ? std::nullopt
                        : snapshots.find(platform, database.fingerprints().of_id(operation.account));
  Refusal refusal{operation.platform, std::nullopt, snapshots.platform(platform).generation, at, message};
  if (held) refusal.account = held->digest;
  Refusals(database.connection()).put(operation.id, refusal);
}

void remember_applied(Database& database, const Operation& operation) {
  const PlatformId platform = database.platform(operation.platform);
  Links links(database.connection());
  const auto link = links.of_person(platform, operation.person);
  if (!link) return;
  const auto row = Wanted(database.connection()).find(platform, link->key);
  if (row) links.set_applied(platform, operation.person, row->digest);
}

}  // namespace usher
