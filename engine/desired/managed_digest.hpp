#pragma once

#include <simdjson.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/desired/entitlement_names.hpp"
#include "engine/desired/planning_input.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

/// Digests of what the rules of one platform manage of an account and pulls show of it. Equal ones mean that
/// an active account is as its person should have it, so that nobody has to open either; ones that differ
/// mean nothing. For one thread; target and names must outlive it.
class ManagedDigest {
 public:
  ManagedDigest(const Fingerprinter& fingerprints, const Target& target, const EntitlementNames& names);

  /// Of what a person should have. An error: the platform cannot hold it. nullopt: a group has no one id.
  tl::expected<std::optional<Fingerprint>, RuleFailure> of(const WantedAccount& wanted);
  /// Of an account. attributes: of it, parsed. nullopt: its memberships cannot be read.
  std::optional<Fingerprint> of(const AccountView& account, simdjson::dom::element attributes);

 private:
  /// A rule of groups with the id it stands for; empty: there is no one such.
  struct GroupId {
    const GroupRule* rule;
    std::string id;
    std::vector<std::string> details;
  };
  /// Kind and id -> details.
  using Edges = std::map<std::pair<std::string_view, std::string_view>, std::vector<std::string_view>>;

  bool append_groups(const WantedAccount& wanted);
  bool append_memberships(std::string_view memberships);
  void append_edges();
  bool manages(std::string_view kind) const;

  const Fingerprinter& fingerprints_;
  const AccountProgram& program_;
  std::vector<GroupId> group_ids_;  // one a rule of groups
  simdjson::dom::parser parser_;    // of memberships
  std::string text_;
  Edges edges_;
};

}  // namespace usher
