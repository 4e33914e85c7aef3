#include "connectors/recipe/memberships.hpp"

#include <nlohmann/json.hpp>

#include "connectors/canonical.hpp"
#include "connectors/recipe/item.hpp"
#include "connectors/recipe/listing.hpp"

namespace usher::recipe {

using nlohmann::json;
using simdjson::dom::element;

std::string own_id_at(const element& one, const std::string& path) {
  return path.empty() ? std::string() : text_at(one, path);
}

Outcome<std::vector<Edge>> MembershipReader::edges_of(const EntitlementRecipe& kind,
                                                      const std::string& account, const Edges& asked,
                                                      const std::stop_token& stop) const {
  const MembershipReading& reading = kind.memberships;
  const bool own = reading.of_user || reading.from == MembershipReading::From::per_user;
  std::vector<Edge> edges;
  if (asked && !own) {
    for (const auto& [of, group] : *asked) {
      if (of != kind.kind) continue;
      auto edge = edge_in(kind, {account, of, group, {}}, stop);
      if (!edge) return tl::unexpected(std::move(edge.error()));
      if (*edge) edges.push_back(std::move(**edge));
    }
    return edges;
  }
  std::string unreadable;
  const Items add = [&](std::string entitlement, std::optional<std::vector<std::string>> details,
                        std::string id) {
    if (!details) unreadable = kind.kind + " " + entitlement;
    edges.push_back({{account, kind.kind, std::move(entitlement),
                      std::move(details).value_or(std::vector<std::string>())},
                     std::move(id)});
  };
  Scope scope = platform_.scope();
  scope.set(Variable::account, {{"id", account}});
  auto read = own ? read_own(kind, scope, add, stop)
              : reading.from == MembershipReading::From::listing
                  ? read_all(kind, account, scope, add, stop)
                  : read_groups(kind, account, scope, add, stop);
  if (!read) return tl::unexpected(std::move(read.error()));
  if (unreadable.empty()) return edges;
  return http::fail(FailureKind::malformed, "the details of " + unreadable + " are no texts",
                    "memberships of " + account);
}

bool MembershipReader::counts(const EntitlementRecipe& kind, const element& item, const std::string& group,
                              Scope& scope) const {
  return passes(kind.memberships.counts, item, scope) && is_managed(kind.kind, group);
}

// The platform lists the memberships of one account.
Outcome<std::monostate> MembershipReader::read_own(const EntitlementRecipe& kind, Scope& scope,
                                                   const Items& add, const std::stop_token& stop) const {
  const MembershipReading& reading = kind.memberships;
  const bool own = reading.of_user.has_value();
  const std::string& path = own ? reading.of_user_entitlement : reading.entitlement;
  const std::string& details = own ? reading.of_user_details : reading.details;
  const std::string& id = own ? reading.of_user_id : reading.id;
  const auto read = [&](const element& one) {
    std::string group = text_at(one, path);
    if (!group.empty() && counts(kind, one, group, scope))
      add(std::move(group), details_at(one, details), own_id_at(one, id));
  };
  const auto id_of = [&](const element& one) { return text_at(one, id.empty() ? path : id); };
  return walk(platform_, own ? *reading.of_user : reading.listing, scope, id_of, read, stop);
}

// The platform lists the memberships of everybody.
Outcome<std::monostate> MembershipReader::read_all(const EntitlementRecipe& kind, const std::string& account,
                                                   Scope& scope, const Items& add,
                                                   const std::stop_token& stop) const {
  const MembershipReading& reading = kind.memberships;
  const auto read = [&](const element& one) {
    std::string group = text_at(one, reading.entitlement);
    if (text_at(one, reading.account) != account || group.empty() || !counts(kind, one, group, scope)) return;
    add(std::move(group), details_at(one, reading.details), own_id_at(one, reading.id));
  };
  const auto id_of = [&](const element& one) { return edge_id_in(one, reading); };
  return walk(platform_, reading.listing, scope, id_of, read, stop);
}

// The platform lists the members of each entitlement.
Outcome<std::monostate> MembershipReader::read_groups(const EntitlementRecipe& kind,
                                                      const std::string& account, Scope& scope,
                                                      const Items& add, const std::stop_token& stop) const {
  const MembershipReading& reading = kind.memberships;
  const auto groups = groups_of(kind, stop);
  if (!groups) return tl::unexpected(groups.error());
  for (const Entitlement& group : *groups) {
    scope.set(Variable::entitlement, {{"id", group.id}, {"name", group.name}, {"scope", group.scope}});
    const auto id_of = [&](const element& one) {
      return text_at(one, reading.id.empty() ? reading.account : reading.id);
    };
    const auto read = [&](const element& one) {
      if (text_at(one, reading.account) == account && passes(reading.counts, one, scope))
        add(group.id, details_at(one, reading.details), own_id_at(one, reading.id));
    };
    if (auto walked = walk(platform_, reading.listing, scope, id_of, read, stop); !walked) return walked;
  }
  return std::monostate{};
}

Outcome<std::monostate> MembershipReader::add_to(Account& account,
                                                 const std::function<bool(const EntitlementRecipe&)>& wanted,
                                                 const Edges& asked, const std::stop_token& stop) const {
  std::vector<Membership> edges;
  for (const EntitlementRecipe& kind : platform_.recipe().entitlements) {
    if (!wanted(kind)) continue;
    auto own = edges_of(kind, account.id, asked, stop);
    if (!own) return tl::unexpected(std::move(own.error()));
    for (Edge& edge : *own) edges.push_back(std::move(edge.membership));
  }
  if (edges.empty()) return std::monostate{};
  json all = json::parse(account.memberships);
  all.update(json::parse(canonical_memberships(edges)));
  account.memberships = all.dump();
  return std::monostate{};
}

void MembershipReader::drop_unmanaged(Account& account) const {
  if (unmanaged_.empty() || account.memberships.size() <= 2) return;
  json held = json::parse(account.memberships, nullptr, false);
  for (const auto& [kind, id] : unmanaged_) {
    const auto edges = held.find(kind);
    if (edges == held.end()) continue;
    edges->erase(id);
    if (edges->empty()) held.erase(edges);
  }
  account.memberships = held.dump();
}

}  // namespace usher::recipe
