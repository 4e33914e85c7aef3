#include "state/store/snapshot_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "state/store/arrivals.hpp"
#include "state/store/former_entitlements.hpp"
#include "state/store/live_row_cursor.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

constexpr std::size_t batch_accounts = 4096;
constexpr std::size_t batch_bytes = 8 << 20;

std::size_t size_of(const Account& account) {
  return account.id.size() + account.attributes.size() + account.memberships.size();
}

bool same(const std::vector<Entitlement>& a, const std::vector<Entitlement>& b) {
  const auto fields = [](const Entitlement& e) { return std::tie(e.kind, e.id, e.name, e.scope, e.members); };
  return std::ranges::equal(a, b, {}, fields, fields);
}

}  // namespace

PreparedAccount prepare(Account account, const Fingerprinter& fingerprints) {
  PreparedAccount prepared;
  prepared.key = fingerprints.of_id(account.id);
  AccountView view;
  view.id = account.id;
  view.active = account.active;
  view.summary = account.summary;
  view.attributes = account.attributes;
  view.memberships = account.memberships;
  prepared.digest = digest_of(view, fingerprints);
  prepared.account = std::move(account);
  return prepared;
}

class SnapshotWriter::Implementation {
 public:
  Implementation(Connection& connection, PlatformId platform)
      : connection_(connection), platform_(platform), before_(Snapshots(connection).platform(platform)) {
    const StatementLoan select = connection.statement("select last_row from platform where id = ?1");
    select->bind(number()).step();
    published_row_ = row_ = static_cast<std::uint32_t>(select->integer(0) - first_row(platform));
    known_.resize(std::size_t{published_row_} + 1);
    walk_.emplace(connection, platform, absolute(published_row_));
  }

  void add(std::vector<PreparedAccount> accounts) {
    seen_ += accounts.size();
    {
      const ReadTransaction reading(connection_);
      for (PreparedAccount& account : accounts) add(std::move(account));
    }
    if (pending_.size() >= batch_accounts || pending_bytes_ >= batch_bytes) write_pending();
  }

  Published publish(const Publication& publication);
  void discard() {
    pending_.clear();
    if (row_ == published_row_) return;
    Transaction transaction(connection_, Durability::lazy);
    remove_unpublished_rows(connection_, platform_);
    transaction.commit();
    row_ = published_row_;
  }

  void show(const StoredAccount& account) {
    unreadable_.push_back(static_cast<std::uint32_t>(account.row - first_row(platform_)));
  }

  std::uint64_t seen() const { return seen_; }
  Arrivals& arrivals() { return arrivals_; }
  std::vector<LiveVersion> absent();
  std::vector<Fingerprint> not_added(std::vector<Fingerprint> keys);

 private:
  struct Pending {
    std::uint32_t row;
    PreparedAccount account;
  };

  std::int64_t number() const { return static_cast<std::int64_t>(platform_); }
  std::int64_t absolute(std::uint32_t row) const { return first_row(platform_) + row; }
  std::uint64_t next_generation() const { return before_.generation + 1; }

  void add(PreparedAccount account);
  void keep(PreparedAccount account, std::uint32_t replaces, bool again);
  void write_pending();
  void bury(std::vector<std::int64_t> rows);
  void bring_to_life(const std::vector<Arrival>& winners);
  void remove(std::vector<LiveVersion> versions);
  void write_entitlements(const Publication& publication);
  void write_snapshot(const Publication& publication, const Published& published);
  std::string shown() const;

  Connection& connection_;
  PlatformId platform_;
  PlatformState before_;
  std::uint32_t published_row_ = 0;  // the last one of the living snapshot
  std::uint32_t row_ = 0;            // the last one given away
  std::optional<LiveRowCursor> walk_;
  std::vector<bool> known_;  // by row: the pull has shown the account of this living version
  std::uint64_t known_count_ = 0;
  std::vector<std::uint32_t> unreadable_;  // rows of known accounts that were shown and could not be read
  std::uint64_t seen_ = 0;
  Arrivals arrivals_;
  std::vector<Pending> pending_;
  std::size_t pending_bytes_ = 0;
};

void SnapshotWriter::Implementation::add(PreparedAccount account) {
  const std::optional<LiveVersion> living = walk_->find(account.key);
  if (!living) return keep(std::move(account), 0, false);
  const auto row = static_cast<std::uint32_t>(living->row - first_row(platform_));
  const bool again = known_[row];
  if (!again) ++known_count_;
  known_[row] = true;
  if (living->digest != account.digest) return keep(std::move(account), row, again);
  if (again) arrivals_.add(account.key, account.digest, row, row, true);
}

