#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "state/model/fingerprint.hpp"
#include "state/store/scan.hpp"

namespace usher {

/// What one person should have on one platform: derived from the person and the rules.
struct WantedRow {
  Fingerprint key;     ///< of the linked account, else of the person
  Fingerprint person;  ///< the person's key
  WantedState state = WantedState::present;
  Fingerprint digest;                  ///< of what is wanted
  std::optional<Fingerprint> settled;  ///< digest of the account that was found to be as wanted
};

/// WantedRow::digest of who should have no account any more.
Fingerprint leaver_digest(const Fingerprinter& fingerprints);

/// An account that was compared with what is wanted and found to be so.
struct Settled {
  Fingerprint key;
  Fingerprint account;  ///< its digest
};

/// The wanted side of each platform: a derived table, filled by the engine. Writes join the caller's
/// transaction or are one each; rows sorted by key are written several times faster than unsorted ones.
class Wanted {
 public:
  explicit Wanted(Connection& connection) : connection_(connection) {}

  void clear(PlatformId platform);
  /// Adds, or replaces those of the same key. A row without `settled` keeps the one it replaces when both
  /// want the same for the same person.
  void put(PlatformId platform, std::span<const WantedRow> rows);
  /// put() of rows of which most are there: no more than `additions` are new.
  void replace(PlatformId platform, std::span<const WantedRow> rows, std::size_t additions);
  void erase(PlatformId platform, std::span<const Fingerprint> keys);
  /// Keys that are not there are passed over.
  void set_settled(PlatformId platform, std::span<const Settled> settled);

  std::optional<WantedRow> find(PlatformId platform, const Fingerprint& key);
  std::uint64_t count(PlatformId platform);

 private:
  Connection& connection_;
};

}  // namespace usher
