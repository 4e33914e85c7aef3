#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"
#include "engine/apply/first_secrets.hpp"
#include "state/model/mutex.hpp"
#include "state/store/journal.hpp"

namespace usher {

/// What a run does about one operation of a lane.
enum class LaneStep : std::uint8_t {
  send,
  left_out,     ///< a guard holds it, or it must not be sent in this run
  done_before,  ///< an earlier run of the same plan did it
};

/// The operations of one change, which concern one account and run one after the other.
struct AccountLane {
  std::size_t first = 0;  ///< index of the first in the plan
  std::span<const Operation> operations;
  std::vector<LaneStep> steps;    ///< one an operation
  std::set<std::size_t> refused;  ///< indices of those for which another had to be done first, and was not
  std::string linked;     ///< the account that the person is linked to, where the lane begins with a create
  bool in_doubt = false;  ///< an earlier create for the person may have happened and is not settled

  bool sends(std::size_t i) const { return steps[i] == LaneStep::send; }
};

/// What the state knows of an account: whose it is, and how the last snapshot showed it.
struct KnownAccount {
  std::string person;       ///< empty: nobody's
  std::string attributes;   ///< canonical JSON; empty: not in the snapshot
  std::string memberships;  ///< likewise
};
/// Answers by platform and account id, from any thread. nullopt: the state does not know it.
using AccountLookup =
    std::function<std::optional<KnownAccount>(const std::string& platform, const std::string& account)>;

struct LaneCourse;

/// Whether a platform still deserves requests. Safe from any thread.
class PlatformHealth {
 public:
  /// Tells how an operation ended; enough failures in a row that are the platform's own, one refusal of the
  /// credentials, or one wait that is too long, and it is given up.
  void report(const Failure* failure);
  bool given_up() const { return given_up_; }
  /// Whether it was given up because it asks for a wait longer than the run may wait.
  bool postponed() const { return postponed_; }

 private:
  static constexpr int patience = 10;
  std::atomic<int> failures_in_a_row_{0};
  std::atomic<bool> given_up_{false};
  std::atomic<bool> postponed_{false};
};

/// One hand at a time for each entitlement of a platform: many servers read a whole group, change it and
/// write it back, and lose what was written meanwhile. Safe from any thread.
class EntitlementTurns {
 public:
  /// Waits until nobody else changes who has this entitlement.
  std::unique_lock<Mutex> take(const Membership& membership);

 private:
  Mutex mutex_;
  std::map<std::pair<std::string, std::string>, Mutex> turns_ GUARDED_BY(mutex_);  // by kind and id
};

/// Runs one lane: what an operation needs comes before it, and nothing else holds it up. Safe from any number
/// of threads with the same connector, secrets and health.
class AccountLaneRunner {
 public:
  AccountLaneRunner(Connector& connector, FirstSecrets& secrets, PlatformHealth& health, AccountLookup known,
                    std::stop_token stop)
      : connector_(connector),
        secrets_(secrets),
        health_(health),
        known_(std::move(known)),
        stop_(std::move(stop)) {}

  /// One ending for each operation that the lane sends, in their order. Never throws for what the platform
  /// answers.
  std::vector<OperationOutcome> run(const AccountLane& lane);

 private:
  /// Reads the account and ends what is so already, and what no longer fits it.
  void verify(LaneCourse& course);
  std::string why_not_now() const;
  Outcome<Receipt> send(const Operation& operation, const Secret& secret);
  OperationOutcome take(const Operation& operation, std::int64_t seq, bool again);
  /// Carries out all that the lane changes in one kind of memberships, beginning with this one, with one
  /// call.
  void set_memberships(LaneCourse& course, std::size_t first);
  /// The memberships of one kind that the account has now, as JSON by entitlement, or why that is not known.
  tl::expected<nlohmann::json, OperationOutcome> held_now(const LaneCourse& course, const Operation& first);
  OperationOutcome create(LaneCourse& course, const Operation& operation, std::int64_t seq);
  /// The account of a person who has one already, though no listing shows it; nullopt: it is gone.
  std::optional<OperationOutcome> unlisted(LaneCourse& course, const Operation& operation, std::int64_t seq);
  /// Whether the account that a create was answered with can be the new one; empty, or why not.
  std::string why_not_new(const Operation& operation, const std::string& account);
  OperationOutcome made(const Operation& operation, std::int64_t seq, const Receipt& receipt,
                        const Secret& secret, const std::string& how);
  OperationOutcome create_in_doubt(const Operation& operation, std::int64_t seq, const Failure& failure,
                                   const Secret& secret);
  OperationOutcome after_doubt(const Operation& operation, std::int64_t seq, const Failure& failure,
                               const Secret& secret, bool again);
  /// A platform that knows of nothing to take away must not show it either.
  OperationOutcome was_so(const Operation& operation, std::int64_t seq);

  Connector& connector_;
  FirstSecrets& secrets_;
  PlatformHealth& health_;
  const AccountLookup known_;
  EntitlementTurns turns_;
  std::stop_token stop_;
};

}  // namespace usher
