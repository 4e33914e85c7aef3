#include "engine/plan/planner.hpp"

#include <fmt/format.h>
#include <simdjson.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>

#include "engine/desired/correlation.hpp"
#include "engine/plan/agreed_links.hpp"
#include "engine/plan/comparison.hpp"
#include "engine/plan/decision.hpp"
#include "engine/plan/diff.hpp"
#include "engine/plan/orphan_judge.hpp"
#include "engine/plan/plan_order.hpp"
#include "engine/plan/platform_view.hpp"
#include "engine/plan/renumbering.hpp"
#include "engine/plan/seal_of.hpp"
#include "engine/plan/unique_values.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/effect.hpp"
#include "state/store/lifecycle.hpp"
#include "state/store/link_recorder.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

constexpr std::size_t chunk_size = 1024;

/// Plans one platform.
class PlatformPlanner {
 public:
  PlatformPlanner(Database& database, const PlanningInput& input, std::size_t target,
                  Renumbering& renumbering, Plan& plan)
      : database_(database),
        input_(input),
        index_(target),
        target_(input.targets[target]),
        platform_(target_.platform),
        renumbering_(renumbering),
        plan_(plan),
        names_(Snapshots(database.connection()).entitlements(platform_)),
        comparison_(database, input, target, view_) {
    Snapshots snapshots(database.connection());
    const PlatformState state = snapshots.platform(platform_);
    nobody_ =
        database.fingerprints().of({"nobody", input.rules_digest, std::to_string(last_change(snapshots))});
    read_at_ = state.started_at;
    view_ = platform_view(database.connection(), input, target, names_);
  }

  void run(Progress& progress) {
    Difference difference = diff(database_, platform_, nobody_);
    std::map<std::string, std::uint64_t>& situations = plan_.situations[target_.name];
    situations["matched"] += difference.settled;
    take_agreed_pairs(database_, input_, index_, names_, difference, plan_, progress);
    std::vector<Candidate> candidates;
    for (const Fingerprint& key : difference.unsettled) candidates.push_back({.wanted = key, .account = key});
    situations["orphan"] += difference.unclaimed.size() - match_missing(difference, candidates, progress);
    if (!target_.clock_doubt.empty()) {
      plan_.notes.push_back({target_.name, "", "", NoteKind::clock,
                             target_.clock_doubt + ": nobody's days of grace begin or end in this plan"});
    }
    keep_renumbered(database_, target_, input_.rules->people().rekeys_by_match(), renumbering_, plan_,
                    candidates);
    collect(
        in_chunks(candidates.size(), progress, [&](std::size_t at, Lookups& lookups, ComparisonResult& out) {
          comparison_.compare(candidates[at], lookups.connection, lookups.people, out);
        }));
    plan_orphans(plan_, database_, input_, index_, view_, difference.unclaimed);
  }

  /// Who has what accounts that are to be made need, sorted by person.
  std::vector<Claim> claims() {
    std::sort(claims_.begin(), claims_.end(),
              [](const Claim& a, const Claim& b) { return a.person < b.person; });
    return claims_;
  }

 private:
  /// Somebody who should have an account and has none.
  struct Seeking {
    Fingerprint row;
    bool leaver = false;
    std::string lost;                 // the account of a link that is no longer there
    bool deleted = false;             // usher itself deleted it
    bool unread = false;              // it was linked after the platform was read
    std::string young_since;          // when it was linked, where the platform need not show it yet
    std::vector<std::string> values;  // of Seeker
    DesiredAccountReader::Answer person;
  };

  /// What a thread looks things up with, under one read lock.
  struct Lookups {
    Connection connection;
    ReadTransaction transaction{connection};
    DesiredAccountReader people;
    simdjson::dom::parser parser;

    Lookups(const Database& database, const PlanningInput& input)
        : connection(database.reader()), people(connection, input) {}
  };

  /// Calls visit(index, lookups, inspected) for every index below count, in parallel. What it came to is in
  /// the order of the indices, for any number of threads.
  template <class Visit>
  std::vector<ComparisonResult> in_chunks(std::size_t count, Progress& progress, const Visit& visit) const {
    std::vector<ComparisonResult> all((count + chunk_size - 1) / chunk_size);
    const std::string stage = "plan " + target_.name;
    std::atomic<std::uint64_t> done{0};
    tbb::enumerable_thread_specific<std::unique_ptr<Lookups>> of_thread(
        [this] { return std::make_unique<Lookups>(database_, input_); });
    tbb::parallel_for(std::size_t{0}, all.size(), [&](std::size_t i) {
      Lookups& lookups = *of_thread.local();
      const std::size_t end = std::min(count, (i + 1) * chunk_size);
      for (std::size_t at = i * chunk_size; at < end; ++at) visit(at, lookups, all[i]);
      progress.advance(stage, done += end - i * chunk_size, count);
    });
    progress.finish(stage, done);
    return all;
  }

