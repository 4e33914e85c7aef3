#include "engine/plan/guards.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/plan/admission.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "rules/guard_defaults.hpp"

namespace usher {

namespace {

using ChangeSet = std::set<std::size_t>;

constexpr const char* others_go_on = "They are held, everything else goes on.";
constexpr const char* nothing_taken = "Nothing is taken from anybody, anywhere.";

bool loses_details(const Operation& operation) {
  if (operation.kind != OperationKind::change_membership) return false;
  const std::vector<std::string>& left = operation.membership.details;
  return std::any_of(
      operation.held_details.begin(), operation.held_details.end(),
      [&](const std::string& one) { return std::find(left.begin(), left.end(), one) == left.end(); });
}

/// Takes something from an account that exists.
bool takes(const Operation& operation) {
  return !operation.account.empty() && (takes_away(operation.kind) || loses_details(operation));
}

bool changes_key(const Operation& operation, const std::string& key) {
  return operation.kind == OperationKind::update && !key.empty() && operation.before.contains(key) &&
         operation.after.contains(key);
}

/// Judges one plan. What a tripped guard counts is remembered, so that guards that trip for the same changes
/// make one objection.
class Review {
 public:
  Review(Plan& plan, const GuardBasis& basis)
      : plan_(plan), basis_(basis), admission_(plan, basis.approvals) {}

  void run() {
    judge_rule_errors();
    judge_vanished_records();
    for (const auto& [name, platform] : basis_.platforms) judge_platform(name, platform);
  }

 private:
  /// A guard that tripped.
  struct Tripped {
    std::size_t objection;  // index in the plan
    ChangeSet changes;      // that it counts
  };

  bool counts(GuardKind guard, const Operation& operation, const GuardedPlatform& platform) const {
    const OperationKind kind = operation.kind;
    switch (guard) {
      case GuardKind::create:
        return kind == OperationKind::create;
      case GuardKind::update:
        return kind == OperationKind::update && !operation.account.empty() &&
               !takes_account(plan_.changes[operation.change].act);
      case GuardKind::enable:
        return kind == OperationKind::enable || kind == OperationKind::unlock;
      case GuardKind::keys:
        return changes_key(operation, platform.natural_key);
      case GuardKind::disable:
        return takes(operation) && (kind == OperationKind::disable || kind == OperationKind::lock);
      case GuardKind::remove:
        return takes(operation) && kind == OperationKind::remove;
      case GuardKind::orphans:
        return takes(operation) && of_orphan(operation);
      case GuardKind::memberships:
        return takes(operation) && !of_orphan(operation) &&
               (kind == OperationKind::remove_membership || loses_details(operation));
      case GuardKind::removals:
        return takes(operation) && !of_orphan(operation);
      case GuardKind::vanished:
        return takes(operation) || kind == OperationKind::create;
      case GuardKind::vanished_records:
      case GuardKind::rule_errors:
        return takes(operation);
    }
    return false;
  }

  /// Of an account that nobody declares: such accounts have a guard of their own, so that many of them hold
  /// no leaver up.
  bool of_orphan(const Operation& operation) const {
    return plan_.changes[operation.change].situation == Situation::orphan;
  }

  /// 100 % is no limit: more may be created than are linked so far.
  static std::uint64_t allowed_by(const Guard& guard, std::uint64_t population) {
    if (guard.percent >= 100) return std::numeric_limits<std::uint64_t>::max();
    const auto share =
        static_cast<std::uint64_t>(std::floor(guard.percent * static_cast<double>(population) / 100));
    return std::max(share, guard.at_least);
  }

  /// Whether the guard trips. The population is not counted for what the floor allows.
  static bool trips(const Guard& guard, std::uint64_t wanted, const LazyCount& population) {
    return wanted > guard.at_least && wanted > allowed_by(guard, population.value());
  }

  /// Says how far a guard is used that limits something and counts anything, where the plan wants to know.
  void tell_use(const std::string& platform, GuardKind kind, const Guard& guard, std::uint64_t used,
                const LazyCount& population) {
    if (!plan_.guards || used == 0 || guard.percent >= 100) return;
    const std::uint64_t all = population.value();
    plan_.guards->push_back({platform, kind, used, allowed_by(guard, all), all});
  }

  static std::optional<Guard> limit(const std::map<GuardKind, Guard>& written, GuardKind kind, bool settled) {
    const auto found = written.find(kind);
    const bool is_share =
        found != written.end() && found->second.percent > 0;  // of nobody, before the first apply
    if (found != written.end() && (settled || !needs_history(kind) || !is_share)) return found->second;
    return settled || !needs_history(kind) ? default_guard(kind) : std::nullopt;
  }

