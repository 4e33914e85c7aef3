#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/connector.hpp"

namespace usher {

/// Gathers the evidence that one pull saw everything, page by page. Only what it finds nothing wrong with may
/// be sealed: no proof, no removal.
class Completeness {
 public:
  void add(const Page& page);

  /// Why the pull proves nothing about what it did not see; empty when it is complete. distinct: different
  /// account ids seen; repeated: accounts seen again.
  std::string objection(std::uint64_t distinct, std::uint64_t repeated) const;

  /// The same of a complete pull beside the one before: nobody was answered, or too few. seen, before:
  /// accounts.
  std::string loss(std::uint64_t seen, std::uint64_t before) const;

  /// True when another pull may well succeed: the data changed while it was read.
  bool may_be_drift(std::uint64_t repeated) const;

  const std::vector<BadRecord>& bad() const { return bad_; }
  std::uint64_t bad_count() const { return bad_count_; }
  std::uint64_t pages() const { return pages_; }
  /// Accounts that had to be asked for one by one.
  std::uint64_t alone() const { return alone_; }
  /// How many accounts the platform says exist.
  std::optional<std::uint64_t> total() const;

 private:
  struct Listing {
    std::uint64_t items = 0;
    std::optional<std::uint64_t> total;
    bool total_changed = false;
    bool moved = false;
    bool accounts = false;
  };

  std::map<std::string, Listing> listings_;
  std::vector<BadRecord> bad_;  // the first hundred
  std::uint64_t bad_count_ = 0;
  std::uint64_t pages_ = 0;
  std::uint64_t alone_ = 0;
  std::string no_proof_;
  bool may_be_empty_ = false;
  double may_lose_ = 100;
};

}  // namespace usher
