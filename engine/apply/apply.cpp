#include "engine/apply/apply.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "engine/apply/account_lane.hpp"
#include "engine/apply/owed.hpp"
#include "engine/apply/recovery.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/effect.hpp"
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

constexpr std::size_t most_lanes_a_claim = 16;  // one commit of the journal covers so many accounts

/// Few lanes are shared out so that every worker gets some, and none is left waiting for another's last ones.
std::size_t lanes_a_claim(std::size_t open, unsigned workers) {
  return std::clamp<std::size_t>(open / (2 * std::max(workers, 1U)), 1, most_lanes_a_claim);
}

/// What workers share: the lanes still to run and the journal. Everything here happens under one lock.
class ApplyJournal {
 public:
  ApplyJournal(Database& database, const Plan& plan, std::int64_t run, Progress& progress)
      : database_(database), plan_(plan), run_(run), progress_(progress), journal_(database.connection()) {
    for (const Operation& operation : plan.operations) {
      if (operation.held) incomplete_.insert(operation.change);
    }
    for (std::size_t i = 0; i < plan.operations.size();) {
      std::size_t end = i + 1;
      while (end < plan.operations.size() && plan.operations[end].change == plan.operations[i].change) ++end;
      add_lane(i, end);
      i = end;
    }
    total_ =
        static_cast<std::uint64_t>(std::count_if(plan.operations.begin(), plan.operations.end(),
                                                 [](const Operation& operation) { return !operation.held; }));
    for (const JournalEntry& open : journal_.open_before(run)) {
      if (open.kind == to_string(OperationKind::create)) in_doubt_.insert({open.platform, open.person});
    }
    write_plan();
  }

  /// The next lanes of a platform, journalled as sent; empty when there are none. First closes what `endings`
  /// tells.
  std::vector<AccountLane> claim(const std::string& platform, unsigned workers,
                                 std::vector<OperationOutcome> endings, bool more) {
    const std::lock_guard lock(mutex_);
    Transaction transaction(database_.connection());
    close(endings);
    std::vector<AccountLane> claimed;
    if (more) {
      std::vector<AccountLane>& open = open_[platform];
      const std::size_t count = std::min(lanes_a_claim(open.size(), workers), open.size());
      claimed.assign(open.rbegin(), open.rbegin() + static_cast<std::ptrdiff_t>(count));
      open.resize(open.size() - count);
      for (AccountLane& lane : claimed) {
        const Operation& begin = lane.operations.front();
        lane.linked = linked(lane);
        lane.in_doubt = in_doubt_.count({begin.platform, begin.person}) > 0;
      }
      std::vector<std::int64_t> seqs;
      for (const AccountLane& lane : claimed) {
        for (std::size_t i = 0; i < lane.operations.size(); ++i) {
          if (!lane.operations[i].held) seqs.push_back(static_cast<std::int64_t>(lane.first + i));
        }
      }
      if (!seqs.empty()) journal_.mark_sent(run_, seqs, now_text());
    }
    transaction.commit();
    return claimed;
  }

  /// What the state knows of an account.
  std::optional<KnownAccount> known(const std::string& platform, const std::string& account) {
    const std::lock_guard lock(mutex_);
    if (removed_.count({platform, account}) > 0) return std::nullopt;  // its id is free again
    const PlatformId id = database_.platform(platform);
    const Fingerprint key = database_.fingerprints().of_id(account);
    const auto link = Links(database_.connection()).of_account(id, key);
    const auto held = Snapshots(database_.connection()).find(id, key);
    if (!link && !held) return std::nullopt;
    return KnownAccount{link ? link->person : "", held ? held->account.attributes : ""};
  }

