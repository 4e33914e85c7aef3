#include "state/store/snapshots.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "state/store/packed.hpp"

namespace usher {

namespace {

/// A version as it lies there. One that is not as it was written is never handed on: it would be planned
/// with, and written to a platform.
AccountView view(const Statement& row, const Connection& connection) {
  AccountView account;
  account.row = row.integer(0);
  account.generation = static_cast<std::uint64_t>(row.integer(1));
  account.key = row.fingerprint(2);
  account.digest = row.fingerprint(3);
  account.active = row.integer(4) != 0;
  account.summary = row.integer(5) != 0;
  account.id = row.text(6);
  account.attributes = row.text(7);
  account.memberships = row.text(8);
  const Fingerprinter* const fingerprints = connection.fingerprints();
  if (fingerprints != nullptr && digest_of(account, *fingerprints) != account.digest) {
    throw StoreError(
        StoreErrorKind::corrupt,
        fmt::format("the state is damaged: the stored account '{}' does not agree with its digest. "
                    "Restore the state from a backup, or move it away and pull anew",
                    account.id));
  }
  return account;
}

StoredAccount copy(const AccountView& account) {
  return {account.row, account.key, account.digest, account.generation, account.account()};
}

PlatformState platform_state(const Statement& row) {
  PlatformState state;
  state.platform = PlatformId{row.integer(0)};
  state.name = row.text(1);
  state.generation = static_cast<std::uint64_t>(row.integer(2));
  state.accounts = static_cast<std::uint64_t>(row.integer(3));
  state.self = row.text(4);
  state.source = row.text(5);
  state.written_at = row.text(6);
  state.sealed = row.integer(7) != 0;
  state.why_not = row.text(8);
  state.started_at = row.text(9);
  state.ended_at = row.text(10);
  state.writes = static_cast<std::uint64_t>(row.integer(11));
  state.writes_read = static_cast<std::uint64_t>(row.integer(12));
  return state;
}

#define USHER_VERSION_COLUMNS "row, born, key, digest, active, summary, id, attributes, memberships"
#define USHER_PLATFORM_COLUMNS                                                                             \
  "platform.id, name, platform.generation, platform.accounts, self, source, written_at, sealed, why_not, " \
  "started_at, ended_at, writes, writes_read from platform left join snapshot on snapshot.platform = "     \
  "platform.id and "                                                                                       \
  "snapshot.generation = platform.generation"

std::vector<RowSlice> cut(const RowSlice& whole, std::size_t count) {
  std::vector<RowSlice> slices;
  if (whole.last < whole.first) return slices;
  const std::int64_t rows = whole.last - whole.first + 1;
  const auto pieces = std::clamp<std::int64_t>(static_cast<std::int64_t>(count), 1, rows);
  for (std::int64_t i = 0; i < pieces; ++i)
    slices.push_back({whole.first + rows * i / pieces, whole.first + rows * (i + 1) / pieces - 1});
  return slices;
}

/// All published rows of a platform; empty when there are none.
RowSlice published_rows(Connection& connection, PlatformId platform) {
  const StatementLoan select = connection.statement(
      "select (select row from body where row between ?2 and last_row order by row limit 1), last_row "
      "from platform where id = ?1");
  if (!select->bind(number(platform), first_row(platform)).step() || select->null(0)) return {};
  return {select->integer(0), select->integer(1)};
}

/// The last row of a generation; nothing when it was pruned or never was.
std::optional<std::int64_t> last_row_of(Connection& connection, PlatformId platform,
                                        std::uint64_t generation) {
  const StatementLoan select =
      connection.statement("select last_row from snapshot where platform = ?1 and generation = ?2");
  if (!select->bind(number(platform), generation).step()) return std::nullopt;
  return select->integer(0);
}

}  // namespace

Fingerprint digest_of(const AccountView& account, const Fingerprinter& fingerprints) {
  const std::string_view state =
      account.active ? (account.summary ? "active summary" : "active") : (account.summary ? "summary" : "");
  return fingerprints.of({account.id, state, account.attributes, account.memberships});
}

Account AccountView::account() const {
  Account account;
  account.id = id;
  account.active = active;
  account.attributes = attributes;
  account.memberships = memberships;
  account.summary = summary;
  return account;
}

std::vector<PlatformState> Snapshots::platforms() {
  std::vector<PlatformState> states;
  const StatementLoan select = connection_.statement("select " USHER_PLATFORM_COLUMNS " order by name");
  while (select->step()) states.push_back(platform_state(*select));
  return states;
}

std::optional<PlatformState> Snapshots::platform(std::string_view name) {
  const StatementLoan select = connection_.statement("select " USHER_PLATFORM_COLUMNS " where name = ?1");
  if (!select->bind(name).step()) return std::nullopt;
  return platform_state(*select);
}

PlatformState Snapshots::platform(PlatformId platform) {
  const StatementLoan select =
      connection_.statement("select " USHER_PLATFORM_COLUMNS " where platform.id = ?1");
  if (!select->bind(number(platform)).step())
    throw StoreError(StoreErrorKind::failed, "the state has no platform " + std::to_string(number(platform)));
  return platform_state(*select);
}

std::vector<SnapshotState> Snapshots::snapshots(PlatformId platform, std::size_t limit) {
  std::vector<SnapshotState> states;
  const StatementLoan select = connection_.statement(
      "select generation, sealed, why_not, started_at, ended_at, accounts, added, changed, removed "
      "from snapshot where platform = ?1 order by generation desc limit ?2");
  select->bind(number(platform), limit);
  const auto count = [&](int column) { return static_cast<std::uint64_t>(select->integer(column)); };
  while (select->step()) {
    states.push_back({count(0), select->integer(1) != 0, std::string(select->text(2)),
                      std::string(select->text(3)), std::string(select->text(4)), count(5), count(6),
                      count(7), count(8)});
  }
  return states;
}

std::string Snapshots::last_sealed(PlatformId platform) {
  const StatementLoan select = connection_.statement(
      "select started_at from snapshot where platform = ?1 and sealed order by generation desc limit 1");
  return select->bind(number(platform)).step() ? std::string(select->text(0)) : std::string();
}

std::vector<Entitlement> Snapshots::entitlements(PlatformId platform) {
  std::vector<Entitlement> entitlements;
  const StatementLoan select = connection_.statement(
      "select kind, id, name, scope, members from entitlement where platform = ?1 order by kind, id");
  select->bind(number(platform));
  const auto text = [&](int column) { return std::string(select->text(column)); };
  while (select->step()) {
    const auto members = static_cast<std::uint64_t>(select->integer(4));
    entitlements.push_back({text(0), text(1), text(2), text(3), members});
  }
  return entitlements;
}

bool ShownAccounts::contains(std::int64_t row) const {
  if (all_) return true;
  const auto at = static_cast<std::uint64_t>(row - first_);
  if (at / 8 >= bits_.size()) return !bits_.empty();  // it came with that pull
  return (static_cast<unsigned char>(bits_[at / 8]) >> at % 8 & 1) != 0;
}

ShownAccounts Snapshots::shown(PlatformId platform) {
  const StatementLoan select = connection_.statement(
      "select sealed, shown from platform join snapshot on snapshot.platform = platform.id and "
      "snapshot.generation = platform.generation where platform.id = ?1");
  if (!select->bind(number(platform)).step() || select->integer(0) != 0) return {};
  return {first_row(platform), std::string(select->bytes(1))};
}

std::optional<StoredAccount> Snapshots::find(PlatformId platform, const Fingerprint& key) {
  PackedTable<AccountEntry> accounts(connection_, platform, Packing::accounts);
  const std::optional<AccountEntry> entry = accounts.find(key);
  return entry ? at(first_row(platform) + entry->offset()) : std::nullopt;
}

std::optional<StoredAccount> Snapshots::at(std::int64_t row) {
  const StatementLoan select =
      connection_.statement("select " USHER_VERSION_COLUMNS " from body where row = ?1");
  if (!select->bind(row).step()) return std::nullopt;
  return copy(view(*select, connection_));
}

std::vector<RowSlice> Snapshots::row_slices(PlatformId platform, std::size_t count) {
  return cut(published_rows(connection_, platform), count);
}

std::vector<RowSlice> Snapshots::row_slices_since(PlatformId platform, std::uint64_t generation,
                                                  std::size_t count) {
  RowSlice rows = published_rows(connection_, platform);
  if (const auto last = last_row_of(connection_, platform, generation))
    rows.first = std::max(rows.first, *last + 1);
  return cut(rows, count);
}

void Snapshots::for_each_alive(const RowSlice& slice, const AccountVisitor& visit) {
  Statement select = connection_.prepare("select " USHER_VERSION_COLUMNS
                                         " from body where row between ?1 and ?2 and died is null");
  select.bind(slice.first, slice.last);
  while (select.step()) visit(view(select, connection_));
}

void Snapshots::for_each_by_id(PlatformId platform, const AccountVisitor& visit) {
  const RowSlice rows = published_rows(connection_, platform);
  Statement select = connection_.prepare(
      "select " USHER_VERSION_COLUMNS " from body where row between ?1 and ?2 and died is null order by id");
  select.bind(rows.first, rows.last);
  while (select.step()) visit(view(select, connection_));
}

bool Snapshots::for_each_gone_since(PlatformId platform, std::uint64_t generation,
                                    const AccountVisitor& visit) {
  if (generation == 0) return true;
  if (!last_row_of(connection_, platform, generation)) return false;
  PackedTable<AccountEntry> accounts(connection_, platform, Packing::accounts);
  Statement select = connection_.prepare("select " USHER_VERSION_COLUMNS
                                         " from body where platform = ?1 and died > ?2 and born <= ?2");
  select.bind(number(platform), generation);
  while (select.step())
    if (const AccountView gone = view(select, connection_); !accounts.find(gone.key)) visit(gone);
  return true;
}

std::vector<RowSlice> Snapshots::row_slices_as_of(PlatformId platform, std::uint64_t generation,
                                                  std::size_t count) {
  const std::optional<std::int64_t> last = last_row_of(connection_, platform, generation);
  if (!last) return {};
  RowSlice rows = published_rows(connection_, platform);
  rows.last = std::min(rows.last, *last);
  return cut(rows, count);
}

void Snapshots::for_each_as_of(const RowSlice& slice, std::uint64_t generation, const AccountVisitor& visit) {
  Statement select =
      connection_.prepare("select " USHER_VERSION_COLUMNS
                          " from body where row between ?1 and ?2 and (died is null or died > ?3)");
  select.bind(slice.first, slice.last, generation);
  while (select.step()) visit(view(select, connection_));
}

}  // namespace usher
