#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/model/account.hpp"
#include "state/store/rows.hpp"

namespace usher {

/// What is known of a platform as a whole. Times are RFC 3339 in UTC, empty: never.
struct PlatformState {
  PlatformId platform{};
  std::string name;
  std::uint64_t generation = 0;  ///< of the last published snapshot; 0: never pulled
  std::string self;              ///< id of the engine's own account; empty: unknown
  std::string source;            ///< the connector's mark of the data last read
  std::string written_at;        ///< when an operation was last sent
  bool sealed = false;           ///< the last snapshot
  std::string why_not;
  std::string started_at;
  std::string ended_at;
  std::uint64_t accounts = 0;     ///< alive
  std::uint64_t writes = 0;       ///< operations sent so far
  std::uint64_t writes_read = 0;  ///< of these, those the last sealed pull came after

  /// usher itself wrote there since: the snapshot does not show what.
  bool overtaken() const { return writes > writes_read; }
};

/// One published pull.
struct SnapshotState {
  std::uint64_t generation = 0;
  bool sealed = false;
  std::string why_not, started_at, ended_at;
  std::uint64_t accounts = 0, added = 0, changed = 0, removed = 0;
};

/// One version of an account as it lies in the state; the views live until the callback returns.
struct AccountView {
  std::int64_t row = 0;
  Fingerprint key;
  Fingerprint digest;
  std::uint64_t generation = 0;  ///< that brought this version
  std::string_view id;
  bool active = true;
  bool summary = false;
  std::string_view attributes;
  std::string_view memberships;

  Account account() const;
};

/// What the digest of a version is made of: everything but its key.
Fingerprint digest_of(const AccountView& account, const Fingerprinter& fingerprints);

/// One version of an account, copied.
struct StoredAccount {
  std::int64_t row = 0;
  Fingerprint key;
  Fingerprint digest;
  std::uint64_t generation = 0;
  Account account;
};

/// Which living accounts the last pull of a platform showed: all after a sealed one.
class ShownAccounts {
 public:
  ShownAccounts() = default;
  /// bits: one for each row up to the last one before that pull, from `first`; none of them where it is
  /// empty.
  ShownAccounts(std::int64_t first, std::string bits) : all_(false), first_(first), bits_(std::move(bits)) {}

  /// Whether it showed the version of an account that lies in this row.
  bool contains(std::int64_t row) const;

 private:
  bool all_ = true;
  std::int64_t first_ = 0;
  std::string bits_;
};

using AccountVisitor = std::function<void(const AccountView&)>;

/// Reads published snapshots through one connection, in that connection's thread.
class Snapshots {
 public:
  explicit Snapshots(Connection& connection) : connection_(connection) {}

  std::vector<PlatformState> platforms();  ///< by name
  std::optional<PlatformState> platform(std::string_view name);
  PlatformState platform(PlatformId platform);
  /// Newest first.
  std::vector<SnapshotState> snapshots(PlatformId platform, std::size_t limit);
  /// When the last sealed pull began (RFC 3339, UTC); empty: none is remembered.
  std::string last_sealed(PlatformId platform);
  /// By kind and id.
  std::vector<Entitlement> entitlements(PlatformId platform);

  ShownAccounts shown(PlatformId platform);
  std::optional<StoredAccount> find(PlatformId platform, const Fingerprint& key);
  /// Any version that history still holds.
  std::optional<StoredAccount> at(std::int64_t row);

  /// All rows of a platform cut into at most `count` slices of equal width.
  std::vector<RowSlice> row_slices(PlatformId platform, std::size_t count);
  /// The rows of accounts that came or changed after a generation; everything when history no longer reaches
  /// back to it. Cut as above.
  std::vector<RowSlice> row_slices_since(PlatformId platform, std::uint64_t generation, std::size_t count);
  /// The living accounts of a slice in row order: the order of arrival.
  void for_each_alive(const RowSlice& slice, const AccountVisitor& visit);
  /// All living accounts in the order of their ids. SQLite sorts them, in temporary files when there are
  /// many.
  void for_each_by_id(PlatformId platform, const AccountVisitor& visit);
  /// Accounts that lived at a generation and do not live now, as they were then, in no order, each once.
  /// False when history no longer reaches back: compare all keys instead.
  bool for_each_gone_since(PlatformId platform, std::uint64_t generation, const AccountVisitor& visit);
  /// The rows in which the accounts lie as they were after a generation, cut into at most `count` slices of
  /// equal width; none when history does not reach back to it.
  std::vector<RowSlice> row_slices_as_of(PlatformId platform, std::uint64_t generation, std::size_t count);
  /// The accounts of one of these slices as they were after the generation, in row order.
  void for_each_as_of(const RowSlice& slice, std::uint64_t generation, const AccountVisitor& visit);

 private:
  Connection& connection_;
};

}  // namespace usher