  /// The lane of a guard that counts these operations: they, and the rest of a change that makes no sense
  /// without them.
  template <class Counts>
  Lane lane_with(std::string name, const Counts& counts_here) const {
    ChangeSet whole;
    for (const Operation& operation : plan_.operations) {
      const bool part = operation.kind == OperationKind::update || takes_only_membership(operation);
      if (!part && counts_here(operation)) whole.insert(operation.change);
    }
    Lane lane{std::move(name), {}, {}};
    for (const Operation& operation : plan_.operations)
      lane.parts.push_back(counts_here(operation)             ? Lane::Part::counted
                           : whole.contains(operation.change) ? Lane::Part::whole
                                                              : Lane::Part::none);
    admission_.admit(lane);
    return lane;
  }

  /// The changes of which a guard counts something that no approval admits.
  ChangeSet left_in(const Lane& lane) const {
    ChangeSet changes;
    for (std::size_t i = 0; i < lane.parts.size(); ++i)
      if (lane.parts[i] == Lane::Part::counted && lane.is_left(i)) changes.insert(plan_.operations[i].change);
    return changes;
  }

  void admit(const Lane& lane) {
    for (std::size_t i = 0; i < lane.parts.size(); ++i) {
      if (lane.admitted[i] == nullptr) continue;
      std::vector<std::string>& told = plan_.operations[i].approvals;
      std::string text = lane.admitted[i]->text();
      if (std::find(told.begin(), told.end(), text) == told.end()) told.push_back(std::move(text));
    }
  }

  /// Holds what is left of a lane. Whether there is anything to object to: something is held, or there was
  /// nothing that could be.
  bool hold(const Lane& lane) {
    admit(lane);
    bool any = false, held = false;
    for (std::size_t i = 0; i < lane.parts.size(); ++i) {
      any = any || lane.parts[i] != Lane::Part::none;
      if (!lane.is_left(i)) continue;
      held = true;
      plan_.operations[i].held = true;
      plan_.operations[i].held_by.push_back(lane.name);
    }
    return held || !any;
  }

  static bool takes_only_membership(const Operation& operation) {
    return operation.kind == OperationKind::remove_membership ||
           operation.kind == OperationKind::change_membership;
  }

  /// what: follows the numbers; effect: what is held; key: where the guard stands in the configuration.
  void object(const std::string& platform, GuardKind kind, const Guard& guard, std::uint64_t wanted,
              std::uint64_t population, const std::string& what, const char* effect, const std::string& key,
              ChangeSet&& changes) {
    const std::string allow = fmt::format("{}.guards.{}: {{percent: {}, at-least: {}}}", key, to_string(kind),
                                          guard.percent, wanted);
    for (const Tripped& other : tripped_) {  // the same cause?
      Objection& told = plan_.objections[other.objection];
      const bool same_lane = told.platform == platform || told.guard == GuardKind::vanished_records;
      const bool inside =
          std::includes(other.changes.begin(), other.changes.end(), changes.begin(), changes.end());
      if (changes.empty() || !same_lane || !inside) continue;
      told.message += ", " + allow;
      told.also.push_back(lane_of(platform, kind));
      return;
    }
    const std::uint64_t allowed = allowed_by(guard, population);
    const std::string counted =
        kind == GuardKind::orphans
            ? fmt::format("{} that nobody declares beside {}", pluralised(wanted, "account", "accounts"),
                          pluralised(population, "linked one", "linked ones"))
            : fmt::format("{} of {} {}", wanted, population, what);
    plan_.objections.push_back(
        {platform, kind, wanted, allowed, population,
         fmt::format("guard {}: {}, {} {} allowed ({} %, at least {}). {} If it is meant, allow it: {}",
                     to_string(kind), counted, allowed, allowed == 1 ? "is" : "are", guard.percent,
                     guard.at_least, effect, allow)});
    tripped_.push_back({plan_.objections.size() - 1, std::move(changes)});
  }

  /// What the guards of people call the sources.
  std::string sources() const { return fmt::format("{}", fmt::join(basis_.people->from, ", ")); }

