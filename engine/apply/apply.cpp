#include "engine/apply/apply.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>

#include "engine/apply/account_lane.hpp"
#include "engine/apply/lane_order.hpp"
#include "engine/apply/new_links.hpp"
#include "engine/apply/recovery.hpp"
#include "engine/runtime/log.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/effect.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/links.hpp"
#include "state/store/snapshots.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

constexpr std::size_t most_lanes_a_claim = 16;  // one commit of the journal covers so many accounts

/// Few lanes are shared out so that every worker gets some, and none is left waiting for another's last ones.
std::size_t lanes_a_claim(std::size_t open, unsigned workers) {
  return std::clamp<std::size_t>(open / (2 * std::max(workers, 1U)), 1, most_lanes_a_claim);
}

/// What workers share: the lanes still to run and the journal. Everything here happens under one lock.
class ApplyJournal {
 public:
  ApplyJournal(Database& database, const Plan& plan, const Remainder& remainder, std::int64_t run,
               Progress& progress)
      : database_(database),
        plan_(plan),
        remainder_(remainder),
        run_(run),
        progress_(progress),
        journal_(database.connection()) {
    for (const Operation& operation : plan.operations) {
      if (operation.held) incomplete_.insert(operation.change);
    }
    find_awaited();
    for (std::size_t i = 0; i < plan.operations.size();) {
      std::size_t end = i + 1;
      while (end < plan.operations.size() && plan.operations[end].change == plan.operations[i].change) ++end;
      add_lanes(i, end);
      i = end;
    }
    for (std::size_t i = 0; i < plan.operations.size(); ++i) total_ += concerns_this_run(i) ? 1U : 0U;
    report_.done_before = remainder.done_before;
    report_.earlier_run = remainder.earlier_run;
    write_plan();
  }

  /// The next lanes of a platform, journalled as sent; empty when there are none. First closes what `endings`
  /// tells. Waits for other workers where lanes are left that wait for what those do. more: whether to go on.
  std::vector<AccountLane> claim(const std::string& platform, unsigned workers,
                                 std::vector<OperationOutcome> endings, const std::function<bool()>& more) {
    std::unique_lock lock(mutex_);
    auto transaction = std::make_unique<Transaction>(database_.connection());
    close(endings);
    LaneOrder& open = open_[platform];
    const auto may_go_on = [&] {
      return open.ready() > 0 || !open.waits() || under_way_[platform] == 0 || broken_ || !more();
    };
    if (!may_go_on()) {
      transaction->commit();
      transaction.reset();
      ended_.wait(lock, may_go_on);
      transaction = std::make_unique<Transaction>(database_.connection());
    }
    std::vector<AccountLane> claimed;
    if (more()) {
      claimed = open.take(lanes_a_claim(open.ready(), workers));
      std::vector<std::int64_t> seqs;
      for (const AccountLane& lane : claimed) {
        for (std::size_t i = 0; i < lane.operations.size(); ++i) {
          seqs.push_back(static_cast<std::int64_t>(lane.first + i));
        }
      }
      under_way_[platform] += seqs.size();
      if (!seqs.empty()) journal_.mark_sent(run_, seqs, now_text());
    }
    transaction->commit();
    if (!claimed.empty()) database_.remember_writes();
    return claimed;
  }

  /// A worker ends without its endings: nobody waits for them.
  void give_up() {
    const std::lock_guard lock(mutex_);
    broken_ = true;
    ended_.notify_all();
  }

  /// Closes what was never claimed and tells what became of everything.
  ApplyReport finish() {
    std::vector<OperationOutcome> rest;
    for (auto& [platform, lanes] : open_) {
      for (const AccountLane& lane : lanes.rest()) {
        for (std::size_t i = 0; i < lane.operations.size(); ++i) {
          rest.push_back({static_cast<std::int64_t>(lane.first + i), OperationState::skipped, "",
                          "the run ended before it"});
        }
      }
    }
    Transaction transaction(database_.connection());
    close(rest);
    transaction.commit();
    progress_.finish("apply", done_);
    const auto by_order = [](const OperationReport& a, const OperationReport& b) {
      return a.operation.change < b.operation.change;
    };
    std::stable_sort(report_.troubles.begin(), report_.troubles.end(), by_order);
    return std::move(report_);
  }

