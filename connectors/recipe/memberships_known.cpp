#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/recipe/item.hpp"
#include "connectors/recipe/listing.hpp"
#include "connectors/recipe/memberships.hpp"

// What a run of changes knows of the groups it touches, where a platform cannot be asked by account.
namespace usher::recipe {
namespace {

using simdjson::dom::element;

bool only_id(const Expression& expression) {
  const auto fields = expression.program().fields("entitlement");
  return std::all_of(fields.begin(), fields.end(), [](const std::string& field) { return field == "id"; });
}

bool only_id(const TextTemplate& text) {
  return std::all_of(text.pieces().begin(), text.pieces().end(), [](const TextTemplate::Piece& piece) {
    return !piece.expression || only_id(*piece.expression);
  });
}

bool only_id(const BodyTemplate& tree) {
  return (!tree.leaf || only_id(*tree.leaf)) &&
         std::all_of(tree.members.begin(), tree.members.end(),
                     [](const BodyTemplate::Member& member) { return only_id(member.value); });
}

/// Whether a call reads nothing of a group but its id.
bool needs_only_id(const Call& call) {
  const auto all = [](const auto& texts) {
    return std::all_of(texts.begin(), texts.end(), [](const auto& named) { return only_id(named.second); });
  };
  return only_id(call.path) && all(call.query) && all(call.headers) && all(call.form) &&
         (!call.body || only_id(*call.body)) && (!call.add || only_id(*call.add));
}

}  // namespace

bool needs_listing(const EntitlementRecipe& kind) {
  return kind.listing && !needs_only_id(kind.memberships.listing.call);
}

Outcome<std::optional<Edge>> MembershipReader::edge_in(const EntitlementRecipe& kind, const Membership& edge,
                                                       const std::stop_token& stop) const {
  const auto member = known_.edge(edge, [&]() -> Outcome<GroupMembers::Members> {
    auto group = group_of(kind, edge.entitlement, stop);
    if (!group) return tl::unexpected(std::move(group.error()));
    return *group ? members_of(kind, **group, stop) : GroupMembers::Members();
  });
  if (!member) return tl::unexpected(member.error());
  if (!*member) return std::optional<Edge>();
  const GroupMembers::Edge& held = **member;
  if (!held.details)
    return http::fail(FailureKind::malformed,
                      "the details of " + kind.kind + " " + edge.entitlement + " are no texts",
                      "memberships of " + edge.account);
  return std::optional(Edge{{edge.account, edge.kind, edge.entitlement, *held.details}, held.id});
}

Outcome<std::optional<Edge>> MembershipReader::edge_to_change(const EntitlementRecipe& kind,
                                                              const Membership& edge,
                                                              const std::stop_token& stop) const {
  const MembershipReading& reading = kind.memberships;
  if (!reading.of_user && reading.from != MembershipReading::From::per_user) {
    auto held = edge_in(kind, edge, stop);
    if (!held || !*held || !(*held)->id.empty()) return held;
    known_.forget(edge);  // it was made in this run
    return edge_in(kind, edge, stop);
  }
  auto edges = edges_of(kind, edge.account, std::nullopt, stop);
  if (!edges) return tl::unexpected(std::move(edges.error()));
  const auto held = std::find_if(edges->begin(), edges->end(), [&](const Edge& one) {
    return one.membership.entitlement == edge.entitlement;
  });
  return held == edges->end() ? std::optional<Edge>() : std::optional(std::move(*held));
}

Outcome<GroupMembers::Members> MembershipReader::members_of(const EntitlementRecipe& kind,
                                                            const Entitlement& group,
                                                            const std::stop_token& stop) const {
  const MembershipReading& reading = kind.memberships;
  const bool listed = reading.from == MembershipReading::From::listing;
  GroupMembers::Members members;
  Scope scope = platform_.scope();
  if (!listed)
    scope.set(Variable::entitlement, {{"id", group.id}, {"name", group.name}, {"scope", group.scope}});
  const auto id_of = [&](const element& one) {
    return listed ? edge_id_in(one, reading)
                  : text_at(one, reading.id.empty() ? reading.account : reading.id);
  };
  const auto read = [&](const element& one) {
    if (listed && text_at(one, reading.entitlement) != group.id) return;
    std::string account = text_at(one, reading.account);
    if (account.empty() || !passes(reading.counts, one, scope)) return;
    members[std::move(account)] = {details_at(one, reading.details), own_id_at(one, reading.id)};
  };
  auto walked = walk(platform_, reading.listing, scope, id_of, read, stop);
  if (!walked && walked.error().kind == FailureKind::gone) return GroupMembers::Members();  // no such group
  if (!walked) return tl::unexpected(std::move(walked.error()));
  return members;
}

// The list of groups is read only where a call needs more of one than its id, and once.
Outcome<std::optional<Entitlement>> MembershipReader::group_of(const EntitlementRecipe& kind,
                                                               const std::string& id,
                                                               const std::stop_token& stop) const {
  if (!needs_listing(kind)) return std::optional(Entitlement{kind.kind, id, "", ""});
  return known_.group(kind.kind, id, [&]() -> Outcome<GroupMembers::Groups> {
    auto all = groups_of(kind, stop);
    if (!all) return tl::unexpected(std::move(all.error()));
    GroupMembers::Groups groups;
    for (Entitlement& group : *all) groups.emplace(group.id, group);
    return groups;
  });
}

Outcome<std::vector<Entitlement>> MembershipReader::groups_of(const EntitlementRecipe& kind,
                                                              const std::stop_token& stop) const {
  std::vector<Entitlement> groups;
  Scope scope = platform_.scope();
  const auto id_of = [&](const element& one) { return text_at(one, kind.id); };
  const auto read = [&](const element& one) {
    if (passes(kind.managed, one, scope)) groups.push_back(entitlement_in(one, kind));
  };
  auto walked = walk(platform_, *kind.listing, scope, id_of, read, stop);
  if (!walked) return tl::unexpected(std::move(walked.error()));
  return groups;
}

void MembershipReader::note(const Operation& operation, const std::string& account,
                            const Outcome<Receipt>& done) const {
  Membership edge = operation.membership;
  edge.account = account;
  const bool removes = operation.kind == OperationKind::remove_membership;
  const bool as_sent = done && !(removes && done->already);
  if (as_sent)
    removes ? known_.left(edge) : known_.joined(edge);
  else if (done || done.error().may_have_happened || done.error().kind == FailureKind::gone)
    known_.forget(edge);
}

}  // namespace usher::recipe