  /// Closes what was never claimed and tells what became of everything.
  ApplyReport finish() {
    std::vector<OperationOutcome> rest;
    for (const auto& [platform, lanes] : open_) {
      for (const AccountLane& lane : lanes) {
        for (std::size_t i = 0; i < lane.operations.size(); ++i) {
          if (lane.operations[i].held) continue;
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
  /// A lane is what no guard holds of one change.
  void add_lane(std::size_t first, std::size_t end) {
    const std::span<const Operation> change(&plan_.operations[first], end - first);
    if (std::all_of(change.begin(), change.end(), [](const Operation& one) { return one.held; })) return;
    open_[change.front().platform].push_back({first, change, {}, false});
  }

  /// The account that the person of a create is linked to; empty: none, or the lane begins with another step.
  std::string linked(const AccountLane& lane) {
    const Operation& first = lane.operations.front();
    if (first.kind != OperationKind::create) return {};
    const auto link =
        Links(database_.connection()).of_person(database_.platform(first.platform), first.person);
    return link && removed_.count({first.platform, link->account}) == 0 ? link->account : std::string();
  }

  void write_plan() {
    for (auto& [platform, lanes] : open_) std::reverse(lanes.begin(), lanes.end());  // taken from the back
    constexpr std::size_t at_once = 1024;
    Transaction transaction(database_.connection());
    std::vector<JournalEntry> entries;
    const auto write = [&] {
      journal_.plan(run_, plan_.digest, entries);
      entries.clear();
    };
    for (std::size_t i = 0; i < plan_.operations.size(); ++i) {
      const Operation& operation = plan_.operations[i];
      if (operation.held) continue;
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
    transaction.commit();
  }

  void close(const std::vector<OperationOutcome>& endings) {
    if (endings.empty()) return;
    const std::string at = now_text();
    for (const OperationOutcome& ended : endings) {
      OperationOutcome ending = ended;
      const Operation& operation = plan_.operations.at(static_cast<std::size_t>(ending.seq));
      const bool there = ending.state == OperationState::done || ending.state == OperationState::owed;
      if (there) note_done(operation, ending, at);
      journal_.mark_ended(run_, {&ending, 1}, at);
      note_taking(operation, ending);
      if (ending.refused) note_refused(operation, ending, at);
      if (ending.state != OperationState::done) incomplete_.insert(operation.change);
      ++report_.counts[operation.platform][to_string(ending.state)];
      if (ending.state == OperationState::done) {
        const std::string& act = plan_.changes[operation.change].act;
        const bool asked_for = act == "rotate" || act == "revoke";
        if (!asked_for && completes_its_change(static_cast<std::size_t>(ending.seq))) note_applied(operation);
      } else {
        report_.troubles.push_back({operation, to_string(ending.state), ending.message, ending.stale});
      }
    }
    done_ += endings.size();
    progress_.advance("apply", done_, total_);
  }

  /// What is done means something for later; a link that cannot be recorded is an ending of its own.
  void note_done(const Operation& operation, OperationOutcome& ending, const std::string& at) {
    if (operation.kind == OperationKind::create && !ending.account.empty()) {
      const auto refused = record_links(database_, operation.platform,
                                        {{operation.person, ending.account, how_created(operation)}}, at);
      if (!refused.empty()) {
        ending.state = OperationState::unknown;
        ending.message = refused.front().why;
        return;
      }
    }
    if (operation.kind == OperationKind::remove) removed_.insert({operation.platform, operation.account});
    if (ending.secret_lost)
      LostSecrets(database_.connection()).put({operation.platform, operation.person, ending.account});
    Operation done = operation;
    if (done.account.empty()) done.account = ending.account;  // made by the same change
    remember(database_, done, at);
  }

  /// A leaver's tokens are shown by no pull: what could not be taken must be remembered.
  void note_taking(const Operation& operation, const OperationOutcome& ending) {
    if (operation.kind != OperationKind::revoke) return;
    const bool asked_for = plan_.changes[operation.change].act == "revoke" && operation.before.empty();
    OwedTakings owed(database_.connection());
    if (ending.state == OperationState::done) owed.forget(operation.id);
    const bool refused = ending.state == OperationState::failed || ending.state == OperationState::unknown;
    if (refused && !asked_for) owed.put(operation);
  }

  /// What a platform does not take is not sent again tomorrow morning as it was.
  void note_refused(const Operation& operation, const OperationOutcome& ending, const std::string& at) {
    const PlatformId platform = database_.platform(operation.platform);
    Snapshots snapshots(database_.connection());
    const auto held = operation.account.empty()
                          ? std::nullopt
                          : snapshots.find(platform, database_.fingerprints().of_id(operation.account));
    Refusal refusal{operation.platform, std::nullopt, snapshots.platform(platform).generation, at,
                    ending.message};
    if (held) refusal.account = held->digest;
    Refusals(database_.connection()).put(operation.id, refusal);
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
  const std::int64_t run_;
  Progress& progress_;
  Journal journal_;
  std::mutex mutex_;
  std::map<std::string, std::vector<AccountLane>> open_;
  std::set<std::size_t> incomplete_;                        // changes of which something was not done
  std::set<std::pair<std::string, std::string>> removed_;   // platform, account
  std::set<std::pair<std::string, std::string>> in_doubt_;  // platform, person
  std::uint64_t done_ = 0, total_ = 0;
  ApplyReport report_;
};

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
    for (unsigned i = 0; i < workers_; ++i) {
      threads_.emplace_back([this, platform, &ledger, stop] { work(platform, ledger, stop); });
    }
  }

  /// Waits for the workers; throws what ended one of them.
  std::string finish() {
    for (std::jthread& thread : threads_) thread.join();
    std::string trouble = secrets_.hand_over();
    if (error_) std::rethrow_exception(error_);
    return trouble;
  }

 private:
  void work(const std::string& platform, ApplyJournal& ledger, const std::stop_token& stop) {
    try {
      std::vector<OperationOutcome> endings;
      while (true) {
        const bool more = !stop.stop_requested() && !health_.given_up();
        const std::vector<AccountLane> lanes = ledger.claim(platform, workers_, std::move(endings), more);
        endings = {};
        if (lanes.empty()) return;
        secrets_.hand_over();  // of what the claim closed; what goes wrong is told at the end
        for (const AccountLane& lane : lanes) {
          for (OperationOutcome& ending : runner_.run(lane)) endings.push_back(std::move(ending));
        }
      }
    } catch (...) {  // carried to the thread that waits
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

/// Records the pairs that the plan found; answers those whose account is somebody else's by now.
std::vector<OperationReport> record_new_links(Database& database, const Plan& plan) {
  std::map<std::string, std::vector<Pair>> pairs;
  for (const NewLink& link : plan.links)
    pairs[link.platform].push_back({link.person, link.account, link.how});
  Transaction transaction(database.connection());
  std::vector<OperationReport> troubles;
  for (const auto& [platform, found] : pairs) {
    for (RefusedLink& refused : record_links(database, platform, found, now_text())) {
      Operation none;
      none.platform = platform;
      none.person = refused.pair.person;
      none.account = none.label = refused.pair.account;
      troubles.push_back({std::move(none), "failed", std::move(refused.why)});
    }
  }
  transaction.commit();
  return troubles;
}

}  // namespace

ApplyReport execute(Database& database, const Plan& plan, const std::map<std::string, ExecuteTarget>& targets,
                    std::int64_t run, Progress& progress, std::stop_token stop) {
  const double began = monotonic_seconds();
  std::vector<OperationReport> troubles = record_new_links(database, plan);
  SecretSpool spool(SecretSpool::beside(database.file()));
  for (OperationReport& still : do_what_is_owed(database, spool, targets, stop))
    troubles.push_back(std::move(still));
  ApplyJournal ledger(database, plan, run, progress);
  std::vector<std::unique_ptr<WorkerPool>> forces;
  for (const auto& [platform, target] : targets) {
    forces.push_back(std::make_unique<WorkerPool>(platform, target, ledger, spool, stop));
  }
  std::exception_ptr error;
  for (const auto& force : forces) {
    try {
      if (std::string trouble = force->finish(); !trouble.empty())
        troubles.push_back({{}, "failed", std::move(trouble)});
    } catch (...) {
      if (!error) error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
  ApplyReport report = ledger.finish();
  std::move(troubles.begin(), troubles.end(), std::back_inserter(report.troubles));
  report.run = run;
  report.plan = plan.digest;
  report.interrupted = stop.stop_requested();
  report.seconds = monotonic_seconds() - began;
  return report;
}

}  // namespace usher