void SnapshotWriter::Implementation::keep(PreparedAccount account, std::uint32_t replaces, bool again) {
  if (row_ == UINT32_MAX) {
    throw StoreError(
        StoreErrorKind::full,
        fmt::format("platform '{}': 2^32 versions of accounts are as many as the state can number",
                    before_.name));
  }
  ++row_;
  arrivals_.add(account.key, account.digest, row_, replaces, again);
  pending_bytes_ += size_of(account.account);
  pending_.push_back({row_, std::move(account)});
}

void SnapshotWriter::Implementation::write_pending() {
  if (pending_.empty()) return;
  Transaction transaction(connection_, Durability::lazy);
  {
    const StatementLoan insert =
        connection_.statement("insert into body values (?1, ?2, null, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    for (const Pending& pending : pending_) {
      const Account& account = pending.account.account;
      insert->run(absolute(pending.row), number(), next_generation(), pending.account.key,
                  pending.account.digest, account.active, account.summary, account.id, account.attributes,
                  account.memberships);
    }
  }
  transaction.commit();
  pending_.clear();
  pending_bytes_ = 0;
}

Published SnapshotWriter::Implementation::publish(const Publication& publication) {
  write_pending();
  const Resolution resolution = arrivals_.resolve();
  std::vector<LiveVersion> removed;
  if (publication.sealed) removed = absent();

  Published published;
  published.generation = next_generation();
  published.changed = static_cast<std::uint64_t>(std::ranges::count_if(
      resolution.winners, [](const Arrival& arrival) { return arrival.replaces != 0; }));
  published.added = resolution.winners.size() - published.changed;
  published.removed = removed.size();
  published.accounts = before_.accounts + published.added - published.removed;

  Transaction transaction(connection_);
  for (const std::uint32_t row : resolution.losers)
    connection_.statement("delete from body where row = ?1")->run(absolute(row));
  if (!resolution.winners.empty()) bring_to_life(resolution.winners);
  if (!removed.empty()) remove(std::move(removed));
  write_entitlements(publication);
  write_snapshot(publication, published);
  transaction.commit();
  published_row_ = row_;
  return published;
}

/// The living versions whose accounts the pull did not show.
std::vector<LiveVersion> SnapshotWriter::Implementation::absent() {
  std::vector<LiveVersion> versions;
  if (known_count_ == before_.accounts) return versions;
  for_each_living(connection_, platform_, absolute(published_row_), [&](const LiveVersion& version) {
    if (!known_[static_cast<std::size_t>(version.row - first_row(platform_))]) versions.push_back(version);
  });
  return versions;
}

std::vector<Fingerprint> SnapshotWriter::Implementation::not_added(std::vector<Fingerprint> keys) {
  std::ranges::sort(keys);
  std::vector<bool> added(keys.size());
  for (const Arrival& arrival : arrivals_.all()) {
    const auto key = std::ranges::lower_bound(keys, arrival.key);
    if (key != keys.end() && *key == arrival.key) added[static_cast<std::size_t>(key - keys.begin())] = true;
  }
  std::vector<Fingerprint> left;
  Snapshots snapshots(connection_);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (added[i]) continue;
    const auto living = snapshots.find(platform_, keys[i]);
    if (!living || !known_[static_cast<std::size_t>(living->row - first_row(platform_))])
      left.push_back(keys[i]);
  }
  return left;
}

void SnapshotWriter::Implementation::bring_to_life(const std::vector<Arrival>& winners) {
  std::vector<std::int64_t> replaced;
  PackedTable<AccountEntry>(connection_, platform_, Packing::accounts)
      .change(std::span(winners), winners.size(),
              [&](std::optional<AccountEntry>& entry, const Arrival& winner) {
                if (entry) replaced.push_back(absolute(entry->offset()));
                entry = AccountEntry::of(winner.key, winner.digest, winner.row);
              });
  bury(std::move(replaced));
}

void SnapshotWriter::Implementation::remove(std::vector<LiveVersion> versions) {
  std::vector<std::int64_t> rows;
  for (const LiveVersion& version : versions) rows.push_back(version.row);
  bury(std::move(rows));
  std::ranges::sort(versions, {}, &LiveVersion::key);
  PackedTable<AccountEntry>(connection_, platform_, Packing::accounts)
      .change(std::span<const LiveVersion>(versions), 0,
              [](std::optional<AccountEntry>& entry, const LiveVersion&) { entry.reset(); });
}

