#include "engine/membership_index.hpp"

#include <algorithm>

namespace usher {

namespace {

/// The index of a text (or list of texts) that is kept once.
template <class Text>
std::uint32_t intern(const Text& text, std::map<Text, std::uint32_t>& index, std::vector<Text>& kept) {
  const auto [place, fresh] = index.try_emplace(text, static_cast<std::uint32_t>(kept.size()));
  if (fresh) kept.push_back(text);
  return place->second;
}

}  // namespace

void MembershipIndex::add(const std::vector<Membership>& edges) {
  for (const Membership& edge : edges) {
    edges_.push_back({fingerprints_.of_id(edge.account),
                      intern({edge.kind, edge.entitlement}, entitlement_index_, entitlements_),
                      intern(edge.details, details_index_, details_)});
  }
  sorted_ = sorted_ && edges.empty();
}

std::string MembershipIndex::memberships_of(const std::string& account) {
  if (edges_.empty()) return "{}";
  const auto by_account = [](const Edge& a, const Edge& b) { return a.account < b.account; };
  if (!sorted_) {
    std::sort(edges_.begin(), edges_.end(), by_account);
    sorted_ = true;
  }
  const auto [first, last] =
      std::equal_range(edges_.begin(), edges_.end(), Edge{fingerprints_.of_id(account), 0, 0}, by_account);
  std::vector<Membership> found;
  for (auto edge = first; edge != last; ++edge) {
    const auto& [kind, id] = entitlements_[edge->entitlement];
    found.push_back({account, kind, id, details_[edge->details]});
  }
  return canonical_memberships(found);
}

}  // namespace usher
