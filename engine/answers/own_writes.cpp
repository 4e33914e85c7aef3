#include "engine/answers/own_writes.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/model/json_path.hpp"
#include "state/model/normalise.hpp"
#include "state/model/operation.hpp"
#include "state/store/journal.hpp"
#include "state/store/snapshot_writer.hpp"

namespace usher {

namespace {

using nlohmann::json;

constexpr std::size_t batch = 4096;

/// Takes out the objects that hold nothing: an account has no empty members.
void remove_empty(json& object) {
  for (auto member = object.begin(); member != object.end();) {
    if (member->is_object()) remove_empty(*member);
    member = member->is_object() && member->empty() ? object.erase(member) : std::next(member);
  }
}

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
    if (account) write(*account, operation);
  }

  /// The next generation: the last one with what usher wrote.
  void publish() {
    SnapshotWriter writer(database_, state_.platform);
    std::vector<PreparedAccount> accounts;
    const auto add = [&](Account account) {
      accounts.push_back(prepare(std::move(account), database_.fingerprints()));
      if (accounts.size() < batch) return;
      writer.add(std::move(accounts));
      accounts.clear();
    };
    Connection own = database_.reader();
    Snapshots snapshots(own);
    for (const RowSlice& slice : snapshots.row_slices(state_.platform, 1))
      snapshots.for_each_alive(slice, [&](const AccountView& view) {
        if (!accounts_.contains(std::string(view.id))) add(view.account());
      });
    for (auto& [id, account] : accounts_)
      if (account) add(std::move(*account));
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

  void write(Account& account, const Operation& operation) const {
    switch (operation.kind) {
      case OperationKind::enable:
        account.active = true;
        break;
      case OperationKind::disable:
        account.active = false;
        break;
      case OperationKind::lock:
        for (const auto& [path, value] : can_.locking.shows)
          set(account, json::object({{path, json::parse(value)}}));
        break;
      case OperationKind::create:
      case OperationKind::update:
        set(account, operation.after);
        for (const Membership& membership : operation.gives) put(account, membership);
        break;
      case OperationKind::add_membership:
      case OperationKind::change_membership:
        put(account, operation.membership);
        break;
      case OperationKind::remove_membership:
        take(account, operation.membership);
        break;
      case OperationKind::unlock:
      case OperationKind::rotate:
      case OperationKind::revoke:
      case OperationKind::remove:
        break;  // no pull shows it, or nothing is left
    }
  }

  void set(Account& account, const json& values) const {
    json attributes = json::parse(account.attributes);
    for (const auto& [path, value] : values.items()) {
      const Attribute* attribute = can_.schema.find(path);
      if (attribute != nullptr && (!attribute->readable || attribute->secret)) continue;
      json shown = attribute == nullptr ? value : normalised(value, *attribute);
      if (!shown.is_null()) {
        put_at(attributes, path, std::move(shown));
      } else if (!at_path(attributes, path).is_null()) {
        erase_at(attributes, path);
      }
    }
    remove_empty(attributes);
    account.attributes = attributes.dump();
  }

  static json memberships(const Account& account) {
    return json::parse(account.memberships.empty() ? "{}" : account.memberships);
  }

  void put(Account& account, const Membership& membership) const {
    const EntitlementKind* kind = can_.entitlement(membership.kind);
    json all = memberships(account);
    all[membership.kind][membership.entitlement] =
        kind == nullptr || kind->details.empty() ? membership.details : kind->closure(membership.details);
    account.memberships = all.dump();
  }

  static void take(Account& account, const Membership& membership) {
    json all = memberships(account);
    const auto kind = all.find(membership.kind);
    if (kind == all.end()) return;
    kind->erase(membership.entitlement);
    if (kind->empty()) all.erase(kind);
    account.memberships = all.dump();
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
