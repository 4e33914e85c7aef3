#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/recipe/group_members.hpp"
#include "connectors/recipe/platform.hpp"

namespace simdjson::dom {
class element;
}

namespace usher::recipe {

/// Whether reading who is in one entitlement needs more of it than its id, so that the list of them is read.
bool needs_listing(const EntitlementRecipe& kind);

/// An edge of one account, and the id the platform knows it by; empty: it has none.
struct Edge {
  Membership membership;
  std::string id;
};

/// The id at a path of what says that an edge exists; empty: there is no path.
std::string own_id_at(const simdjson::dom::element& one, const std::string& path);

/// Reads the memberships of one account, and knows which entitlements nobody manages.
/// Threads: any number may read; REQUIRES that nobody calls leave_out() or manage_all() meanwhile: a pull
/// does, and nothing else of its platform runs then. The platform must outlive it.
class MembershipReader {
 public:
  explicit MembershipReader(const RecipePlatform& platform) : platform_(platform) {}

  /// Kinds and ids of the entitlements of which edges matter; nullopt: all.
  using Edges = std::optional<std::vector<std::pair<std::string, std::string>>>;

  /// edges: see AccountQuery.
  Outcome<std::vector<Edge>> edges_of(const EntitlementRecipe& kind, const std::string& account,
                                      const Edges& edges, const std::stop_token& stop) const;
  /// The edge with the id that the platform knows it by; nullopt: there is none. Not of kinds that stand in
  /// the user object.
  Outcome<std::optional<Edge>> edge_to_change(const EntitlementRecipe& kind, const Membership& edge,
                                              const std::stop_token& stop) const;
  /// Adds to an account its memberships of the kinds that are wanted, each with requests of its own.
  Outcome<std::monostate> add_to(Account& account,
                                 const std::function<bool(const EntitlementRecipe&)>& wanted,
                                 const Edges& edges, const std::stop_token& stop) const;

  /// See Connector::begin_changes; false: it is over.
  void begin_changes(bool keeps) const { known_.begin(keeps); }
  /// What the change of a membership came to, for those who read the group later.
  void note(const Operation& operation, const std::string& account, const Outcome<Receipt>& done) const;
  /// What is known of a group may not be so any more.
  void forget(const Membership& edge) const { known_.forget(edge); }

  /// The list of entitlements holds this one, and the recipe leaves it out.
  void leave_out(const std::string& kind, const std::string& id) { unmanaged_.insert({kind, id}); }
  /// Forgets what was left out: a pull begins.
  void manage_all() { unmanaged_.clear(); }
  bool is_managed(const std::string& kind, const std::string& id) const {
    return unmanaged_.count({kind, id}) == 0;
  }
  /// Takes the memberships of unmanaged entitlements out of an account.
  void drop_unmanaged(Account& account) const;

 private:
  using Items = std::function<void(std::string entitlement, std::optional<std::vector<std::string>> details,
                                   std::string id)>;
  Outcome<std::monostate> read_own(const EntitlementRecipe& kind, Scope& scope, const Items& add,
                                   const std::stop_token& stop) const;
  Outcome<std::monostate> read_all(const EntitlementRecipe& kind, const std::string& account, Scope& scope,
                                   const Items& add, const std::stop_token& stop) const;
  Outcome<std::monostate> read_groups(const EntitlementRecipe& kind, const std::string& account, Scope& scope,
                                      const Items& add, const std::stop_token& stop) const;
  /// The edge as a run of changes knows it; nullopt: there is none.
  Outcome<std::optional<Edge>> edge_in(const EntitlementRecipe& kind, const Membership& edge,
                                       const std::stop_token& stop) const;
  Outcome<GroupMembers::Members> members_of(const EntitlementRecipe& kind, const Entitlement& group,
                                            const std::stop_token& stop) const;
  Outcome<std::optional<Entitlement>> group_of(const EntitlementRecipe& kind, const std::string& id,
                                               const std::stop_token& stop) const;
  Outcome<std::vector<Entitlement>> groups_of(const EntitlementRecipe& kind,
                                              const std::stop_token& stop) const;
  bool counts(const EntitlementRecipe& kind, const simdjson::dom::element& item, const std::string& group,
              Scope& scope) const;

  const RecipePlatform& platform_;
  std::set<std::pair<std::string, std::string>> unmanaged_;  // kinds and ids
  mutable GroupMembers known_;                               // as far as a run of changes needed to know them
};

}  // namespace usher::recipe
