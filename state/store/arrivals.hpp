#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "state/model/fingerprint.hpp"

namespace usher {

/// One account of a pull that is not simply as it was. Rows are given as the distance from the platform's
/// first row.
struct Arrival {
  Fingerprint key;
  Fingerprint digest;
  std::uint32_t row = 0;       ///< of this version; equal to `replaces` when it is the living one again
  std::uint32_t replaces = 0;  ///< row of the living version; 0: a new account
  std::uint32_t order = 0;     ///< of arrival
  bool again = false;          ///< the pull had this account before, as it lives or changed
};

/// What became of the arrivals of one pull once all of them are known.
struct Resolution {
  std::vector<Arrival> winners;       ///< in key order, one an account: versions to bring to life
  std::vector<std::uint32_t> losers;  ///< rows of versions that another of the same pull replaced
};

/// The new, changed and repeated accounts of one pull.
class Arrivals {
 public:
  void add(const Fingerprint& key, const Fingerprint& digest, std::uint32_t row, std::uint32_t replaces,
           bool again);

  /// Whether this account is new, changed or repeated.
  bool has(const Fingerprint& key);
  /// Repetitions with the content of the sighting before, and with another.
  std::uint64_t repeated_equal();
  std::uint64_t repeated_different();
  /// Of the versions of one account the last one counts: it was read last.
  Resolution resolve();

 private:
  void sort();

  std::vector<Arrival> arrivals_;
  std::size_t counted_ = 0;  // arrivals the counts below speak of
  std::uint64_t equal_ = 0, different_ = 0;
};

}  // namespace usher
