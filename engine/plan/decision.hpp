#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/desired/desired_account_reader.hpp"
#include "engine/desired/entitlement_names.hpp"
#include "engine/plan/written_values.hpp"
#include "state/model/plan.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

/// What follows for one person and one platform: at most one change with its operations, in the order they
/// must run, and what is not done and why.
struct Decision {
  std::optional<Change> change;
  std::vector<Operation> operations;
  std::vector<Note> notes;

  /// Nothing to do and nothing to say: the account is as wanted.
  bool agrees() const { return !change && notes.empty(); }
};

/// What is the same for every account of one platform while a plan is made. Immutable; safe from any thread.
struct PlatformView {
  const Target* target = nullptr;
  const EntitlementNames* names = nullptr;
  std::string self;      ///< the engine's own account
  std::string unsealed;  ///< why an account's absence on the platform is no evidence; empty: it is
  std::string unsure;    ///< why nothing is taken away: absence in the sources is no evidence; empty: it is
  std::string unseen;    ///< the same of accounts that the last pull of the platform did not show
  std::int64_t now = 0;  ///< of the plan, in seconds since 1970
  std::map<std::pair<std::string, std::string>, std::string> giving = {};  ///< rules_giving(): by kind and id

  const Capabilities& can() const { return target->program->capabilities(); }
  const AccountRules& rules() const { return target->program->rules(); }
};

/// What is remembered of one person's account, because no platform tells it.
struct Standing {
  std::optional<std::int64_t> gone_since;  ///< seconds since 1970; nullopt: this plan is the first to see it
  bool locked = false;
  bool made_unusable = false;  ///< this program made the account for somebody who may not log in
  /// Of attributes that no pull shows.
  Written written = {};
};

/// A person who should have this account: enable or unlock, update, memberships. because: why there may be a
/// difference.
Decision decide_update(const PlatformView& view, const DesiredAccountReader::Answer& person,
                       const Account& account, const Standing& standing, const std::string& because);

/// A person who should have an account and has none.
Decision decide_create(const PlatformView& view, const DesiredAccountReader::Answer& person,
                       const std::string& because);

/// Puts what was decided into a plan.
void add(Plan& plan, Decision decision);

/// A person whose account was linked so lately that the platform need not show it yet.
Decision decide_to_wait(const PlatformView& view, const std::string& person, const std::string& account,
                        const std::string& linked_at);

/// Somebody who is declared and not active and has no account: one that cannot be used, where the rules want
/// that.
Decision decide_create_unusable(const PlatformView& view, const DesiredAccountReader::Answer& person,
                                const std::string& because);

/// Somebody whose account should not be active any more. because: gone, not active, out of scope.
Decision decide_deprovision(const PlatformView& view, const std::string& person, const Account& account,
                            const Standing& standing, const std::string& because);

/// "disabled", "locked", "deleted": what a step that takes an account away makes of it.
const char* participle(OperationKind step);

/// An account that nobody declares, and that is to lose everything. step: disable, lock or remove.
Decision decide_orphan(const PlatformView& view, const Account& account, OperationKind step,
                       const std::string& because);

/// What of somebody's is taken by offboarding them.
enum class OffboardingScope : std::uint8_t {
  everything,
  what_is_seen,  ///< once more: not the credentials of an account that nobody can use, or that stays usable
};

/// Somebody who is to lose everything now, whatever the source says: tokens and sessions, all memberships,
/// the account. Nothing here rests on anybody's absence, so that no seal is asked for.
Decision decide_offboarding(const PlatformView& view, const std::string& person, const Account& account,
                            const Standing& standing, const std::string& because,
                            OffboardingScope scope = OffboardingScope::everything);

}  // namespace usher
