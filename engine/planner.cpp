#include "engine/planner.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>

#include "engine/diff.hpp"
#include "engine/exchanges.hpp"
#include "engine/match.hpp"
#include "engine/plan_order.hpp"
#include "engine/settle.hpp"
#include "engine/time.hpp"
#include "engine/verdict.hpp"
#include "state/store/lifecycle.hpp"
#include "state/store/links.hpp"
#include "state/store/people.hpp"
#include "state/store/wanted.hpp"

namespace usher {

namespace {

constexpr std::size_t chunk_size = 1024;

/// One key to look at closely: of a pair, of a wanted row without an account, or of a pair just matched.
struct Suspect {
  Fingerprint wanted;   // key of the wanted row
  Fingerprint account;  // key of the account
  std::string how;      // of a new link
};

/// What looking at one chunk of suspects came to, in their order.
struct Findings {
  std::vector<Verdict> verdicts;
  std::vector<Settled> settled;
  std::vector<std::pair<std::string, Fingerprint>> applied;  // person, wanted digest
  std::vector<std::string> gone, back;                       // people whose time of leaving begins, ends
  std::map<std::string, std::uint64_t> situations;
};

/// Plans one platform.
class PlatformPlanner {
 public:
  PlatformPlanner(Database& database, const DesireInput& input, std::size_t target, Plan& plan)
      : database_(database),
        input_(input),
        index_(target),
        target_(input.targets[target]),
        platform_(target_.platform),
        plan_(plan),
        names_(Snapshots(database.connection()).entitlements(platform_)),
        remembers_(Lifecycle(database.connection()).any(platform_)) {
    Snapshots snapshots(database.connection());
    const PlatformState state = snapshots.platform(platform_);
    nobody_ =
        database.fingerprints().of({"nobody", input.rules_digest, std::to_string(last_change(snapshots))});
    view_ = {&target_, &names_, state.self, "", "", input.now.seconds};
    if (!state.sealed)
      view_.unsealed = fmt::format("the pull of {} is not complete: {}", target_.name, state.why_not);
    view_.unsure = view_.unsealed;
    for (const Source& source : input.sources) {
      const auto applied = database.fact("applied " + source.name);
      if (applied) applied_generations_[source.name] = std::stoull(*applied);
      const PlatformState from = snapshots.platform(source.platform);
      if (from.sealed || !view_.unsure.empty()) continue;
      view_.unsure = fmt::format("the pull of {} is not complete: {}", source.name, from.why_not);
    }
  }

  void run(Progress& progress) {
    const Difference difference = diff(database_, platform_, nobody_);
    std::map<std::string, std::uint64_t>& situations = plan_.situations[target_.name];
    situations["matched"] += difference.settled;
    std::vector<Suspect> suspects;
    for (const Fingerprint& key : difference.unsettled) suspects.push_back({key, key, ""});
    situations["orphan"] += difference.unclaimed.size() - match_missing(difference, suspects, progress);
    collect(in_chunks(suspects.size(), progress,
                      [&](std::size_t at, Connection& connection, PersonReader& people, Findings& out) {
                        look_at(suspects[at], connection, people, out);
                      }));
  }

 private:
  /// Somebody who should have an account and has none.
  struct Seeking {
    Fingerprint row;
    bool leaver = false;
    std::string lost;  // the account of a link that is no longer there
    PersonReader::Answer person;
  };

  /// Calls visit(index, connection, people, findings) for every index below count, in parallel. Findings come
  /// in the order of the indices, for any number of threads.
  template <class Visit>
  std::vector<Findings> in_chunks(std::size_t count, Progress& progress, const Visit& visit) const {
    std::vector<Findings> all((count + chunk_size - 1) / chunk_size);
    const std::string stage = "plan " + target_.name;
    std::atomic<std::uint64_t> done{0};
    tbb::parallel_for(std::size_t{0}, all.size(), [&](std::size_t i) {
      Connection connection = database_.reader();
      connection.execute("begin");  // one read lock for all lookups
      PersonReader people(connection, input_);
      const std::size_t end = std::min(count, (i + 1) * chunk_size);
      for (std::size_t at = i * chunk_size; at < end; ++at) visit(at, connection, people, all[i]);
      progress.advance(stage, done += end - i * chunk_size, count);
    });
    progress.finish(stage, done);
    return all;
  }

