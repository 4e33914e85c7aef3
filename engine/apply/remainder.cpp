#include "engine/apply/remainder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "state/model/operation_messages.hpp"
#include "state/store/journal.hpp"
#include "state/store/last_writes.hpp"
#include "state/store/links.hpp"
#include "state/store/snapshots.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

std::string linked_to(const Link& holder) {
  return stale_message(fmt::format("the account is linked to '{}' by now", holder.person));
}

std::string has_another(const std::string& account) {
  return stale_message(fmt::format("the person has the account '{}' by now", account));
}

class RemainderBuilder {
 public:
  RemainderBuilder(Database& database, const Plan& plan, const PlanGround& ground,
                   const std::vector<Unsettled>& unsettled, std::int64_t run)
      : database_(database), plan_(plan), ground_(ground), unsettled_(unsettled), run_(run) {
    remainder_.done.assign(plan.operations.size(), 0);
    sources_moved_ = std::any_of(plan.seals.begin(), plan.seals.end(), [&](const Seal& seal) {
      return ground.sources.contains(seal.platform) && was_changed_since(state_of(seal.platform), seal);
    });
  }

  Remainder run() {
    take_over_earlier_runs();
    for (std::size_t first = 0; first < plan_.operations.size();) {
      std::size_t end = first;
      while (end < plan_.operations.size() && plan_.operations[end].change == plan_.operations[first].change)
        ++end;
      judge_change(first, end);
      first = end;
    }
    return std::move(remainder_);
  }

 private:
  void take_over_earlier_runs() {
    for (EarlierOutcome& earlier : Journal(database_.connection()).earlier_outcomes(plan_.digest, run_)) {
      const auto index = static_cast<std::size_t>(earlier.seq);
      if (index >= plan_.operations.size()) continue;
      remainder_.earlier_run = std::max(remainder_.earlier_run, earlier.run);
      const Operation& operation = plan_.operations[index];
      if (earlier.state == OperationState::done || earlier.state == OperationState::owed) {
        remainder_.done[index] = 1;
        ++remainder_.done_before;
        if (operation.kind == OperationKind::create) made_[operation.change] = earlier.account;
      } else if (earlier.state != OperationState::skipped && operation.kind == OperationKind::create) {
        doubted_[index] = earlier.run;
      }
    }
  }

  /// Nothing that follows a refused create or deletion in its change can be done without it.
  void judge_change(std::size_t first, std::size_t end) {
    std::string broken;
    for (std::size_t i = first; i < end; ++i) {
      const Operation& operation = plan_.operations[i];
      if (operation.held || remainder_.done[i] != 0) continue;
      std::string why = broken.empty() ? why_not(i, first, end) : broken;
      if (why.empty()) {
        const auto made = made_.find(operation.change);
        if (operation.account.empty() && made != made_.end()) remainder_.accounts[i] = made->second;
        continue;
      }
      const bool others_need_it =
          operation.kind == OperationKind::create || operation.kind == OperationKind::remove;
      if (others_need_it && broken.empty()) broken = why;
      remainder_.refused[i] = std::move(why);
    }
  }

  const Seal* seal_of(const std::string& platform) const {
    const auto seal = std::ranges::find(plan_.seals, platform, &Seal::platform);
    return seal == plan_.seals.end() ? nullptr : &*seal;
  }

  /// Whether anything but this plan was sent to a platform since the snapshot that the plan rests on.
  bool was_written_by_others(const std::string& platform) {
    const auto [known, is_new] = written_by_others_.try_emplace(platform, false);
    const Seal* seal = seal_of(platform);
    if (!is_new || seal == nullptr) return known->second;
    const std::uint64_t own = Journal(database_.connection()).writes_of(plan_.digest, platform, seal->writes);
    known->second = state_of(platform).writes > seal->writes + own;
    return known->second;
  }

