#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "state/model/account.hpp"
#include "state/model/fingerprint.hpp"

namespace usher {

/// The membership edges of one pull, gathered before its accounts arrive and given to each as it does. 24
/// bytes an edge; the texts of what it gives are kept once each. For one thread.
class MembershipIndex {
 public:
  explicit MembershipIndex(const Fingerprinter& fingerprints) : fingerprints_(fingerprints) {}

  void add(const std::vector<Membership>& edges);

  /// Account::memberships of this account; "{}" when it has none.
  std::string memberships_of(const std::string& account);

  /// Edges that were added more than once, and what one of them gives; called when all are there.
  struct Repeated {
    std::uint64_t count = 0;
    std::string first;
  };
  Repeated repeated();

  /// How many of the edges give each entitlement, by kind and id.
  std::map<std::pair<std::string, std::string>, std::uint64_t> members() const;

  bool empty() const { return edges_.empty(); }

 private:
  struct Edge {
    Fingerprint account;
    std::uint32_t grant;  // index into grants_
  };
  /// What an edge gives, whoever has it.
  struct Grant {
    Membership edge;    // of nobody
    std::string alone;  // the memberships of an account that has this one only
  };
  struct ByGrant {
    bool operator()(const Membership& left, const Membership& right) const;
  };

  std::uint32_t grant_of(const Membership& edge);
  void sort();
  std::size_t part_of(const Fingerprint& account) const;

  const Fingerprinter& fingerprints_;
  std::vector<Edge> edges_;
  std::vector<std::uint32_t> begins_;  // of the edges of each part of the fingerprints; empty: unsorted
  std::map<Membership, std::uint32_t, ByGrant> index_;
  std::vector<Grant> grants_;
};

}  // namespace usher
