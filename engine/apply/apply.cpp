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
#include "engine/apply/gate.hpp"
#include "engine/apply/lane_order.hpp"
#include "engine/apply/new_links.hpp"
#include "engine/apply/owed.hpp"
#include "engine/apply/recovery.hpp"
#include "engine/runtime/log.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/worker_thread.hpp"
#include "state/store/secret_spool.hpp"

namespace usher {

namespace {

/// Workers that wait to send one request together send none meanwhile.
unsigned workers_for(const Capabilities& can) {
  return std::max(can.concurrency, can.together);
}

/// One platform's workers.
class WorkerPool {
 public:
  WorkerPool(const std::string& platform, const ExecuteTarget& target, ApplyJournal& journal,
             SecretSpool& spool, std::stop_token stop)
      : platform_(platform),
        journal_(journal),
        stop_(stop),
        workers_(workers_for(target.connector->capabilities())),
        secrets_(platform, target.rules->first_secret, target.connector->capabilities().secrets, spool),
        runner_(
            *target.connector, secrets_, health_,
            [&journal](const std::string& name, const std::string& account) {
              return journal.known(name, account);
            },
            stop) {
    target.connector->begin_changes();
  }

  /// Sets the workers to the wave that the journal began.
  void start() {
    for (unsigned i = 0; i < workers_; ++i) threads_.emplace_back([this](const std::stop_token&) { work(); });
  }
  /// Waits for the workers, and hands over the secrets they made; throws what ended one of them.
  void join() {
    std::exception_ptr error;
    for (WorkerThread& thread : threads_) {
      try {
        thread.join();
      } catch (...) {
        if (!error) error = std::current_exception();
      }
    }
    threads_.clear();
    secrets_.hand_over();
    if (error) std::rethrow_exception(error);
  }
  /// What went wrong in handing over, or empty.
  std::string hand_over() { return secrets_.hand_over(); }
  /// Takes old secrets out of the file they were handed over to; what went wrong, or empty.
  std::string forget_old_secrets() { return secrets_.forget_old(); }
  /// Whether the platform asked for a wait that is left for the next run.
  bool postponed() const { return health_.postponed(); }

 private:
  void work() {
    try {
      std::vector<OperationOutcome> endings;
      while (true) {
        const auto may_send = [&] { return !stop_.stop_requested() && !health_.given_up(); };
        const std::vector<AccountLane> lanes =
            journal_.claim(platform_, workers_, std::move(endings), may_send);
        endings = {};
        if (lanes.empty()) return;
        secrets_.hand_over();  // of what the claim closed; what goes wrong is told at the end
        for (const AccountLane& lane : lanes) {
          for (OperationOutcome& ending : runner_.run(lane)) endings.push_back(std::move(ending));
        }
      }
    } catch (...) {  // the other workers must not wait for this one
      journal_.give_up();
      throw;
    }
  }

  const std::string platform_;
  ApplyJournal& journal_;
  const std::stop_token stop_;
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

using WorkerPools = std::vector<std::unique_ptr<WorkerPool>>;

/// Waits for all of them, also where one was ended by something.
void carry_out_wave(const WorkerPools& pools) {
  for (const auto& pool : pools) pool->start();
  std::exception_ptr error;
  for (const auto& pool : pools) {
    try {
      pool->join();
    } catch (...) {
      if (!error) error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

bool is_interrupted(const WorkerPools& pools, const std::stop_token& stop) {
  return stop.stop_requested() ||
         std::ranges::any_of(pools, [](const auto& one) { return one->postponed(); });
}

/// Whether the wave after this one may begin.
bool passes_gate(ApplyJournal& journal, const Plan& plan, const WaveRules& rules, std::size_t wave,
                 std::int64_t run, const std::stop_token& stop) {
  if (rules.gate.empty()) return true;
  const WaveReport before = journal.wave(wave);
  GateReport gate = run_gate(rules, {run, plan, journal.waves(), wave, before.counts}, stop);
  const bool passed = gate.failure.empty();
  journal.record_gate(wave, std::move(gate), stop.stop_requested());
  return passed;
}

void carry_out_waves(ApplyJournal& journal, const WorkerPools& pools, const Plan& plan,
                     const WaveRules& rules, std::int64_t run, const std::stop_token& stop) {
  for (std::size_t wave = 0; wave < journal.waves().all.size(); ++wave) {
    if (!journal.has_left(wave)) continue;
    if (wave > 0 && !passes_gate(journal, plan, rules, wave - 1, run, stop)) return;
    journal.begin_wave(wave);
    carry_out_wave(pools);
    if (!journal.end_wave(is_interrupted(pools, stop))) return;
  }
}

}  // namespace

ApplyReport execute(Database& database, const Plan& asked, const Remainder& remainder,
                    const std::map<std::string, ExecuteTarget>& targets, const WaveRules& waves,
                    std::int64_t run, Progress& progress, std::stop_token stop) {
  const double began = monotonic_seconds();
  const std::optional<Plan> resumed =
      remainder.accounts.empty() ? std::nullopt : std::optional(with_accounts(asked, remainder));
  const Plan& plan = resumed ? *resumed : asked;
  std::vector<OperationReport> troubles = record_new_links(database, plan);
  SecretSpool spool(SecretSpool::beside(database.file()));
  for (OperationReport& still : do_what_is_owed(database, spool, targets, run, stop))
    troubles.push_back(std::move(still));
  ApplyJournal journal(database, plan, remainder, waves, run, progress);
  WorkerPools pools;
  for (const auto& [platform, target] : targets) {
    pools.push_back(std::make_unique<WorkerPool>(platform, target, journal, spool, stop));
  }
  carry_out_waves(journal, pools, plan, waves, run, stop);
  for (const auto& pool : pools)
    if (std::string trouble = pool->hand_over(); !trouble.empty())
      troubles.push_back({{}, OperationState::failed, std::move(trouble)});
  for (const auto& pool : pools)
    if (std::string trouble = pool->forget_old_secrets(); !trouble.empty())
      troubles.push_back({{}, OperationState::failed, std::move(trouble)});
  ApplyReport report = journal.finish();
  std::move(troubles.begin(), troubles.end(), std::back_inserter(report.troubles));
  report.run = run;
  report.plan = plan.digest;
  report.interrupted = is_interrupted(pools, stop);
  report.seconds = monotonic_seconds() - began;
  return report;
}

}  // namespace usher