  /// Another plan may have written to an attribute meanwhile that no pull shows.
  std::string why_written(const Operation& operation) {
    if (operation.kind != OperationKind::update || operation.account.empty()) return {};
    if (!was_written_by_others(operation.platform)) return {};
    std::vector<std::string> paths;
    for (const auto& [path, value] : operation.after.items()) paths.push_back(path);
    Connection& connection = database_.connection();
    for (const auto& [path, write] : last_writes(connection, operation.platform, operation.account, paths)) {
      const bool as_relied_on =
          write.value && operation.before.contains(path) && *write.value == operation.before.at(path);
      if (write.sent_at <= plan_.now || as_relied_on) continue;
      if (const auto run = Journal(connection).run(write.run); run && run->plan == plan_.digest) continue;
      return stale_message(fmt::format("run {} wrote to {} since the plan was made", write.run, path));
    }
    return {};
  }

  std::string why_not(std::size_t index, std::size_t first, std::size_t end) {
    const Operation& operation = plan_.operations[index];
    if (std::string why = why_written(operation); !why.empty()) return why;
    if (std::string why = why_unsettled(operation); !why.empty()) return why;
    if (std::string why = why_of_another(operation); !why.empty()) return why;
    if (operation.kind == OperationKind::create) return why_no_create(index, first, end);
    if (takes_away(operation.kind) && sources_moved_ && !still_a_leaver(operation)) {
      return stale_message("the sources changed since the plan was made, and may no longer want this taken");
    }
    return {};
  }

  std::string why_unsettled(const Operation& operation) const {
    for (const Unsettled& one : unsettled_) {
      if (!one.concerns(operation.platform, operation.person, operation.account)) continue;
      return fmt::format("an operation of run {} on this account is not settled: {}", one.run, one.why);
    }
    return {};
  }

  /// What nobody declared may be somebody's by now.
  std::string why_linked(const Operation& operation) {
    const auto holder = Links(database_.connection())
                            .of_account(database_.platform(operation.platform),
                                        database_.fingerprints().of_id(operation.account));
    if (holder) return linked_to(*holder);
    if (!sources_moved_) return {};
    return stale_message(
        "the sources changed since the plan was made, and the account may be linked to somebody");
  }

  /// Somebody may have said meanwhile whose account it is (usher link, unlink, relink): what the plan wants
  /// of it is then another person's.
  std::string why_of_another(const Operation& operation) {
    if (plan_.changes[operation.change].situation == Situation::orphan) return why_linked(operation);
    if (!links_changed_ || operation.account.empty() || operation.person.empty()) return {};
    const PlatformId platform = database_.platform(operation.platform);
    Links links(database_.connection());
    const auto holder = links.of_account(platform, database_.fingerprints().of_id(operation.account));
    const bool handed_on =
        holder && std::any_of(plan_.links.begin(), plan_.links.end(), [&](const NewLink& link) {
          return link.platform == operation.platform && link.account == operation.account &&
                 link.from == holder->person;
        });
    if (holder && holder->person != operation.person && !handed_on) return linked_to(*holder);
    const auto held = links.of_person(platform, operation.person);
    if (holder) return {};
    if (held && held->account != operation.account) return has_another(held->account);
    const bool found_by_plan = std::any_of(plan_.links.begin(), plan_.links.end(), [&](const NewLink& link) {
      return link.platform == operation.platform && link.account == operation.account;
    });
    if (found_by_plan) return {};
    return stale_message(
        "the account is no longer linked to anybody: its link was ended after the plan was made");
  }

  std::string why_no_create(std::size_t index, std::size_t first, std::size_t end) {
    const Operation& operation = plan_.operations[index];
    if (const auto doubted = doubted_.find(index); doubted != doubted_.end())
      return stale_message(
          fmt::format("run {} sent it; a new plan knows whether it is still to be done", doubted->second));
    if (std::string why = why_overtaken(operation.platform); !why.empty()) return why;
    const std::string held = living_account(operation);
    const bool given_up = std::any_of(
        plan_.operations.begin() + static_cast<std::ptrdiff_t>(first),
        plan_.operations.begin() + static_cast<std::ptrdiff_t>(end),
        [&](const Operation& other) { return other.kind == OperationKind::remove && other.account == held; });
    if (!held.empty() && !given_up) return has_another(held);
    return {};
  }