  /// Gives missing people their accounts where one can be found, plans new ones where not. How many were
  /// found.
  std::size_t match_missing(const Difference& difference, std::vector<Candidate>& candidates,
                            Progress& progress) {
    auto [present, leavers] = seek(difference.missing, progress);
    // Whoever should have an account comes first: a rehired person's old record must not take the new one's.
    std::vector<Fingerprint> unclaimed = difference.unclaimed;
    const std::size_t before = candidates.size();
    match_all(present, unclaimed, candidates, progress);
    match_all(leavers, unclaimed, candidates, progress);
    return candidates.size() - before;
  }

  /// Who should have an account and has none, and who should have none any more.
  std::pair<std::vector<Seeking>, std::vector<Seeking>> seek(const std::vector<Fingerprint>& missing,
                                                             Progress& progress) {
    std::vector<std::optional<Seeking>> slots(missing.size());
    collect(in_chunks(slots.size(), progress, [&](std::size_t at, Lookups& lookups, ComparisonResult& out) {
      slots[at] = seeking(missing[at], lookups, out);
    }));
    const auto leavers =
        std::count_if(slots.begin(), slots.end(), [](const auto& slot) { return slot && slot->leaver; });
    std::pair<std::vector<Seeking>, std::vector<Seeking>> found;
    found.second.reserve(static_cast<std::size_t>(leavers));
    found.first.reserve(slots.size() - static_cast<std::size_t>(leavers));
    for (std::optional<Seeking>& slot : slots) {
      if (slot) (slot->leaver ? found.second : found.first).push_back(std::move(*slot));
    }
    return found;
  }

  void match_all(std::vector<Seeking>& people, std::vector<Fingerprint>& unclaimed,
                 std::vector<Candidate>& candidates, Progress& progress) {
    std::vector<Seeker> seekers;
    for (Seeking& seeking : people) seekers.push_back({seeking.person.id, std::move(seeking.values)});
    const std::vector<Correlation> matches = match(database_, target_, seekers, unclaimed);
    find_renumbered(people, matches);
    for (std::size_t i = 0; i < people.size(); ++i) {
      if (!people[i].leaver && is_claim(database_, target_, people[i].person.content, matches[i]))
        claims_.push_back({people[i].person.id, matches[i].path, matches[i].account});
    }
    collect(in_chunks(people.size(), progress, [&](std::size_t at, Lookups&, ComparisonResult& out) {
      if (matches[at].kind != Correlation::Kind::found) judge_unmatched(people[at], matches[at], out);
    }));
    unclaimed = without(unclaimed, take_found(people, matches, candidates));
  }

  /// Who should have an account, and matches that of somebody who is nobody any more.
  void find_renumbered(const std::vector<Seeking>& people, const std::vector<Correlation>& matches) {
    for (std::size_t i = 0; i < people.size(); ++i) {
      const bool doubtful = matches[i].kind == Correlation::Kind::ambiguous;
      if (people[i].leaver || (!doubtful && matches[i].kind != Correlation::Kind::claimed)) continue;
      const std::string before = who_is_gone(database_, platform_, matches[i].account);
      if (!before.empty()) renumbering_.add(before, people[i].person.id, doubtful);
    }
    waiting_ = renumbering_.with_account(database_, platform_);
  }

  /// Notes who was found for whom; answers the keys of the accounts.
  std::vector<Fingerprint> take_found(std::vector<Seeking>& people, const std::vector<Correlation>& matches,
                                      std::vector<Candidate>& candidates) {
    const auto found =
        static_cast<std::size_t>(std::count_if(matches.begin(), matches.end(), [](const Correlation& match) {
          return match.kind == Correlation::Kind::found;
        }));
    candidates.reserve(candidates.size() + found);
    plan_.links.reserve(plan_.links.size() + found);
    std::vector<Fingerprint> taken;
    for (std::size_t i = 0; i < people.size(); ++i) {
      if (matches[i].kind != Correlation::Kind::found) continue;
      const std::string& person = people[i].person.id;
      const bool made = people[i].leaver && database_.fact(fact_of_unusable(target_.name, person));
      const LinkOrigin how = made ? LinkOrigin{LinkOrigin::Kind::created_unusable} : matches[i].how;
      taken.push_back(matches[i].account);
      plan_.links.push_back({target_.name, person, matches[i].account_id, how});
      candidates.push_back({people[i].row, matches[i].account, how, std::move(people[i].person)});
    }
    return taken;
  }

