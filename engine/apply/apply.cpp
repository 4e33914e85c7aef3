#include "engine/apply/apply.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "engine/apply/account_lane.hpp"
#include "engine/apply/apply_journal.hpp"
#include "engine/apply/lane_order.hpp"
#include "engine/apply/new_links.hpp"
#include "engine/apply/owed.hpp"
#include "engine/apply/recovery.hpp"
#include "engine/runtime/log.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/effect.hpp"
#include "state/model/worker_thread.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/links.hpp"
#include "state/store/lost_secrets.hpp"
#include "state/store/owed_takings.hpp"
#include "state/store/refusals.hpp"
#include "state/store/secret_spool.hpp"
#include "state/store/snapshots.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

/// One platform's workers.
class WorkerPool {
 public:
  WorkerPool(const std::string& platform, const ExecuteTarget& target, ApplyJournal& ledger,
             SecretSpool& spool, std::stop_token stop)
      : workers_(target.connector->capabilities().concurrency),
        secrets_(platform, target.rules->first_secret, target.connector->capabilities().secrets, spool),
        runner_(
            *target.connector, secrets_, health_,
            [&ledger](const std::string& name, const std::string& account) {
              return ledger.known(name, account);
            },
            stop) {
    target.connector->begin_changes();
    for (unsigned i = 0; i < workers_; ++i) {
      threads_.emplace_back(
          [this, platform, &ledger, stop](const std::stop_token&) { work(platform, ledger, stop); });
    }
  }

  /// Waits for the workers; throws what ended one of them.
  std::string finish() {
    std::exception_ptr error;
    for (WorkerThread& thread : threads_) {
      try {
        thread.join();
      } catch (...) {
        if (!error) error = std::current_exception();
      }
    }
    std::string trouble = secrets_.hand_over();
    if (error) std::rethrow_exception(error);
    return trouble;
  }
  /// Takes old secrets out of the file they were handed over to; what went wrong, or empty.
  std::string forget_old_secrets() { return secrets_.forget_old(); }
  /// Whether the platform asked for a wait that is left for the next run.
  bool postponed() const { return health_.postponed(); }

 private:
  void work(const std::string& platform, ApplyJournal& ledger, const std::stop_token& stop) {
    try {
      std::vector<OperationOutcome> endings;
      while (true) {
        const auto more = [&] { return !stop.stop_requested() && !health_.given_up(); };
        const std::vector<AccountLane> lanes = ledger.claim(platform, workers_, std::move(endings), more);
        endings = {};
        if (lanes.empty()) return;
        secrets_.hand_over();  // of what the claim closed; what goes wrong is told at the end
        for (const AccountLane& lane : lanes) {
          for (OperationOutcome& ending : runner_.run(lane)) endings.push_back(std::move(ending));
        }
      }
    } catch (...) {  // the other workers must not wait for this one
      ledger.give_up();
      throw;
    }
  }

  const unsigned workers_;
  FirstSecrets secrets_;
  PlatformHealth health_;
  AccountLaneRunner runner_;
  std::vector<WorkerThread> threads_;
};

/// The plan whose operations know the accounts that earlier runs of it made.
Plan with_accounts(const Plan& plan, const Remainder& remainder) {
  Plan known = plan;
  for (const auto& [index, account] : remainder.accounts) known.operations[index].account = account;
  return known;
}

}  // namespace

ApplyReport execute(Database& database, const Plan& asked, const Remainder& remainder,
                    const std::map<std::string, ExecuteTarget>& targets, std::int64_t run, Progress& progress,
                    std::stop_token stop) {
  const double began = monotonic_seconds();
  const std::optional<Plan> resumed =
      remainder.accounts.empty() ? std::nullopt : std::optional(with_accounts(asked, remainder));
  const Plan& plan = resumed ? *resumed : asked;
  std::vector<OperationReport> troubles = record_new_links(database, plan);
  SecretSpool spool(SecretSpool::beside(database.file()));
  for (OperationReport& still : do_what_is_owed(database, spool, targets, run, stop))
    troubles.push_back(std::move(still));
  ApplyJournal ledger(database, plan, remainder, run, progress);
  std::vector<std::unique_ptr<WorkerPool>> forces;
  for (const auto& [platform, target] : targets) {
    forces.push_back(std::make_unique<WorkerPool>(platform, target, ledger, spool, stop));
  }
  std::exception_ptr error;
  for (const auto& force : forces) {
    try {
      if (std::string trouble = force->finish(); !trouble.empty())
        troubles.push_back({{}, OperationState::failed, std::move(trouble)});
    } catch (...) {
      if (!error) error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
  for (const auto& force : forces)
    if (std::string trouble = force->forget_old_secrets(); !trouble.empty())
      troubles.push_back({{}, OperationState::failed, std::move(trouble)});
  ApplyReport report = ledger.finish();
  std::move(troubles.begin(), troubles.end(), std::back_inserter(report.troubles));
  report.run = run;
  report.plan = plan.digest;
  report.interrupted = stop.stop_requested() || std::any_of(forces.begin(), forces.end(),
                                                            [](const auto& one) { return one->postponed(); });
  report.seconds = monotonic_seconds() - began;
  return report;
}

}  // namespace usher