 private:
  /// Whether no guard holds it and no earlier run did it.
  bool concerns_this_run(std::size_t index) const {
    return !plan_.operations[index].held && remainder_.done[index] == 0;
  }
  bool is_sent(std::size_t index) const {
    return concerns_this_run(index) && !remainder_.refused.contains(index);
  }

  /// A lane is a run of operations on one account that are sent.
  void add_lanes(std::size_t first, std::size_t end) {
    while (first < end) {
      while (first < end && !is_sent(first)) ++first;
      std::size_t last = first;
      while (last < end && is_sent(last)) ++last;
      if (last > first) add_lane({first, {&plan_.operations[first], last - first}, {}});
      first = last;
    }
  }

  void add_lane(AccountLane lane) {
    std::vector<std::vector<std::size_t>> waits_for(lane.operations.size());
    for (std::size_t i = 0; i < lane.operations.size(); ++i) {
      for (const std::string& id : lane.operations[i].waits_for) {
        const auto awaited = awaited_.find(id);
        const bool runs =
            awaited != awaited_.end() && awaited->second && !plan_.operations[*awaited->second].held;
        if (runs)
          waits_for[i].push_back(*awaited->second);
        else
          lane.refused.insert(i);
      }
    }
    const std::string& platform = lane.operations.front().platform;
    open_[platform].add(std::move(lane), waits_for);
  }

  /// Where the operations are that others wait for.
  void find_awaited() {
    for (const Operation& operation : plan_.operations) {
      for (const std::string& id : operation.waits_for) awaited_[id] = std::nullopt;
    }
    if (awaited_.empty()) return;
    for (std::size_t i = 0; i < plan_.operations.size(); ++i) {
      const auto awaited = awaited_.find(plan_.operations[i].id);
      if (awaited != awaited_.end()) awaited->second = i;
    }
  }

  void write_plan() {
    for (auto& [platform, lanes] : open_) lanes.begin();
    constexpr std::size_t at_once = 1024;
    Transaction transaction(database_.connection());
    std::vector<JournalEntry> entries;
    const auto write = [&] {
      journal_.plan(run_, plan_.digest, entries);
      entries.clear();
    };
    for (std::size_t i = 0; i < plan_.operations.size(); ++i) {
      const Operation& operation = plan_.operations[i];
      if (!concerns_this_run(i)) continue;
      JournalEntry entry;
      entry.seq = static_cast<std::int64_t>(i);
      entry.operation = operation.id;
      entry.platform = operation.platform;
      entry.kind = to_string(operation.kind);
      entry.person = operation.person;
      entry.account = operation.account;
      entry.label = operation.label;
      entry.detail = to_json(operation).dump();
      entries.push_back(std::move(entry));
      if (entries.size() == at_once) write();
    }
    write();
    std::vector<OperationOutcome> refused;
    for (const auto& [index, why] : remainder_.refused)
      refused.push_back({static_cast<std::int64_t>(index), OperationState::skipped, "", why});
    close(refused);
    transaction.commit();
  }

  void close(const std::vector<OperationOutcome>& endings) {
    if (endings.empty()) return;
    const std::string at = now_text();
    journal_.mark_ended(run_, endings, at);
    for (const OperationOutcome& ending : endings) {
      const Operation& operation = plan_.operations.at(static_cast<std::size_t>(ending.seq));
      if (ending.state != OperationState::done) incomplete_.insert(operation.change);
      ++report_.counts[operation.platform][ending.state];
      log({.level = LogLevel::debug,
           .platform = operation.platform,
           .object = operation.label.empty() ? operation.account : operation.label,
           .action = to_string(operation.kind),
           .reason = ending.message,
           .message = to_string(ending.state)});
      if (ending.state == OperationState::done) {
        note_done(operation, ending, at);
        const ChangeAct act = plan_.changes[operation.change].act;
        const bool asked_for = act == ChangeAct::rotate || act == ChangeAct::revoke;
        if (!asked_for && completes_its_change(static_cast<std::size_t>(ending.seq))) note_applied(operation);
      } else {
        const bool stale = ending.stale || ending.message.starts_with("stale: ");
        report_.troubles.push_back({operation, ending.state, ending.message, stale});
        if (stale) ++report_.stale;
      }
      std::uint64_t& under_way = under_way_[operation.platform];
      if (under_way > 0) --under_way;
      open_[operation.platform].ended(static_cast<std::size_t>(ending.seq),
                                      ending.state == OperationState::done);
    }
    ended_.notify_all();
    done_ += endings.size();
    progress_.advance("apply", done_, total_);
  }

