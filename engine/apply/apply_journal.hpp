#pragma once

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "engine/apply/account_lane.hpp"
#include "engine/apply/aftermath.hpp"
#include "engine/apply/apply_report.hpp"
#include "engine/apply/lane_order.hpp"
#include "engine/apply/recovery.hpp"
#include "engine/apply/remainder.hpp"
#include "engine/apply/wave_course.hpp"
#include "engine/runtime/log.hpp"
#include "engine/runtime/progress.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/effect.hpp"
#include "state/model/mutex.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/links.hpp"
#include "state/store/lost_secrets.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

inline constexpr std::size_t most_lanes_a_claim = 16;  // one commit of the journal covers so many accounts

/// Few lanes are shared out so that every worker gets some, and none is left waiting for another's last ones.
inline std::size_t lanes_a_claim(std::size_t open, unsigned workers) {
  return std::clamp<std::size_t>(open / (2 * std::max(workers, 1U)), 1, most_lanes_a_claim);
}

/// What workers share: the lanes still to run and the journal. Everything here happens under one lock.
class ApplyJournal {
 public:
  ApplyJournal(Database& database, const Plan& plan, const Remainder& remainder, const WaveRules& waves,
               std::int64_t run, Progress& progress)
      : database_(database),
        plan_(plan),
        remainder_(remainder),
        run_(run),
        progress_(progress),
        journal_(database.connection()),
        parts_(waves_of(plan, waves.sizes)),
        waves_(parts_, waves) {
    for (const Operation& operation : plan.operations) {
      if (operation.held) incomplete_.insert(operation.change);
    }
    find_awaited();
    spans_.resize(parts_.all.size());
    for (std::size_t i = 0; i < plan.operations.size();) {
      std::size_t end = i + 1;
      while (end < plan.operations.size() && plan.operations[end].change == plan.operations[i].change) ++end;
      const std::size_t wave = parts_.of_change[plan.operations[i].change];
      if (wave != Waves::none) spans_[wave].emplace_back(i, end);
      i = end;
    }
    for (std::size_t i = 0; i < plan.operations.size(); ++i) total_ += concerns_this_run(i) ? 1U : 0U;
    report_.done_before = remainder.done_before;
    report_.earlier_run = remainder.earlier_run;
    for (const JournalEntry& open : journal_.uncertain_before(run)) {
      if (open.kind == to_string(OperationKind::create)) in_doubt_.insert({open.platform, open.person});
    }
    write_plan();
  }

  const Waves& waves() const { return parts_; }
  /// Whether anything of a wave is left to send; where nothing is, it is passed over.
  bool has_left(std::size_t wave) {
    for (const auto& [first, end] : spans_[wave])
      for (std::size_t i = first; i < end; ++i)
        if (is_sent(i)) return true;
    const MutexLock lock(mutex_);
    waves_.pass_over(wave);
    return false;
  }
  /// What is left of a wave is to be claimed. The waves before it ended.
  void begin_wave(std::size_t wave) {
    const MutexLock lock(mutex_);
    sends_ = 0;
    add_lanes(wave);
    for (auto& [platform, lanes] : open_) lanes.begin();
    waves_.begin(wave, sends_);
  }
  /// The workers are done with the wave. Whether the next may begin.
  bool end_wave(bool interrupted) {
    const MutexLock lock(mutex_);
    const bool rest = std::ranges::any_of(
        open_, [](const auto& lanes) { return lanes.second.ready() > 0 || lanes.second.waits(); });
    waves_.end(rest, interrupted);
    return !waves_.stopped() && !interrupted;
  }
  /// What became of a wave so far.
  WaveReport wave(std::size_t wave) {
    const MutexLock lock(mutex_);
    return waves_.report(wave);
  }
  void passed_gate(std::size_t wave, GateReport report, bool interrupted) {
    const MutexLock lock(mutex_);
    waves_.gate(wave, std::move(report), interrupted);
  }