  /// Whether a platform is other than the snapshot this plan creates accounts by.
  std::string why_overtaken(const std::string& platform) {
    const auto [known, is_new] = overtaken_.try_emplace(platform);
    if (!is_new) return known->second;
    const Seal* seal = seal_of(platform);
    if (seal == nullptr) return {};
    const PlatformState& state = state_of(platform);
    if (was_written_by_others(platform)) {
      known->second = stale_message(fmt::format("{} was written to since the plan was made", platform));
    } else if (shows_more(state, seal->generation)) {
      known->second =
          stale_message(fmt::format("{} has new or changed accounts since the plan was made", platform));
    }
    return known->second;
  }

  bool shows_more(const PlatformState& state, std::uint64_t generation) {
    return any_since(state, generation, [](const SnapshotState& one) { return one.added + one.changed > 0; });
  }

  bool was_changed_since(const PlatformState& source, const Seal& seal) {
    return source.generation < seal.generation ||
           any_since(source, seal.generation, [](const SnapshotState& one) {
             return !one.sealed || one.added + one.changed + one.removed > 0;
           });
  }

  /// Whether a snapshot after this generation is so, or is not remembered.
  template <class Is>
  bool any_since(const PlatformState& state, std::uint64_t generation, const Is& is_so) {
    const std::uint64_t since = state.generation - std::min(generation, state.generation);
    const auto newer = Snapshots(database_.connection()).snapshots(state.platform, since);
    return newer.size() < since || std::any_of(newer.begin(), newer.end(), is_so);
  }

  /// The id of the account that the person is linked to, where the last pull shows it; empty: none.
  std::string living_account(const Operation& operation) {
    const PlatformId platform = database_.platform(operation.platform);
    const auto link = Links(database_.connection()).of_person(platform, operation.person);
    if (!link || !Snapshots(database_.connection()).find(platform, link->key)) return {};
    return link->account;
  }

  /// Whether what is wanted now, by the sources as they are, still leaves the account to nobody.
  bool still_a_leaver(const Operation& operation) {
    if (!ground_.wanted_is_current) return false;
    const PlatformId platform = database_.platform(operation.platform);
    const auto row =
        Wanted(database_.connection()).find(platform, database_.fingerprints().of_id(operation.account));
    if (row) return row->state == WantedState::leaver;
    const auto of_person =
        Wanted(database_.connection()).find(platform, database_.fingerprints().of_person(operation.person));
    return !of_person || of_person->state == WantedState::leaver;
  }

  const PlatformState& state_of(const std::string& platform) {
    const auto [known, is_new] = states_.try_emplace(platform);
    if (is_new) {
      if (auto state = Snapshots(database_.connection()).platform(platform))
        known->second = std::move(*state);
    }
    return known->second;
  }

  Database& database_;
  const Plan& plan_;
  const PlanGround& ground_;
  const std::vector<Unsettled>& unsettled_;
  const std::int64_t run_;
  bool sources_moved_ = false;
  const bool links_changed_ = Journal(database_.connection()).links_were_changed_since(plan_.now);
  std::map<std::size_t, std::string> made_;       // change -> account that an earlier run created
  std::map<std::size_t, std::int64_t> doubted_;   // creates that an earlier run sent and nobody saw done
  std::map<std::string, std::string> overtaken_;  // platform -> why
  std::map<std::string, bool> written_by_others_;
  std::map<std::string, PlatformState> states_;
  Remainder remainder_;
};

}  // namespace

bool Remainder::complete(const Plan& plan) const {
  if (earlier_run == 0) return false;
  for (std::size_t i = 0; i < plan.operations.size(); ++i)
    if (!plan.operations[i].held && done[i] == 0) return false;
  return true;
}

Remainder remainder_of(Database& database, const Plan& plan, const PlanGround& ground,
                       const std::vector<Unsettled>& unsettled, std::int64_t run) {
  return RemainderBuilder(database, plan, ground, unsettled, run).run();
}

}  // namespace usher