  /// Gives missing people their accounts where one can be found, plans new ones where not. How many were
  /// found.
  std::size_t match_missing(const Difference& difference, std::vector<Suspect>& suspects,
                            Progress& progress) {
    std::vector<std::optional<Seeking>> slots(difference.missing.size());
    collect(in_chunks(slots.size(), progress,
                      [&](std::size_t at, Connection& connection, PersonReader& people, Findings& out) {
                        slots[at] = seeking(difference.missing[at], connection, people, out);
                      }));
    std::vector<Seeking> present, leavers;
    for (std::optional<Seeking>& slot : slots) {
      if (slot) (slot->leaver ? leavers : present).push_back(std::move(*slot));
    }
    // Whoever should have an account comes first: a rehired person's old record must not take the new one's.
    std::vector<Fingerprint> unclaimed = difference.unclaimed;
    const std::size_t before = suspects.size();
    match_all(present, unclaimed, suspects, progress);
    match_all(leavers, unclaimed, suspects, progress);
    return suspects.size() - before;
  }

  void match_all(const std::vector<Seeking>& people, std::vector<Fingerprint>& unclaimed,
                 std::vector<Suspect>& suspects, Progress& progress) {
    std::vector<Seeker> seekers;
    for (const Seeking& seeking : people) {
      std::vector<std::string> values = seeking.person.match_values;
      values.push_back(natural_key_of(seeking.person));
      seekers.push_back({seeking.person.id, std::move(values)});
    }
    const std::vector<Match> matches = match(database_, target_, seekers, unclaimed);
    collect(
        in_chunks(people.size(), progress, [&](std::size_t at, Connection&, PersonReader&, Findings& out) {
          if (matches[at].kind != Match::Kind::found) judge_unmatched(people[at], matches[at], out);
        }));
    std::vector<Fingerprint> taken;
    for (std::size_t i = 0; i < people.size(); ++i) {
      if (matches[i].kind != Match::Kind::found) continue;
      const std::string& person = people[i].person.id;
      const bool made = people[i].leaver && database_.fact(fact_of_unusable(target_.name, person));
      const std::string how = made ? created_unusable : matches[i].how;
      taken.push_back(matches[i].account);
      suspects.push_back({people[i].row, matches[i].account, how});
      plan_.links.push_back({target_.name, person, matches[i].account_id, how});
    }
    std::sort(taken.begin(), taken.end());
    std::vector<Fingerprint> left;
    std::set_difference(unclaimed.begin(), unclaimed.end(), taken.begin(), taken.end(),
                        std::back_inserter(left));
    unclaimed = std::move(left);
  }

  /// nullopt: nobody to look for, or an error that `out` tells.
  std::optional<Seeking> seeking(const Fingerprint& key, Connection& connection, PersonReader& people,
                                 Findings& out) const {
    const auto row = Wanted(connection).find(platform_, key);
    if (!row) return std::nullopt;
    const auto person = People(connection).find(row->person);
    if (!person) return std::nullopt;  // gone, and the account too
    PersonReader::Answer answer = people.read(person->record, index_);
    const auto link = Links(connection).of_person(platform_, person->id);
    const std::string lost = link ? link->account : "";
    if (row->state == WantedState::leaver) return Seeking{key, true, lost, std::move(answer)};
    const std::string& error = person->error.empty() ? answer.error : person->error;
    if (!error.empty()) {
      out.verdicts.push_back(error_verdict(person->id, "", error));
      ++out.situations["error"];
      return std::nullopt;
    }
    return Seeking{key, false, lost, std::move(answer)};
  }