void SnapshotWriter::Implementation::bury(std::vector<std::int64_t> rows) {
  std::ranges::sort(rows);
  const StatementLoan update = connection_.statement("update body set died = ?2 where row = ?1");
  for (const std::int64_t row : rows) update->run(row, next_generation());
}

void SnapshotWriter::Implementation::write_entitlements(const Publication& publication) {
  std::vector<Entitlement> entitlements = publication.entitlements;
  const auto kind_and_id = [](const Entitlement& e) { return std::tie(e.kind, e.id); };
  std::ranges::sort(entitlements, {}, kind_and_id);
  const std::vector<Entitlement> known = Snapshots(connection_).entitlements(platform_);
  if (same(entitlements, known)) return;
  for (const Entitlement& old : known) {
    const auto now = std::ranges::lower_bound(entitlements, std::tie(old.kind, old.id), {}, kind_and_id);
    const bool gone = now == entitlements.end() || kind_and_id(*now) != kind_and_id(old);
    if (gone ? publication.sealed : now->name != old.name || now->scope != old.scope)
      remember_former(connection_, platform_, old, publication.ended_at);
  }
  if (publication.sealed) connection_.statement("delete from entitlement where platform = ?1")->run(number());
  const StatementLoan insert =
      connection_.statement("insert or replace into entitlement values (?1, ?2, ?3, ?4, ?5, ?6)");
  for (const Entitlement& e : entitlements) insert->run(number(), e.kind, e.id, e.name, e.scope, e.members);
}

void SnapshotWriter::Implementation::write_snapshot(const Publication& publication,
                                                    const Published& published) {
  connection_
      .statement(
          "update platform set generation = ?2, accounts = ?3, last_row = ?4, source = ?5, "
          "self = case when ?6 = '' then self else ?6 end, "
          "writes_read = case when ?7 then writes else writes_read end, shown = null where id = ?1")
      ->run(number(), published.generation, published.accounts, absolute(row_), publication.source,
            publication.self, publication.sealed);
  if (!publication.sealed) {
    const std::string bits = shown();
    connection_.statement("update platform set shown = ?2 where id = ?1")->run(number(), Bytes{bits});
  }
  connection_.statement("insert into snapshot values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")
      ->run(number(), published.generation, publication.sealed, publication.why_not, publication.started_at,
            publication.ended_at, published.accounts, published.added, published.changed, published.removed,
            absolute(row_));
}

/// One bit for each row of the snapshot before: the pull showed its account. Rows that it added follow.
std::string SnapshotWriter::Implementation::shown() const {
  std::string bits(known_.size() / 8 + 1, '\0');
  const auto set = [&](std::size_t row) { bits[row / 8] = static_cast<char>(bits[row / 8] | 1 << row % 8); };
  for (std::size_t row = 0; row < known_.size(); ++row)
    if (known_[row]) set(row);
  for (const std::uint32_t row : unreadable_) set(row);
  for (std::size_t row = known_.size(); row < bits.size() * 8; ++row) set(row);
  return bits;
}

SnapshotWriter::SnapshotWriter(Database& database, PlatformId platform)
    : implementation_(std::make_unique<Implementation>(database.connection(), platform)) {}

SnapshotWriter::~SnapshotWriter() {
  try {
    if (implementation_) implementation_->discard();
  } catch (const std::exception&) {
    // The rows stay invisible, and the next one to open the state for writing removes them.
  }
}

void SnapshotWriter::add(std::vector<PreparedAccount> accounts) {
  implementation_->add(std::move(accounts));
}
void SnapshotWriter::show(const StoredAccount& account) {
  implementation_->show(account);
}
std::uint64_t SnapshotWriter::seen() const {
  return implementation_->seen();
}
std::uint64_t SnapshotWriter::repeated_equal() {
  return implementation_->arrivals().repeated_equal();
}
std::uint64_t SnapshotWriter::repeated_different() {
  return implementation_->arrivals().repeated_different();
}

std::vector<Fingerprint> SnapshotWriter::absent() {
  std::vector<Fingerprint> keys;
  for (const LiveVersion& version : implementation_->absent()) keys.push_back(version.key);
  return keys;
}

std::vector<Fingerprint> SnapshotWriter::not_added(std::vector<Fingerprint> keys) {
  return implementation_->not_added(std::move(keys));
}

Published SnapshotWriter::publish(const Publication& publication) {
  const Published published = implementation_->publish(publication);
  implementation_.reset();
  return published;
}

void SnapshotWriter::discard() {
  implementation_->discard();
  implementation_.reset();
}

}  // namespace usher
