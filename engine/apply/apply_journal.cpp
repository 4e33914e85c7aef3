#include "engine/apply/apply_journal.hpp"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "engine/apply/aftermath.hpp"
#include "engine/apply/waves.hpp"
#include "engine/runtime/log.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/operation_messages.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/links.hpp"
#include "state/store/lost_secrets.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

constexpr std::size_t most_lanes_a_claim = 16;  // one commit of the journal covers so many accounts

/// Few lanes are shared out so that every worker gets some, and none is left waiting for another's last ones.
std::size_t lanes_a_claim(std::size_t open, unsigned workers) {
  return std::clamp<std::size_t>(open / (2 * std::max(workers, 1U)), 1, most_lanes_a_claim);
}

}  // namespace

ApplyJournal::ApplyJournal(Database& database, const Plan& plan, const Remainder& remainder,
                           const WaveRules& waves, std::int64_t run, Progress& progress)
    : database_(database),
      plan_(plan),
      remainder_(remainder),
      run_(run),
      progress_(progress),
      journal_(database.connection()),
      waves_(waves_of(plan, waves.sizes)),
      course_(waves_, waves) {
  for (const Operation& operation : plan.operations) {
    if (operation.held) incomplete_.insert(operation.change);
  }
  find_awaited();
  spans_.resize(waves_.all.size());
  for (std::size_t i = 0; i < plan.operations.size();) {
    std::size_t end = i + 1;
    while (end < plan.operations.size() && plan.operations[end].change == plan.operations[i].change) ++end;
    const std::size_t wave = waves_.of_change[plan.operations[i].change];
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

bool ApplyJournal::has_left(std::size_t wave) {
  for (const auto& [first, end] : spans_[wave])
    for (std::size_t i = first; i < end; ++i)
      if (is_sent(i)) return true;
  const MutexLock lock(mutex_);
  course_.pass_over(wave);
  return false;
}

void ApplyJournal::begin_wave(std::size_t wave) {
  const MutexLock lock(mutex_);
  sends_ = 0;
  add_lanes(wave);
  for (auto& [platform, lanes] : open_) lanes.begin();
  course_.begin(wave, sends_);
}

bool ApplyJournal::end_wave(bool interrupted) {
  const MutexLock lock(mutex_);
  const bool rest = std::ranges::any_of(
      open_, [](const auto& lanes) { return lanes.second.ready() > 0 || lanes.second.waits(); });
  course_.end(rest, interrupted);
  return !course_.stopped() && !interrupted;
}

WaveReport ApplyJournal::wave(std::size_t wave) {
  const MutexLock lock(mutex_);
  return course_.report(wave);
}

void ApplyJournal::record_gate(std::size_t wave, GateReport report, bool interrupted) {
  const MutexLock lock(mutex_);
  course_.gate(wave, std::move(report), interrupted);
}

std::vector<AccountLane> ApplyJournal::claim(const std::string& platform, unsigned workers,
                                             std::vector<OperationOutcome> endings,
                                             const std::function<bool()>& may_send) {
  MutexLock lock(mutex_);
  const auto more = [&]() REQUIRES(mutex_) { return !course_.stopped() && may_send(); };
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

void ApplyJournal::give_up() {
  const MutexLock lock(mutex_);
  broken_ = true;
  ended_.notify_all();
}

std::optional<KnownAccount> ApplyJournal::known(const std::string& platform, const std::string& account) {
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

ApplyReport ApplyJournal::finish() {
  const MutexLock lock(mutex_);
  const std::string why = course_.why();
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
  course_.tell(report_);
  return std::move(report_);
}

bool ApplyJournal::concerns_this_run(std::size_t index) const {
  return !plan_.operations[index].held && remainder_.done[index] == 0;
}

bool ApplyJournal::is_sent(std::size_t index) const {
  return concerns_this_run(index) && !remainder_.refused.contains(index);
}

void ApplyJournal::add_lane(std::size_t first, std::size_t end) {
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

void ApplyJournal::add_lanes(std::size_t wave) {
  for (const auto& [first, end] : spans_[wave]) add_lane(first, end);
  begun_ = wave + 1;
}

std::string ApplyJournal::linked(const AccountLane& lane) {
  const Operation& first = lane.operations.front();
  if (first.kind != OperationKind::create) return {};
  const auto link = Links(database_.connection()).of_person(database_.platform(first.platform), first.person);
  return link && !removed_.contains({first.platform, link->account}) ? link->account : std::string();
}

void ApplyJournal::add_lane(AccountLane lane) {
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

void ApplyJournal::find_awaited() {
  for (const Operation& operation : plan_.operations) {
    for (const std::string& id : operation.waits_for) awaited_[id] = std::nullopt;
  }
  if (awaited_.empty()) return;
  for (std::size_t i = 0; i < plan_.operations.size(); ++i) {
    const auto awaited = awaited_.find(plan_.operations[i].id);
    if (awaited != awaited_.end()) awaited->second = i;
  }
}

void ApplyJournal::write_plan() {
  constexpr std::size_t at_once = 1024;
  Transaction transaction(database_.connection());
  std::vector<JournalEntry> entries;
  const auto write = [&] {
    journal_.plan(run_, plan_.digest, entries);
    entries.clear();
  };
  for (std::size_t i = 0; i < plan_.operations.size(); ++i) {
    if (!concerns_this_run(i)) continue;
    entries.push_back(planned_entry(static_cast<std::int64_t>(i), plan_.operations[i]));
    if (entries.size() == at_once) write();
  }
  write();
  std::vector<OperationOutcome> refused;
  for (const auto& [index, why] : remainder_.refused)
    refused.push_back({static_cast<std::int64_t>(index), OperationState::skipped, "", why});
  close(refused);
  transaction.commit();
}

void ApplyJournal::close(const std::vector<OperationOutcome>& endings) {
  if (endings.empty()) return;
  const std::string at = now_text();
  for (const OperationOutcome& ended : endings) {
    OperationOutcome ending = ended;
    const Operation& operation = plan_.operations.at(static_cast<std::size_t>(ending.seq));
    const bool there = ending.state == OperationState::done || ending.state == OperationState::owed;
    if (there) note_done(operation, ending, at);
    journal_.mark_ended(run_, {&ending, 1}, at);
    remember_taking(database_, operation, ending.state);
    if (ending.refused) remember_refusal(database_, operation, ending.message, at);
    if (ending.state != OperationState::done) incomplete_.insert(operation.change);
    ++report_.counts[operation.platform][ending.state];
    course_.ended(operation.change, ending.state);
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
      const bool stale = is_stale_message(ending.message);
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

void ApplyJournal::note_done(const Operation& operation, OperationOutcome& ending, const std::string& at) {
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

bool ApplyJournal::completes_its_change(std::size_t index) const {
  const std::size_t change = plan_.operations[index].change;
  const bool last = index + 1 == plan_.operations.size() || plan_.operations[index + 1].change != change;
  return last && incomplete_.count(change) == 0;
}

}  // namespace usher
