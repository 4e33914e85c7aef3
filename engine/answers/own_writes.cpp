#include "engine/answers/own_writes.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/answers/written_accounts.hpp"
#include "state/store/journal.hpp"
#include "state/store/snapshot_writer.hpp"

namespace usher {

namespace {

constexpr std::size_t batch = 4096;

/// The next generation: the last one with what usher wrote.
void publish(Database& database, const PlatformState& state, const WrittenAccounts& written) {
  SnapshotWriter writer(database, state.platform);
  std::vector<PreparedAccount> accounts;
  const auto add = [&](PreparedAccount account) {
    accounts.push_back(std::move(account));
    if (accounts.size() < batch) return;
    writer.add(std::move(accounts));
    accounts.clear();
  };
  Connection own = database.reader();
  Snapshots snapshots(own);
  for (const RowSlice& slice : snapshots.row_slices(state.platform, 1))
    snapshots.for_each_alive(slice, [&](const AccountView& view) {
      if (!written.accounts().contains(std::string(view.id))) add({view.account(), view.key, view.digest});
    });
  for (const auto& [id, account] : written.accounts())
    if (account) add(prepare(*account, database.fingerprints()));
  writer.add(std::move(accounts));
  Publication publication;
  publication.sealed = true;
  publication.started_at = state.started_at;
  publication.ended_at = state.ended_at;
  publication.entitlements = snapshots.entitlements(state.platform);
  publication.source = state.source;
  writer.publish(publication);
}

}  // namespace

void count_own_writes(Database& copy, const Workspace& setup) {
  Journal journal(copy.connection());
  for (const PlatformState& state : Snapshots(copy.connection()).platforms()) {
    const auto connector = setup.connectors.find(state.name);
    if (connector == setup.connectors.end() || !state.sealed || !state.overtaken()) continue;
    if (journal.written_since(state.name, state.writes_read) < state.writes - state.writes_read) continue;
    WrittenAccounts written(
        connector->second->capabilities(), [&](const std::string& id) -> std::optional<Account> {
          auto stored = Snapshots(copy.connection()).find(state.platform, copy.fingerprints().of_id(id));
          if (!stored) return std::nullopt;
          return std::move(stored->account);
        });
    journal.for_each_written_since(state.name, state.writes_read,
                                   [&](const JournalEntry& entry) { written.add(entry); });
    publish(copy, state, written);
  }
}

}  // namespace usher