  void judge_unmatched(const Seeking& seeking, const Match& match, Findings& out) const {
    if (match.kind == Match::Kind::none && arrives_unusable(seeking)) {
      ++out.situations["missing"];
      out.verdicts.push_back(judge_unusable(seeking));
      return;
    }
    if (seeking.leaver && match.kind != Match::Kind::ambiguous) {  // none, or it is somebody else's by now
      out.settled.push_back({seeking.row, nobody_});
      return;
    }
    if (match.kind == Match::Kind::none) {
      ++out.situations["missing"];
      const std::string because =
          seeking.lost.empty()
              ? fmt::format("is in {} and has no account on {}", seeking.person.source, target_.name)
              : fmt::format("its account {} is no longer on {}", seeking.lost, target_.name);
      out.verdicts.push_back(judge_missing(view_, seeking.person, because));
      return;
    }
    const char* situation = match.kind == Match::Kind::ambiguous ? "ambiguous" : "claimed";
    ++out.situations[situation];
    Verdict verdict;
    verdict.notes.push_back({target_.name, seeking.person.id, match.account_id, situation,
                             match.explanation + "; nothing is done for this person here"});
    out.verdicts.push_back(std::move(verdict));
  }

  /// Somebody who is declared and not active gets an account that cannot be used, once, where the rules say
  /// so.
  bool arrives_unusable(const Seeking& seeking) const {
    const PersonReader::Answer& person = seeking.person;
    return seeking.leaver && view_.rules().leavers.create_disabled && seeking.lost.empty() && person.found &&
           !person.active && (person.in_scope || !person.error.empty());
  }

  Verdict judge_unusable(const Seeking& seeking) const {
    const PersonReader::Answer& person = seeking.person;
    if (!person.error.empty()) return error_verdict(person.id, "", person.error);
    return judge_absent_leaver(
        view_, person,
        fmt::format("is in {}, not active, and has no account on {}", person.source, target_.name));
  }

  std::string natural_key_of(const PersonReader::Answer& answer) const {
    const std::string& path = view_.can().natural_key;
    if (path.empty() || answer.content.empty()) return {};
    const auto content = nlohmann::json::parse(answer.content);
    const auto value = content.at("set").find(path);
    return value != content.at("set").end() && value->is_string() ? value->get<std::string>() : std::string();
  }

  void look_at(const Suspect& suspect, Connection& connection, PersonReader& people, Findings& out) const {
    const auto row = Wanted(connection).find(platform_, suspect.wanted);
    const auto account = Snapshots(connection).find(platform_, suspect.account);
    if (!row || !account) return;
    const auto link = Links(connection).of_account(platform_, suspect.account);
    const auto person = People(connection).find(row->person);
    const std::string id = person ? person->id : link ? link->person : std::string();
    const PersonReader::Answer answer = person ? people.read(person->record, index_) : PersonReader::Answer{};
    Standing standing = standing_of(connection, id, account->account.id);
    standing.made_unusable = suspect.how == created_unusable || (link && link->how == created_unusable);
    Verdict verdict;
    if (row->state == WantedState::error) {
      ++out.situations["error"];
      verdict = error_verdict(id, account->account.id,
                              answer.error.empty() && person ? person->error : answer.error);
    } else if (row->state == WantedState::leaver) {
      ++out.situations["unqualified"];
      verdict = judge_leaver(view_, id, account->account, standing, why_left(person.has_value(), answer));
      if (!id.empty() && !standing.gone_since && gives_grace(view_.rules())) out.gone.push_back(id);
    } else {
      ++out.situations["matched"];
      verdict = judge_present(view_, answer, account->account, standing, why_different(*row, link, answer));
      if (standing.gone_since) out.back.push_back(id);
    }
    if (verdict.agrees() && suspect.how.empty()) {
      out.settled.push_back({suspect.account, account->digest});
      if (link && link->applied != row->digest) out.applied.emplace_back(link->person, row->digest);
    }
    out.verdicts.push_back(std::move(verdict));
  }

