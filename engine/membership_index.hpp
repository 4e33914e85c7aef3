#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "state/model/account.hpp"
#include "state/model/fingerprint.hpp"

namespace usher {

/// The membership edges of one pull, gathered before its accounts arrive and given to each as it does. 24
/// bytes an edge; the texts are kept once each. For one thread.
class MembershipIndex {
 public:
  explicit MembershipIndex(const Fingerprinter& fingerprints) : fingerprints_(fingerprints) {}

  void add(const std::vector<Membership>& edges);

  /// Account::memberships of this account; "{}" when it has none.
  std::string memberships_of(const std::string& account);

  bool empty() const { return edges_.empty(); }

 private:
  struct Edge {
    Fingerprint account;
    std::uint32_t entitlement;  // index into entitlements_
    std::uint32_t details;      // index into details_
  };

  const Fingerprinter& fingerprints_;
  std::vector<Edge> edges_;
  bool sorted_ = true;
  std::map<std::pair<std::string, std::string>, std::uint32_t> entitlement_index_;  // kind, id
  std::vector<std::pair<std::string, std::string>> entitlements_;
  std::map<std::vector<std::string>, std::uint32_t> details_index_;
  std::vector<std::vector<std::string>> details_;
};

}  // namespace usher
