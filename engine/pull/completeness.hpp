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
  /// Memberships and entitlements that were answered more than once, counted at the end; first: one of them.
  void repeated(std::uint64_t count, std::string first);

  /// What the writer of the accounts counted.
  struct Counts {
    std::uint64_t distinct = 0;  ///< different account ids
    std::uint64_t repeated = 0;  ///< accounts seen again
  };
  /// Why the pull proves nothing about what it did not see; empty when it is complete.
  std::string objection(const Counts& counts) const;
  /// The same of a complete pull beside the one before: nobody was answered, or too few. seen, before:
  /// accounts.
  std::string loss(std::uint64_t seen, std::uint64_t before) const;
  /// True when another pull may well succeed: the data changed while it was read. A record that cannot be
  /// used stays so.
  bool may_be_drift(const Counts& counts) const;
  /// Whether as many different accounts as the platform says it has are proof enough, wherever on the pages
  /// they were: they cannot be deleted, and nothing else is wrong.
  bool counts_prove(const Counts& counts) const;

  /// Whether accounts cannot be deleted there.
  bool permanent() const;
  /// How the pages of a listing did not fit together; empty: they did.
  const std::string& moved() const { return moved_; }
  const std::vector<BadRecord>& bad() const { return bad_; }
  std::uint64_t bad_count() const { return bad_count_; }
  std::uint64_t pages() const { return pages_; }
  /// Accounts that had to be asked for one by one.
  std::uint64_t alone() const { return alone_; }
  /// How many accounts the platform says exist.
  std::optional<std::uint64_t> total() const;
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  struct Listing {
    std::uint64_t items = 0;
    std::uint64_t bad = 0;
    std::uint64_t vanished = 0;
    std::optional<std::uint64_t> total;
    std::string no_total;
    bool total_changed = false;
    bool accounts = false;
    bool permanent = false;
  };

  /// What is missing or too many in a listing, as a sentence; empty: nothing.
  std::string wrong_number(const std::string& name, const Listing& listing, std::uint64_t distinct) const;
  bool alone_with_accounts(const Listing& listing) const;

  std::map<std::string, Listing> listings_;
  std::string moved_, moved_listing_;
  std::vector<BadRecord> bad_;  // the first hundred
  std::uint64_t bad_count_ = 0;
  std::uint64_t pages_ = 0;
  std::uint64_t alone_ = 0;
  std::string no_proof_;
  bool may_be_empty_ = false;
  double may_lose_ = 100;
  std::uint64_t vanished_ = 0, repeated_ = 0;
  std::string first_vanished_, first_repeated_;
  std::vector<std::string> remarks_;
};

}  // namespace usher
