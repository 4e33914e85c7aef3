#include "engine/pull/membership_index.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace usher {

bool MembershipIndex::ByGrant::operator()(const Membership& left, const Membership& right) const {
  return std::tie(left.entitlement, left.kind, left.details) <
         std::tie(right.entitlement, right.kind, right.details);
}

std::uint32_t MembershipIndex::grant_of(const Membership& edge) {
  if (const auto known = index_.find(edge); known != index_.end()) return known->second;
  Membership nobodys = edge;
  nobodys.account.clear();
  const auto grant = static_cast<std::uint32_t>(grants_.size());
  grants_.push_back({nobodys, canonical_memberships({nobodys})});
  index_.emplace(std::move(nobodys), grant);
  return grant;
}

void MembershipIndex::add(const std::vector<Membership>& edges) {
  for (const Membership& edge : edges) edges_.push_back({fingerprints_.of_id(edge.account), grant_of(edge)});
  if (!edges.empty()) begins_.clear();
}

/// Fingerprints are spread evenly: their first bits lead to a place where few are left to look through.
std::size_t MembershipIndex::part_of(const Fingerprint& account) const {
  std::uint32_t bits = 0;
  for (int i = 0; i < 4; ++i) bits = bits << 8 | account.bytes[static_cast<std::size_t>(i)];
  return static_cast<std::size_t>(std::uint64_t{bits} * (begins_.size() - 1) >> 32);
}

void MembershipIndex::sort() {
  std::stable_sort(edges_.begin(), edges_.end(),
                   [](const Edge& a, const Edge& b) { return a.account < b.account; });
  begins_.assign(edges_.size() / 4 + 2, 0);
  for (const Edge& edge : edges_) ++begins_[part_of(edge.account) + 1];
  std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
}

MembershipIndex::Repeated MembershipIndex::repeated() {
  if (edges_.empty()) return {};
  if (begins_.empty()) sort();
  Repeated found;
  std::vector<std::uint32_t> grants;
  for (std::size_t begin = 0, end = 0; begin < edges_.size(); begin = end) {
    grants.clear();
    for (end = begin; end < edges_.size() && edges_[end].account == edges_[begin].account; ++end)
      grants.push_back(edges_[end].grant);
    if (grants.size() < 2) continue;
    std::sort(grants.begin(), grants.end());
    for (auto twice = std::adjacent_find(grants.begin(), grants.end()); twice != grants.end();
         twice = std::adjacent_find(twice + 1, grants.end())) {
      if (found.count++ == 0)
        found.first = "a membership of " + grants_[*twice].edge.kind + " " + grants_[*twice].edge.entitlement;
    }
  }
  return found;
}

std::map<std::pair<std::string, std::string>, std::uint64_t> MembershipIndex::members() const {
  std::vector<std::uint64_t> edges(grants_.size());
  for (const Edge& edge : edges_) ++edges[edge.grant];
  std::map<std::pair<std::string, std::string>, std::uint64_t> members;
  for (std::size_t i = 0; i < grants_.size(); ++i)
    members[{grants_[i].edge.kind, grants_[i].edge.entitlement}] += edges[i];
  return members;
}

std::string MembershipIndex::memberships_of(const std::string& account) {
  if (edges_.empty()) return "{}";
  if (begins_.empty()) sort();
  const Fingerprint wanted = fingerprints_.of_id(account);
  const std::size_t part = part_of(wanted);
  const Grant* only = nullptr;
  std::vector<Membership> several;
  for (std::size_t at = begins_[part]; at < begins_[part + 1]; ++at) {
    if (edges_[at].account != wanted) continue;
    const Grant& grant = grants_[edges_[at].grant];
    if (only != nullptr && several.empty()) several.push_back(only->edge);
    if (only != nullptr) several.push_back(grant.edge);
    only = &grant;
  }
  if (!several.empty()) return canonical_memberships(several);
  return only != nullptr ? only->alone : "{}";
}

}  // namespace usher
