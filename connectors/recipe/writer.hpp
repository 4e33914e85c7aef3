#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "connectors/recipe/account_creator.hpp"
#include "connectors/recipe/call_writer.hpp"
#include "connectors/recipe/credentials.hpp"
#include "connectors/recipe/membership_batches.hpp"
#include "connectors/recipe/memberships.hpp"

namespace usher::recipe {

/// Carries out operations, each with one call or the fixed sequence the recipe states.
/// Threads: any number. What it is made of must outlive it.
class RecipeWriter {
 public:
  RecipeWriter(const RecipePlatform& platform, AccountLookup& lookup, const MembershipReader& memberships);

  /// See Connector::apply.
  Outcome<Receipt> apply(const Operation& operation, const Secret& first_secret,
                         const std::stop_token& stop) const;
  /// See Connector::set_memberships.
  Outcome<Receipt> set_memberships(std::span<const Operation> changes,
                                   const std::vector<std::string>& memberships,
                                   const std::stop_token& stop) const;
  /// See Connector::begin_changes.
  void begin_changes() const;
  /// See Connector::finish.
  Outcome<Receipt> finish(const Operation& create, const Receipt& made, const Secret& secret,
                          const std::stop_token& stop) const {
    return creator_.finish(create, made, secret, stop);
  }
  const RecipeCredentials& credentials() const { return credentials_; }

 private:
  Outcome<Receipt> carry_out(const Operation& operation, const Secret& first_secret,
                             const std::stop_token& stop) const;
  /// One of the changes is known to be so already: whether all are.
  Outcome<Receipt> all_hold(std::span<const Operation> changes, Outcome<Receipt> done,
                            const std::stop_token& stop) const;
  Outcome<Receipt> update(const Operation& operation, const std::stop_token& stop) const;
  Outcome<Receipt> change_membership(const Operation& operation, const std::stop_token& stop) const;
  Outcome<Receipt> change_alone(const EntitlementRecipe& kind, const Call& call, const Operation& operation,
                                const std::stop_token& stop) const;
  /// One call for changes that differ in nothing but the account; one call each where it was refused: one of
  /// them may be the reason.
  std::vector<Outcome<Receipt>> change_members(const Call& call, std::span<const Operation* const> changes,
                                               const std::stop_token& stop) const;
  /// All calls in their order, until one fails.
  Outcome<Receipt> run(const std::vector<Call>& calls, const Operation& operation,
                       const std::stop_token& stop) const;
  /// All steps in their order; a secret is answered by the last one that makes one. What takes away goes on
  /// after a step that was refused, so that what can be taken is, and fails in the end.
  Outcome<Receipt> run(const std::vector<Step>& steps, const Operation& operation, const Secret& secret,
                       const std::stop_token& stop) const;
  Outcome<std::optional<Edge>> edge_of(const EntitlementRecipe& kind, const Membership& edge,
                                       const std::stop_token& stop) const;
  /// The memberships that stand in the user object, with the ids of their own.
  Outcome<std::vector<Edge>> edges_inside(const EntitlementRecipe& kind, const std::string& account,
                                          const std::stop_token& stop) const;
  /// The ids an account is to have of a kind that one call sets whole; nullopt: it has them already.
  Outcome<std::optional<std::set<std::string>>> ids_after(const Operation& operation,
                                                          const std::string& account,
                                                          const std::stop_token& stop) const;

  const RecipePlatform& platform_;
  AccountLookup& lookup_;
  const MembershipReader& memberships_;
  const CallWriter calls_;
  const RecipeCredentials credentials_;
  const AccountCreator creator_;
  mutable MembershipBatches batches_;
};

}  // namespace usher::recipe