  Standing standing_of(Connection& connection, const std::string& person, const std::string& account) const {
    if (!remembers_) return {};
    Lifecycle lifecycle(connection);
    Standing standing;
    standing.locked = lifecycle.locked_since(platform_, account).has_value();
    if (const auto since = lifecycle.gone_since(platform_, person)) standing.gone_since = seconds_of(*since);
    return standing;
  }

  Verdict error_verdict(const std::string& person, const std::string& account,
                        const std::string& error) const {
    Verdict verdict;
    verdict.notes.push_back(
        {target_.name, person, account, "rule-error", error + "; nothing is done for this person here"});
    return verdict;
  }

  std::string why_left(bool declared, const PersonReader::Answer& answer) const {
    if (!declared || !answer.found) return fmt::format("is no longer in {}", sources());
    if (!answer.active) return fmt::format("is not active any more in {}", answer.source);
    return fmt::format("is out of scope: {} ({})", target_.program->rules().who.source,
                       target_.program->rules().who.place.to_string());
  }

  /// What is known of why an account that was once as wanted may not be any more.
  std::string why_different(const WantedRow& row, const std::optional<Link>& link,
                            const PersonReader::Answer& answer) const {
    if (!link) return "the account was matched for the first time";
    if (link->applied == row.digest) {
      return row.settled ? fmt::format("was changed on {} since it was last as wanted", target_.name)
                         : fmt::format("was written before, and {} does not hold it so", target_.name);
    }
    const auto seen = applied_generations_.find(answer.source);
    if (seen != applied_generations_.end() && answer.record_generation <= seen->second)
      return "the rules changed";
    return fmt::format("its record in {} changed", answer.source);
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

  std::string sources() const {
    std::vector<std::string> names;
    for (const Source& source : input_.sources) names.push_back(source.name);
    return fmt::format("{}", fmt::join(names, ", "));
  }

  void collect(std::vector<Findings> all) {
    Transaction transaction(database_.connection(), Durability::lazy);
    for (Findings& findings : all) {
      for (const auto& [situation, count] : findings.situations)
        plan_.situations[target_.name][situation] += count;
      Wanted(database_.connection()).set_settled(platform_, findings.settled);
      for (const auto& [person, digest] : findings.applied) {
        Links(database_.connection()).set_applied(platform_, person, digest);
      }
      Lifecycle lifecycle(database_.connection());
      for (const std::string& person : findings.gone)
        lifecycle.remember_gone(platform_, person, text_of(input_.now.seconds));
      for (const std::string& person : findings.back) lifecycle.forget_gone(platform_, person);
      for (Verdict& verdict : findings.verdicts) add(std::move(verdict));
    }
    transaction.commit();
  }

  void add(Verdict verdict) {
    std::move(verdict.notes.begin(), verdict.notes.end(), std::back_inserter(plan_.notes));
    if (!verdict.change) return;
    for (Operation& operation : verdict.operations) {
      operation.change = plan_.changes.size();
      plan_.operations.push_back(std::move(operation));
    }
    plan_.changes.push_back(std::move(*verdict.change));
  }

  Database& database_;
  const DesireInput& input_;
  const std::size_t index_;
  const Target& target_;
  const PlatformId platform_;
  Plan& plan_;
  const EntitlementNames names_;
  PlatformView view_;
  const bool remembers_;  // anything of anybody's leaving
  Fingerprint nobody_;    // marks the row of a leaver for whom no account was found
  std::map<std::string, std::uint64_t> applied_generations_;
};

Seal seal_of(const PlatformState& state) {
  return {state.name, state.generation, state.sealed, state.why_not, state.accounts, state.started_at};
}

}  // namespace

Plan make_plan(Database& database, const DesireInput& input,
               const std::map<std::string, std::string>& unreadable, Progress& progress) {
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
      plan.notes.push_back({target.name, "", "", "not-read", "nothing is planned here: " + why});
      continue;
    }
    PlatformPlanner(database, input, i, plan).run(progress);
    note_exchanges(plan, target);
  }
  put_in_order(plan);
  return plan;
}

}  // namespace usher