  /// nullopt: nobody to look for, or an error that `out` tells.
  std::optional<Seeking> seeking(const Fingerprint& key, Lookups& lookups, ComparisonResult& out) const {
    Connection& connection = lookups.connection;
    const auto row = Wanted(connection).find(platform_, key);
    if (!row) return std::nullopt;
    const auto person = People(connection).find(row->person);
    if (!person) return std::nullopt;  // gone, and the account too
    DesiredAccountReader::Answer answer = lookups.people.read(person->record, index_);
    const auto link = has_links_ ? Links(connection).of_person(platform_, person->id) : std::nullopt;
    const auto ended =
        link || !had_links_ ? std::nullopt : Links(connection).last_ended(platform_, person->id);
    Seeking found{
        key,
        row->state == WantedState::leaver,
        link    ? link->account
        : ended ? ended->account
                : std::string(),
        ended && ended->deleted,
        link && link->since > read_at_,
        link && is_within(link->since, view_.can().create_lag, read_at_) ? link->since : std::string(),
        std::move(answer.match_values),
        std::move(answer)};
    found.values.push_back(natural_key_of(found.person, lookups.parser));
    if (found.leaver) return found;
    const bool as_stored = person->error.empty() || person->error == found.person.failure.message;
    const RuleFailure failure = as_stored ? found.person.failure : RuleFailure{person->error};
    if (failure.message.empty()) return found;
    out.decisions.push_back(error_decision(target_.name, person->id, "", failure));
    ++out.situations["error"];
    return std::nullopt;
  }

  void judge_unmatched(const Seeking& seeking, const Correlation& match, ComparisonResult& out) const {
    if (!seeking.leaver && waiting_.contains(seeking.person.id)) return;  // keep_renumbered() tells
    const bool ambiguous = match.kind == Correlation::Kind::ambiguous;
    if (match.kind == Correlation::Kind::none && arrives_unusable(seeking)) {
      ++out.situations["missing"];
      return out.decisions.push_back(judge_unusable(seeking));
    }
    if (seeking.leaver && !ambiguous)  // none, or it is somebody else's by now
      return out.settled.push_back({seeking.row, nobody_});
    if (!seeking.young_since.empty() && !ambiguous)
      return out.decisions.push_back(
          decide_to_wait(view_, seeking.person.id, seeking.lost, seeking.young_since));
    if (match.kind == Correlation::Kind::none ||
        (!seeking.leaver && is_claim(database_, target_, seeking.person.content, match))) {
      ++out.situations["missing"];
      if (!seeking.lost.empty() && !seeking.unread && !seeking.deleted) ++out.situations[vanished_accounts];
      const std::string because =
          seeking.lost.empty()
              ? fmt::format("is in {} and has no account on {}", seeking.person.sources, target_.name)
          : seeking.unread
              ? fmt::format("its account {} was not there when {} was read, before it was linked",
                            seeking.lost, target_.name)
          : seeking.deleted
              ? fmt::format("its account {} was deleted by usher, and it is to have one again", seeking.lost)
              : fmt::format("its account {} is no longer on {}", seeking.lost, target_.name);
      return out.decisions.push_back(decide_create(view_, seeking.person, because));
    }
    const NoteKind kind = ambiguous ? NoteKind::ambiguous : NoteKind::claimed;
    ++out.situations[to_string(kind)];
    Decision verdict;
    verdict.notes.push_back({target_.name, seeking.person.id, match.account_id, kind,
                             match.explanation + "; nothing is done for this person here",
                             ambiguous ? describe(kind).meaning : ""});
    out.decisions.push_back(std::move(verdict));
  }

  /// Where the rules say so, somebody declared and not active gets an account that cannot be used, once.
  bool arrives_unusable(const Seeking& seeking) const {
    const DesiredAccountReader::Answer& person = seeking.person;
    return seeking.leaver && view_.rules().leavers.create_disabled && seeking.lost.empty() && person.found &&
           !person.active && (person.in_scope || !person.failure.message.empty());
  }

  Decision judge_unusable(const Seeking& seeking) const {
    const DesiredAccountReader::Answer& person = seeking.person;
    if (!person.failure.message.empty()) return error_decision(target_.name, person.id, "", person.failure);
    return decide_create_unusable(
        view_, person,
        fmt::format("is in {}, not active, and has no account on {}", person.sources, target_.name));
  }