  void note_done(const Operation& operation, const OperationOutcome& ending, const std::string& at) {
    if (operation.kind == OperationKind::create && !ending.account.empty()) {
      record_links(database_, operation.platform,
                   {{operation.person, ending.account, how_created(operation)}}, at);
    }
    Operation done = operation;
    if (done.account.empty()) done.account = ending.account;  // made by the same change
    remember(database_, done, at);
  }

  /// Whether with this operation all of its change is done.
  bool completes_its_change(std::size_t index) const {
    const std::size_t change = plan_.operations[index].change;
    const bool last = index + 1 == plan_.operations.size() || plan_.operations[index + 1].change != change;
    return last && incomplete_.count(change) == 0;
  }

  /// The account is now what is wanted: a later difference is somebody else's.
  void note_applied(const Operation& operation) {
    const PlatformId platform = database_.platform(operation.platform);
    Links links(database_.connection());
    const auto link = links.of_person(platform, operation.person);
    if (!link) return;
    const auto row = Wanted(database_.connection()).find(platform, link->key);
    if (row) links.set_applied(platform, operation.person, row->digest);
  }

  Database& database_;
  const Plan& plan_;
  const Remainder& remainder_;
  const std::int64_t run_;
  Progress& progress_;
  Journal journal_;
  std::mutex mutex_;
  std::condition_variable ended_;  // some operations did, or a worker gave up
  std::map<std::string, LaneOrder> open_;
  std::map<std::string, std::uint64_t> under_way_;             // operations that were claimed, by platform
  std::map<std::string, std::optional<std::size_t>> awaited_;  // by id: index in the plan
  bool broken_ = false;                                        // a worker gave up
  std::set<std::size_t> incomplete_;                           // changes of which something was not done
  std::uint64_t done_ = 0, total_ = 0;
  ApplyReport report_;
};

/// One platform's workers.
class WorkerPool {
 public:
  WorkerPool(const std::string& platform, const ExecuteTarget& target, ApplyJournal& ledger,
             std::stop_token stop)
      : workers_(target.connector->capabilities().concurrency),
        secrets_(target.rules->first_secret, target.connector->capabilities().secrets),
        runner_(*target.connector, secrets_, health_, stop) {
    for (unsigned i = 0; i < workers_; ++i) {
      threads_.emplace_back([this, platform, &ledger, stop] { work(platform, ledger, stop); });
    }
  }

  /// Waits for the workers; throws what ended one of them.
  std::string finish() {
    for (std::jthread& thread : threads_) thread.join();
    if (error_) std::rethrow_exception(error_);
    return secrets_.hand_over();
  }
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
        for (const AccountLane& lane : lanes) {
          for (OperationOutcome& ending : runner_.run(lane)) endings.push_back(std::move(ending));
        }
      }
    } catch (...) {  // carried to the thread that waits
      ledger.give_up();
      const std::lock_guard lock(error_mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }

  const unsigned workers_;
  FirstSecrets secrets_;
  PlatformHealth health_;
  AccountLaneRunner runner_;
  std::mutex error_mutex_;
  std::exception_ptr error_;
  std::vector<std::jthread> threads_;
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
  record_new_links(database, plan);
  ApplyJournal ledger(database, plan, remainder, run, progress);
  std::vector<std::unique_ptr<WorkerPool>> forces;
  for (const auto& [platform, target] : targets) {
    forces.push_back(std::make_unique<WorkerPool>(platform, target, ledger, stop));
  }
  std::vector<std::string> secret_troubles;
  std::exception_ptr error;
  for (const auto& force : forces) {
    try {
      if (std::string trouble = force->finish(); !trouble.empty())
        secret_troubles.push_back(std::move(trouble));
    } catch (...) {
      if (!error) error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
  ApplyReport report = ledger.finish();
  for (std::string& trouble : secret_troubles)
    report.troubles.push_back({{}, OperationState::failed, std::move(trouble)});
  report.run = run;
  report.plan = plan.digest;
  report.interrupted = stop.stop_requested() || std::any_of(forces.begin(), forces.end(),
                                                            [](const auto& one) { return one->postponed(); });
  report.seconds = monotonic_seconds() - began;
  return report;
}

}  // namespace usher