  /// The next lanes of a platform, journalled as sent; empty when there are none. First closes what `endings`
  /// tells. Waits for other workers where lanes are left that wait for what those do. may_send: whether to go
  /// on.
  std::vector<AccountLane> claim(const std::string& platform, unsigned workers,
                                 std::vector<OperationOutcome> endings,
                                 const std::function<bool()>& may_send) {
    MutexLock lock(mutex_);
    const auto more = [&]() REQUIRES(mutex_) { return !waves_.stopped() && may_send(); };
    auto transaction = std::make_unique<Transaction>(database_.connection());
    close(endings);
    LaneOrder& open = open_[platform];
    const auto may_go_on = [&]() REQUIRES(mutex_) {
      return open.ready() > 0 || !open.waits() || under_way_[platform] == 0 || broken_ || !more();
    };
    if (!may_go_on()) {
      transaction->commit();
      transaction.reset();
      while (!may_go_on()) ended_.wait(lock);
      transaction = std::make_unique<Transaction>(database_.connection());
    }
    std::vector<AccountLane> claimed;
    if (more()) {
      claimed = open.take(lanes_a_claim(open.ready(), workers));
      for (AccountLane& lane : claimed) {
        const Operation& begin = lane.operations.front();
        lane.linked = linked(lane);
        lane.in_doubt = in_doubt_.contains({begin.platform, begin.person});
      }
      std::vector<std::int64_t> seqs;
      for (const AccountLane& lane : claimed) {
        for (std::size_t i = 0; i < lane.operations.size(); ++i) {
          if (lane.sends(i)) seqs.push_back(static_cast<std::int64_t>(lane.first + i));
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
    const MutexLock lock(mutex_);
    broken_ = true;
    ended_.notify_all();
  }

  /// What the state knows of an account.
  std::optional<KnownAccount> known(const std::string& platform, const std::string& account) {
    const MutexLock lock(mutex_);
    if (removed_.contains({platform, account})) return std::nullopt;  // its id is free again
    const PlatformId id = database_.platform(platform);
    const Fingerprint key = database_.fingerprints().of_id(account);
    const auto link = Links(database_.connection()).of_account(id, key);
    const auto held = Snapshots(database_.connection()).find(id, key);
    if (!link && !held) return std::nullopt;
    if (!held) return KnownAccount{link->person, "", ""};
    return KnownAccount{link ? link->person : "", held->account.attributes, held->account.memberships};
  }

  /// Closes what was never claimed and tells what became of everything.
  ApplyReport finish() {
    const MutexLock lock(mutex_);
    const std::string why = waves_.why();
    for (std::size_t wave = begun_; wave < spans_.size(); ++wave) add_lanes(wave);
    std::vector<OperationOutcome> rest;
    for (auto& [platform, lanes] : open_) {
      for (const AccountLane& lane : lanes.rest()) {
        for (std::size_t i = 0; i < lane.operations.size(); ++i) {
          if (!lane.sends(i)) continue;
          rest.push_back({static_cast<std::int64_t>(lane.first + i), OperationState::skipped, "", why});
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
    waves_.tell(report_);
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

  /// A lane is one change: its operations never run side by side, also where some of them are not sent.
  void add_lane(std::size_t first, std::size_t end) REQUIRES(mutex_) {
    AccountLane lane;
    lane.first = first;
    lane.operations = {&plan_.operations[first], end - first};
    for (std::size_t i = first; i < end; ++i) {
      lane.steps.push_back(is_sent(i)                ? LaneStep::send
                           : remainder_.done[i] != 0 ? LaneStep::done_before
                                                     : LaneStep::left_out);
    }
    const auto sends = std::ranges::count(lane.steps, LaneStep::send);
    sends_ += static_cast<std::uint64_t>(sends);
    if (sends > 0) add_lane(std::move(lane));
  }

  void add_lanes(std::size_t wave) REQUIRES(mutex_) {
    for (const auto& [first, end] : spans_[wave]) add_lane(first, end);
    begun_ = wave + 1;
  }

  /// The account that the person of a create is linked to; empty: none, or the lane begins with another step.
  std::string linked(const AccountLane& lane) REQUIRES(mutex_) {
    const Operation& first = lane.operations.front();
    if (first.kind != OperationKind::create) return {};
    const auto link =
        Links(database_.connection()).of_person(database_.platform(first.platform), first.person);
    return link && !removed_.contains({first.platform, link->account}) ? link->account : std::string();
  }

  void add_lane(AccountLane lane) REQUIRES(mutex_) {
    std::vector<std::vector<std::size_t>> waits_for(lane.operations.size());
    for (std::size_t i = 0; i < lane.operations.size(); ++i) {
      if (!lane.sends(i)) continue;
      for (const std::string& id : lane.operations[i].waits_for) {
        const auto awaited = awaited_.find(id);
        const bool done_before =
            awaited != awaited_.end() && awaited->second && remainder_.done[*awaited->second] != 0;
        if (done_before) continue;
        const bool runs = awaited != awaited_.end() && awaited->second &&
                          !plan_.operations[*awaited->second].held &&
                          !remainder_.refused.contains(*awaited->second);
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

  void write_plan() REQUIRES(mutex_) {
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
      refused.push_back(
          {static_cast<std::int64_t>(index), OperationState::skipped, "", why, why.starts_with("stale:")});
    close(refused);
    transaction.commit();
  }

  void close(const std::vector<OperationOutcome>& endings) REQUIRES(mutex_) {
    if (endings.empty()) return;
    const std::string at = now_text();
    for (const OperationOutcome& ended : endings) {
      OperationOutcome ending = ended;
      const Operation& operation = plan_.operations.at(static_cast<std::size_t>(ending.seq));
      const bool there = ending.state == OperationState::done || ending.state == OperationState::owed;
      if (there) note_done(operation, ending, at);
      journal_.mark_ended(run_, {&ending, 1}, at);
      remember_taking(database_, plan_, operation, ending.state);
      if (ending.refused) remember_refusal(database_, operation, ending.message, at);
      if (ending.state != OperationState::done) incomplete_.insert(operation.change);
      ++report_.counts[operation.platform][ending.state];
      waves_.ended(operation.change, ending.state);
      log({.level = LogLevel::debug,
           .platform = operation.platform,
           .object = operation.label.empty() ? operation.account : operation.label,
           .action = to_string(operation.kind),
           .reason = ending.message,
           .message = to_string(ending.state)});
      if (ending.state == OperationState::done) {
        const ChangeAct act = plan_.changes[operation.change].act;
        const bool asked_for = act == ChangeAct::rotate || act == ChangeAct::revoke || plan_.undoes != 0;
        if (!asked_for && completes_its_change(static_cast<std::size_t>(ending.seq)))
          remember_applied(database_, operation);
      } else {
        const bool stale = ending.stale || ending.message.starts_with("stale: ");
        report_.troubles.push_back({operation, ending.state, ending.message, stale});
        if (stale) ++report_.stale;
      }
      std::uint64_t& under_way = under_way_[operation.platform];
      if (under_way > 0) --under_way;
      const bool exists = ending.state == OperationState::done || ending.state == OperationState::owed;
      open_[operation.platform].ended(static_cast<std::size_t>(ending.seq), exists);
    }
    ended_.notify_all();
    done_ += endings.size();
    progress_.advance("apply", done_, total_);
  }

  /// What is done means something for later; a link that cannot be recorded is an ending of its own.
  void note_done(const Operation& operation, OperationOutcome& ending, const std::string& at)
      REQUIRES(mutex_) {
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

  /// Whether with this operation all of its change is done.
  bool completes_its_change(std::size_t index) const REQUIRES(mutex_) {
    const std::size_t change = plan_.operations[index].change;
    const bool last = index + 1 == plan_.operations.size() || plan_.operations[index + 1].change != change;
    return last && incomplete_.count(change) == 0;
  }

  Database& database_;
  const Plan& plan_;
  const Remainder& remainder_;
  const std::int64_t run_;
  Progress& progress_;
  Journal journal_;
  const Waves parts_;
  std::vector<std::vector<std::pair<std::size_t, std::size_t>>> spans_;  // by wave: first operation and end
  Mutex mutex_;
  WaveCourse waves_ GUARDED_BY(mutex_);
  std::size_t begun_ GUARDED_BY(mutex_) = 0;    // waves before this one
  std::uint64_t sends_ GUARDED_BY(mutex_) = 0;  // operations of the wave that was begun
  std::condition_variable_any ended_;           // some operations did, or a worker gave up
  std::map<std::string, LaneOrder> open_ GUARDED_BY(mutex_);
  std::map<std::string, std::uint64_t> under_way_
      GUARDED_BY(mutex_);                                      // operations that were claimed, by platform
  std::map<std::string, std::optional<std::size_t>> awaited_;  // by id: index in the plan
  bool broken_ GUARDED_BY(mutex_) = false;                     // a worker gave up
  std::set<std::size_t> incomplete_ GUARDED_BY(mutex_);        // changes of which something was not done
  std::set<std::pair<std::string, std::string>> removed_ GUARDED_BY(mutex_);  // platform, account
  std::set<std::pair<std::string, std::string>> in_doubt_;                    // platform, person
  std::uint64_t done_ GUARDED_BY(mutex_) = 0, total_ = 0;
  ApplyReport report_ GUARDED_BY(mutex_);
};

}  // namespace usher