  std::string natural_key_of(const DesiredAccountReader::Answer& answer,
                             simdjson::dom::parser& parser) const {
    const std::string& path = view_.can().natural_key;
    if (path.empty() || answer.content.empty()) return {};
    std::string_view value;
    const auto held = parser.parse(answer.content)["set"].at_key(path).get(value);
    return held == simdjson::SUCCESS ? std::string(value) : std::string();
  }

  /// The newest generation that brought or changed an account.
  std::uint64_t last_change(Snapshots& snapshots) const {
    std::uint64_t generation = 0;
    for (const SnapshotState& snapshot : snapshots.snapshots(platform_, 100)) {
      generation = snapshot.generation;
      if (snapshot.added + snapshot.changed > 0) break;
    }
    return generation;
  }

  void collect(std::vector<ComparisonResult> all) {
    Transaction transaction(database_.connection(), Durability::lazy);
    for (ComparisonResult& part : all) {
      for (const auto& [situation, count] : part.situations)
        plan_.situations[target_.name][situation] += count;
      Wanted(database_.connection()).set_settled(platform_, part.settled);
      for (const auto& [person, digest] : part.applied) {
        Links(database_.connection()).set_applied(platform_, person, digest);
      }
      Lifecycle lifecycle(database_.connection());
      if (!target_.clock_doubt.empty()) part.gone.clear();
      for (const std::string& person : part.gone)
        lifecycle.remember_gone(platform_, person, text_of(input_.now.seconds));
      for (const std::string& person : part.back) lifecycle.forget_gone(platform_, person);
      for (Decision& verdict : part.decisions) add(plan_, std::move(verdict));
    }
    transaction.commit();
  }

  Database& database_;
  const PlanningInput& input_;
  const std::size_t index_;
  const Target& target_;
  const PlatformId platform_;
  Renumbering& renumbering_;
  Plan& plan_;
  const EntitlementNames names_;
  PlatformView view_;
  const bool has_links_ = Links(database_.connection()).any(platform_);
  const bool had_links_ = Links(database_.connection()).any_ended(platform_);
  std::string read_at_;          // when the last pull began
  const Comparison comparison_;  // of what view_ is by the time it looks
  std::vector<Claim> claims_;
  std::set<std::string> waiting_;  // people whose account here still stands under the key they had before
  Fingerprint nobody_;             // marks the row of a leaver for whom no account was found
};

/// One attempt; `renumbering` grows by who turns out to have a new key.
Plan plan_all(Database& database, const PlanningInput& input,
              const std::map<std::string, std::string>& unreadable, Renumbering& renumbering,
              Progress& progress) {
  Plan plan;
  Snapshots snapshots(database.connection());
  for (const Source& source : input.sources)
    plan.seals.push_back(seal_of(snapshots.platform(source.platform)));
  for (std::size_t i = 0; i < input.targets.size(); ++i) {
    const Target& target = input.targets[i];
    const PlatformState state = snapshots.platform(target.platform);
    plan.seals.push_back(seal_of(state));
    const auto reason = unreadable.find(target.name);
    if (reason != unreadable.end() || state.generation == 0) {
      const std::string why = reason != unreadable.end() ? reason->second : "it was never pulled";
      plan.notes.push_back({target.name, "", "", NoteKind::not_read, "nothing is planned here: " + why});
      continue;
    }
    if (state.self.empty() && target.program->capabilities().asks_self)
      plan.notes.push_back(
          {target.name, "", "", NoteKind::own_account_unknown,
           "the last pull could not tell which account usher logs in with, so that account is "
           "not protected; `usher pull` says why"});
    PlatformPlanner planner(database, input, i, renumbering, plan);
    planner.run(progress);
    settle_unique_values(plan, database, target, planner.claims());
  }
  put_in_order(plan);
  return plan;
}

}  // namespace

Plan make_plan(Database& database, const PlanningInput& input,
               const std::map<std::string, std::string>& unreadable, Progress& progress) {
  Renumbering renumbering = Renumbering::of_records(database);
  const std::size_t known = renumbering.pairs().size();
  Plan plan = plan_all(database, input, unreadable, renumbering, progress);
  // Who turned out to have a new key on one platform has it on all.
  const bool again = renumbering.pairs().size() > known && input.targets.size() > 1;
  if (again) return plan_all(database, input, unreadable, renumbering, progress);
  return plan;
}

}  // namespace usher
