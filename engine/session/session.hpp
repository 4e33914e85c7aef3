#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "engine/apply/apply_report.hpp"
#include "engine/apply/waves.hpp"
#include "engine/credentials/held_credentials.hpp"
#include "engine/pull/pull_report.hpp"
#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/progress.hpp"
#include "engine/session/conditions.hpp"
#include "engine/session/relinking.hpp"
#include "engine/workspace/workspace.hpp"
#include "state/model/plan.hpp"

namespace usher {

/// Which platforms a plan reads anew before it plans.
enum class Refresh {
  needed,   ///< files that changed, platforms never pulled or written to since their last pull
  all,      ///< every platform
  nothing,  ///< plan from the state as it is
};

/// A configuration with its connectors and its state, open for one command. Making it throws CommandError
/// (configuration_invalid with all mistakes, locked, failed). Not thread-safe.
class Session {
 public:
  explicit Session(const CommonOptions& options, Progress& progress, std::stop_token stop);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// The platforms that rules are written for.
  std::vector<std::string> targets() const;

  /// Pulls the named platforms (none: all) at once and publishes what each proved. Never throws for a
  /// platform that fails: its report says so.
  std::vector<PullReport> pull(const std::vector<std::string>& platforms, Refresh refresh);

  /// Desire, diff, plan, review. Nothing is written to a platform. The plan is also kept in the state.
  /// Throws CommandError when a source was never read or is incomplete. only: what of it is about nobody of
  /// these (keys of people, ids or labels of accounts) is left out after guards judged all of it; empty:
  /// nothing is. Throws CommandError(usage) for one that is nobody's.
  Plan plan(const std::vector<std::string>& only = {});

  /// Platforms that this session could not read, or not ask for an account.
  std::vector<PullReport> unread() const;

  /// The plan by which one person loses everything on every platform at once: tokens and sessions,
  /// memberships, the account; whatever the source says and without any days of grace. Kept in the state like
  /// any plan. Only the person's accounts are asked for, where knows_accounts_of() says so and nothing was
  /// pulled in vain. until: of offboard(), for what the plan says of it. Throws CommandError(usage) when
  /// nobody of that key is known.
  Plan offboarding(const std::string& person, const std::string& until = {});
  /// Executes such a plan, as apply() does. From before its first request no plan gives the person anything:
  /// until then (RFC 3339); empty: until the sources say that the person has left.
  ApplyReport offboard(const Plan& plan, const std::string& person, const std::string& until);
  /// Whether it is known which accounts the person has, so that no platform need be pulled to offboard them.
  bool knows_accounts_of(const std::string& person);

  /// The plan that puts back what one run changed, of accounts as they are now; what changed since, and what
  /// cannot be brought back, is noted. hold_until: RFC 3339: until then no plan does again what is undone;
  /// empty: the next may. Kept in the state like any plan. only: as for plan(). Throws CommandError(usage)
  /// for a run that is unknown or changed no platform.
  Plan undo(std::int64_t run, const std::vector<std::string>& only, const std::string& hold_until);

  /// Says whose an account is, in a run of its own; see engine/session/relinking.hpp. Nothing is written to a
  /// platform.
  Relinked link(const std::string& person, const std::string& account, const std::string& platform);
  Relinked unlink(const std::string& person, const std::string& platform);
  std::vector<Relinked> relink(const std::vector<NewKey>& people);
  /// Whether the key is or was that of anybody.
  bool knows_key(const std::string& person);

  /// Asks the platform. Throws CommandError(usage) when the key names nobody, or nothing can be told.
  HeldCredentials credentials(const CredentialQuery& holder);
  /// Asks the platform for those of every account of the last pull, by account id; accounts without any are
  /// left out. kind: empty: all that can be told. Throws like credentials().
  std::vector<HeldCredentials> all_credentials(const std::string& platform, const std::string& kind);
  /// A plan of one operation: rotate, or revoke of one credential (all of the kind when the id is empty).
  /// Throws CommandError(usage) when it cannot be done.
  Plan credential_plan(const CredentialQuery& holder, OperationKind act, const std::string& id);
  /// A plan that revokes all credentials of a kind (empty: the only one there is) of every account of the
  /// last pull but the one this program works as. It is what was asked for: no guard judges it.
  Plan revocation_plan(const std::string& platform, const std::string& kind);

  /// Lets other commands work on the state while somebody is asked. Then the state is waited for, as when the
  /// session began but a minute at least; a plan made before is as stale as a saved one by what others did.
  /// Throws CommandError(locked, plan_stale where the configuration or a recipe changed meanwhile, failed
  /// where the state was replaced). After false nothing more may be asked of the session.
  bool while_others_work(const std::function<bool()>& ask);

  /// Executes a plan: journal first, settle what an earlier run left unknown, lanes in order, retries; one
  /// wave after the other. Throws CommandError(plan_stale) when the plan does not belong to this state or
  /// configuration.
  ApplyReport apply(const Plan& plan, const WaveRules& waves = {});
  /// What guards held in it was told at length: HeldInARow::told of the next ones that hold the same.
  void held_was_told();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace usher
