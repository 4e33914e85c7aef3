#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "state/model/account.hpp"
#include "state/store/database.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

/// An account on its way into the state: hashed by whoever parsed it, so that the writer need not.
struct PreparedAccount {
  Account account;
  Fingerprint key;     ///< of the id
  Fingerprint digest;  ///< of everything else: equal digest, equal account
};

/// Hashes an account. Safe from any thread.
PreparedAccount prepare(Account account, const Fingerprinter& fingerprints);

/// What a pull proved, said when it is published.
struct Publication {
  bool sealed = false;
  std::string why_not;     ///< why it is not sealed
  std::string started_at;  ///< RFC 3339, UTC
  std::string ended_at;
  std::vector<Entitlement> entitlements;  ///< in any order; unsealed: added to those known
  std::string self;                       ///< id of the engine's own account; empty: as known before
  std::string source;                     ///< the connector's mark of the data it read; empty: none
};

/// What publishing came to.
struct Published {
  std::uint64_t generation = 0;
  std::uint64_t accounts = 0;  ///< alive now
  std::uint64_t added = 0, changed = 0, removed = 0;
};

/// Takes one pull of one platform into the state. Only new and changed accounts are written, in batches of
/// their own that nobody sees before publish() brings them to life in one transaction. A writer that goes
/// without publish() leaves no trace; neither does a killed process, once the next one has opened the state.
///
/// Several writers, one a platform, may be used alternately from the writer's thread; two for one platform
/// may not.
///
/// Cost: accounts that arrive in the order of the last pull are compared with a sequential read; others cost
/// a lookup each. Memory: about 50 bytes for each new, changed or repeated account, one bit for each known
/// one, and a batch.
class SnapshotWriter {
 public:
  SnapshotWriter(Database& database, PlatformId platform);
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  /// Compares with the living snapshot and keeps what is new or changed.
  void add(std::vector<PreparedAccount> accounts);

  /// Says that the pull showed a living account of which something cannot be read: it stays as it is known.
  void show(const StoredAccount& account);

  /// Accounts added so far, repetitions included.
  std::uint64_t seen() const;
  /// Accounts that were added again with the same content / with another one. Of those that differ the last
  /// one counts: it was read last. Sorts what has changed when something was added since the last call.
  std::uint64_t repeated_equal();
  std::uint64_t repeated_different();
  /// Different ids added so far.
  std::uint64_t distinct() { return seen() - repeated_equal() - repeated_different(); }

  /// Keys of living accounts that were not added.
  std::vector<Fingerprint> absent();
  /// Those of the keys that were not added, sorted.
  std::vector<Fingerprint> not_added(std::vector<Fingerprint> keys);

  /// Brings the new generation to life, synced. Sealed: accounts that were not added are removed. Partial:
  /// nothing is. Nothing may be called afterwards.
  Published publish(const Publication& publication);
  /// Removes what was written. Nothing may be called afterwards.
  void discard();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace usher
