#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "connectors/recipe/platform.hpp"

namespace simdjson::dom {
class element;
}

namespace usher::recipe {

/// An edge of one account, and the id the platform knows it by; empty: it has none.
struct Edge {
  Membership membership;
  std::string id;
};

/// Reads the memberships of one account, and knows which entitlements nobody manages.
/// Threads: any number may read; REQUIRES that nobody calls leave_out() or manage_all() meanwhile: a pull
/// does, and nothing else of its platform runs then. The platform must outlive it.
class MembershipReader {
 public:
  explicit MembershipReader(const RecipePlatform& platform) : platform_(platform) {}

  Outcome<std::vector<Edge>> edges_of(const EntitlementRecipe& kind, const std::string& account,
                                      const std::stop_token& stop) const;
  /// Adds to an account its memberships of the kinds that are wanted, each with requests of its own.
  Outcome<std::monostate> add_to(Account& account,
                                 const std::function<bool(const EntitlementRecipe&)>& wanted,
                                 const std::stop_token& stop) const;

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
  bool counts(const EntitlementRecipe& kind, const simdjson::dom::element& item, const std::string& group,
              Scope& scope) const;

  const RecipePlatform& platform_;
  std::set<std::pair<std::string, std::string>> unmanaged_;  // kinds and ids
};

}  // namespace usher::recipe
