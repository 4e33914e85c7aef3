#pragma once

#include <cstdint>
#include <vector>

#include "state/store/packed.hpp"

namespace usher {

/// A range of keys, both ends included.
struct KeySlice {
  Fingerprint first;
  Fingerprint last;
};

/// The whole key space in `count` slices of equal width. Keys are spread evenly, so slices hold about the
/// same number of accounts.
std::vector<KeySlice> key_slices(std::size_t count);

/// Whether a person should have an account.
enum class WantedState { present = 0, leaver = 1, error = 2 };

/// Walks the living accounts of a platform in key order: what the diff merges. About 10 ns a row, no
/// allocation. Belongs to the thread of its connection.
class AccountScan {
 public:
  AccountScan(Connection& connection, PlatformId platform, const KeySlice& slice);
  /// To the next row; false at the end, and then always.
  bool next();
  const Fingerprint& key() const { return entry_.key; }
  const Fingerprint& digest() const { return entry_.digest; }

 private:
  PackedScan entries_;
  AccountEntry entry_;
};

/// Walks what is wanted on a platform in key order.
class WantedScan {
 public:
  WantedScan(Connection& connection, PlatformId platform, const KeySlice& slice);
  bool next();
  const Fingerprint& key() const { return entry_.key; }
  bool has_settled() const { return entry_.has_settled != 0; }
  /// Digest of the account that was found to be as wanted.
  const Fingerprint& settled() const { return entry_.settled; }
  WantedState state() const { return static_cast<WantedState>(entry_.state); }
  const Fingerprint& person() const { return entry_.person; }
  /// Digest of what is wanted.
  const Fingerprint& digest() const { return entry_.digest; }

 private:
  PackedScan entries_;
  WantedEntry entry_;
};

}  // namespace usher
