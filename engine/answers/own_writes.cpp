#include "engine/answers/own_writes.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/model/effect.hpp"
#include "state/model/operation.hpp"
#include "state/store/journal.hpp"
#include "state/store/snapshot_writer.hpp"

namespace usher {

namespace {

using nlohmann::json;

constexpr std::size_t batch = 4096;

/// The accounts of one platform that usher wrote to, as its writes left them.
class WrittenAccounts {
 public:
  WrittenAccounts(Database& database, const PlatformState& state, const Capabilities& can)
      : database_(database), state_(state), can_(can) {}

  void add(const JournalEntry& entry) {
    if (entry.state != OperationState::done && entry.state != OperationState::owed) return;
    const Operation operation = operation_from_json(json::parse(entry.detail));
    const bool creates = operation.kind == OperationKind::create;
    std::string id = entry.account;
    if (creates) made_[entry.person] = id;
    if (id.empty()) id = made_[entry.person];  // planned before the account had an id
    if (id.empty()) return;
    std::optional<Account>& account = known(id);
    if (operation.kind == OperationKind::remove) return account.reset();
    if (creates) account = Account{id, operation.active, "{}", "{}"};
    if (account) apply_effect(operation, *account, can_);
  }

  /// The next generation: the last one with what usher wrote.
  void publish() {
    SnapshotWriter writer(database_, state_.platform);
    std::vector<PreparedAccount> accounts;
    const auto add = [&](PreparedAccount account) {
      accounts.push_back(std::move(account));
      if (accounts.size() < batch) return;
      writer.add(std::move(accounts));
      accounts.clear();
    };
    Connection own = database_.reader();
    Snapshots snapshots(own);
    for (const RowSlice& slice : snapshots.row_slices(state_.platform, 1))
      snapshots.for_each_alive(slice, [&](const AccountView& view) {
        if (!accounts_.contains(std::string(view.id))) add({view.account(), view.key, view.digest});
      });
    for (auto& [id, account] : accounts_)
      if (account) add(prepare(std::move(*account), database_.fingerprints()));
    writer.add(std::move(accounts));
    Publication publication;
    publication.sealed = true;
    publication.started_at = state_.started_at;
    publication.ended_at = state_.ended_at;
    publication.entitlements = snapshots.entitlements(state_.platform);
    publication.source = state_.source;
    writer.publish(publication);
  }

 private:
  std::optional<Account>& known(const std::string& id) {
    const auto [found, is_new] = accounts_.try_emplace(id);
    if (!is_new) return found->second;
    auto stored = Snapshots(database_.connection()).find(state_.platform, database_.fingerprints().of_id(id));
    if (stored) found->second = std::move(stored->account);
    return found->second;
  }

  Database& database_;
  const PlatformState& state_;
  const Capabilities& can_;
  std::map<std::string, std::optional<Account>> accounts_;
  std::map<std::string, std::string> made_;  // person -> account that was created
};

}  // namespace

void count_own_writes(Database& copy, const Workspace& setup) {
  Journal journal(copy.connection());
  for (const PlatformState& state : Snapshots(copy.connection()).platforms()) {
    const auto connector = setup.connectors.find(state.name);
    if (connector == setup.connectors.end() || !state.sealed || !state.overtaken()) continue;
    if (journal.written_since(state.name, state.writes_read) < state.writes - state.writes_read) continue;
    WrittenAccounts written(copy, state, connector->second->capabilities());
    journal.for_each_written_since(state.name, state.writes_read,
                                   [&](const JournalEntry& entry) { written.add(entry); });
    written.publish();
  }
}

}  // namespace usher