  void judge_rule_errors() {
    if (basis_.people == nullptr) return;
    std::set<std::string> people;
    std::map<std::string, std::uint64_t> causes;
    for (const Note& note : plan_.notes) {
      if (note.kind != NoteKind::rule_error || note.person.empty()) continue;  // empty: of an orphan
      if (people.insert(note.person).second) ++causes[note.why()];
    }
    const LazyCount population(
        [&] { return std::max<std::uint64_t>(basis_.declared.value(), people.size()); });
    const auto guard = limit(basis_.people->guards, GuardKind::rule_errors, true);
    if (!guard) return;
    tell_use(sources(), GuardKind::rule_errors, *guard, people.size(), population);
    if (!trips(*guard, people.size(), population)) return;
    const auto most = std::max_element(causes.begin(), causes.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (!hold(lane_with(lane_of("", GuardKind::rule_errors), takes))) return;
    object(sources(), GuardKind::rule_errors, *guard, people.size(), population.value(),
           fmt::format("{} cannot be evaluated ({})", population.value() == 1 ? "person" : "people",
                       most->first),
           nothing_taken, "people", {});
  }

  void judge_vanished_records() {
    if (basis_.people == nullptr || !basis_.is_declared) return;
    std::map<std::string, bool> gone;  // person -> in no source any more
    const auto counted = [&](const Operation& operation) {
      if (!takes(operation) || operation.person.empty()) return false;
      const auto [known, is_new] = gone.try_emplace(operation.person, false);
      if (is_new) known->second = !basis_.is_declared(operation.person);
      return known->second;
    };
    const auto guard = limit(basis_.people->guards, GuardKind::vanished_records, true);
    if (!guard) return;
    std::set<std::string> all;
    for (const Operation& operation : plan_.operations)
      if (counted(operation)) all.insert(operation.person);
    const LazyCount population([&] { return basis_.declared.value() + all.size(); });
    const auto tell = [&](std::uint64_t used) {
      tell_use(sources(), GuardKind::vanished_records, *guard, used, population);
    };
    if (!trips(*guard, all.size(), population)) return tell(all.size());
    // Such a source is trusted about nobody.
    const Lane lane = lane_with(lane_of("", GuardKind::vanished_records), takes);
    ChangeSet changes;
    std::set<std::string> people;
    for (std::size_t i = 0; i < lane.parts.size(); ++i) {
      const Operation& operation = plan_.operations[i];
      if (!lane.is_left(i) || !counted(operation)) continue;
      changes.insert(operation.change);
      people.insert(operation.person);
    }
    tell(people.size());
    if (!trips(*guard, people.size(), population)) return admit(lane);
    hold(lane);
    object(sources(), GuardKind::vanished_records, *guard, people.size(), population.value(),
           fmt::format("{} in no source any more and would lose something",
                       population.value() == 1 ? "person is" : "people are"),
           nothing_taken, "people", std::move(changes));
  }

  void judge_platform(const std::string& name, const GuardedPlatform& platform) {
    judge_vanished(name, platform);
    for (const GuardKind kind :
         {GuardKind::removals, GuardKind::disable, GuardKind::remove, GuardKind::memberships,
          GuardKind::orphans, GuardKind::enable, GuardKind::keys, GuardKind::update, GuardKind::create})
      judge(name, platform, kind);
  }

  void judge_vanished(const std::string& name, const GuardedPlatform& platform) {
    const auto guard = limit(platform.rules->guards, GuardKind::vanished, platform.settled);
    const auto situations = plan_.situations.find(name);
    if (!guard || situations == plan_.situations.end()) return;
    const auto found = situations->second.find(vanished_accounts);
    if (found == situations->second.end()) return;
    tell_use(name, GuardKind::vanished, *guard, found->second, platform.population);
    if (!trips(*guard, found->second, platform.population)) return;
    ChangeSet again;  // what would be made in place of them
    for (const Operation& operation : plan_.operations) {
      const bool here = operation.platform == name && operation.kind == OperationKind::create;
      if (here && basis_.had_account && basis_.had_account(name, operation.person))
        again.insert(operation.change);
    }
    const bool objects = hold(lane_with(lane_of(name, GuardKind::vanished), [&](const Operation& operation) {
      return operation.platform == name && counts(GuardKind::vanished, operation, platform);
    }));
    if (!objects) return;
    object(name, GuardKind::vanished, *guard, found->second, platform.population.value(),
           fmt::format("linked {} not shown by the platform any more",
                       platform.population.value() == 1 ? "account is" : "accounts are"),
           "Nothing is created or taken there.", "accounts." + name, std::move(again));
  }

  void judge(const std::string& name, const GuardedPlatform& platform, GuardKind kind) {
    const auto guard = limit(platform.rules->guards, kind, platform.settled);
    if (!guard) return;
    const auto counted = [&](const Operation& operation) {
      return operation.platform == name && counts(kind, operation, platform);
    };
    ChangeSet all;
    for (const Operation& operation : plan_.operations)
      if (counted(operation)) all.insert(operation.change);
    const auto tell = [&](std::uint64_t used) { tell_use(name, kind, *guard, used, platform.population); };
    if (!trips(*guard, all.size(), platform.population)) return tell(all.size());
    const Lane lane = lane_with(lane_of(name, kind), counted);
    ChangeSet changes = left_in(lane);
    tell(changes.size());
    if (!trips(*guard, changes.size(), platform.population)) return admit(lane);
    hold(lane);
    object(name, kind, *guard, changes.size(), platform.population.value(),
           platform.population.value() == 1 ? "linked account" : "linked accounts", others_go_on,
           "accounts." + name, std::move(changes));
  }

  Plan& plan_;
  const GuardBasis& basis_;
  const Admission admission_;
  std::vector<Tripped> tripped_;
};

}  // namespace

void review(Plan& plan, const GuardBasis& basis) {
  Review(plan, basis).run();
}

}  // namespace usher
