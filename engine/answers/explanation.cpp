#include "engine/answers/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/answers/account_comparison.hpp"
#include "engine/answers/difference_origin.hpp"
#include "engine/answers/orphans.hpp"
#include "engine/desired/case_folding.hpp"
#include "engine/desired/desired_account_reader.hpp"
#include "engine/desired/text_search.hpp"
#include "engine/plan/staying_out.hpp"
#include "engine/runtime/time.hpp"
#include "state/model/normalise.hpp"
#include "state/store/journal.hpp"
#include "state/store/lifecycle.hpp"
#include "state/store/offboarded.hpp"
#include "state/store/past.hpp"
#include "state/store/people.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// Of each slice of a platform's accounts.
constexpr std::size_t most_candidates = 1000;

/// Explains one person or account, platform by platform.
class Explainer {
 public:
  Explainer(Inquiry& inquiry, Forecast& forecast, const Whom& whom, const Plan& plan)
      : inquiry_(inquiry), forecast_(forecast), connection_(forecast.database().connection()), plan_(plan) {
    out_.whom = whom;
  }

  Explanation run(const std::string& on) {
    find_person();
    history_ = history_of(inquiry_, out_.whom);
    for (std::size_t i = 0; i < inquiry_.input().targets.size(); ++i) {
      const Target& target = inquiry_.input().targets[i];
      if (!on.empty() && target.name != on) continue;
      if (out_.whom.person.empty() && account_on(target.name).empty()) continue;
      out_.accounts.push_back(explain_target(i));
    }
    return std::move(out_);
  }

 private:
  const Fingerprinter& fingerprints() const { return forecast_.database().fingerprints(); }

  RuleWitness witness() const {
    return {*inquiry_.setup().config, *inquiry_.setup().rules, inquiry_.input().now};
  }

  std::string account_on(const std::string& platform) const {
    for (const Whom::At& at : out_.whom.accounts)
      if (at.platform == platform) return at.account;
    return {};
  }

  void find_person() {
    if (out_.whom.person.empty()) return;
    const auto row = People(connection_).find(fingerprints().of_person(out_.whom.person));
    record_ = row ? row->record : fingerprints().of_id(out_.whom.person);
    SourceRecords records(connection_, inquiry_.input().sources);
    const auto record = records.find(record_);
    if (!record) return;
    out_.declared = true;
    for (const Source& source : inquiry_.input().sources) add_record(source);
    people_.emplace(inquiry_.input().rules->people(), inquiry_.input().now);
    const auto person = people_->evaluate(record->text);
    if (person) {
      out_.active = person->active;
      person_ = *person;
      if (out_.whom.label == out_.whom.person) out_.whom.label = std::string(person->id);
    } else {
      out_.error = person.error().failure.message;
    }
    out_.rules = witness().people(record->text);
  }

  void add_record(const Source& source) {
    const auto stored = Snapshots(connection_).find(source.platform, record_);
    if (!stored) return;
    const PlatformState state = Snapshots(connection_).platform(source.platform);
    RecordFound found;
    found.source = source.name;
    found.id = stored->account.id;
    found.attributes = stored->account.attributes;
    found.pulled_at = Snapshots(connection_).last_sealed(source.platform);
    if (!state.sealed) found.incomplete = state.why_not;
    const auto pulls = Past(connection_).pulls(source.platform);
    if (const auto pull = pulls.find(stored->generation); pull != pulls.end())
      found.since = pull->second.ended_at;
    const auto& options = inquiry_.setup().config->platforms.at(source.name).options;
    if (const auto path = options.find("path"); source.is_file && path != options.end()) {
      found.path = path->second.text;
      found.at = line_of_record(*inquiry_.setup().connectors.at(source.name), state, found.id);
    }
    out_.records.push_back(std::move(found));
  }

  AccountExplanation explain_target(std::size_t index) {
    const Target& target = inquiry_.input().targets[index];
    const PlatformState state =
        Snapshots(inquiry_.database().connection()).platform(target.platform);  // as it was pulled
    AccountExplanation one;
    one.platform = target.name;
    one.pulled_at = state.started_at;
    if (!state.sealed) one.unsealed = state.generation == 0 ? "it was never pulled" : state.why_not;
    one.written_since = state.written_at > state.started_at;
    find_account(target, one);
    ask_rules(target, one);
    say_what_excludes(target, one);
    if (one.rules) try_matches(target, one);
    one.wanted = one.rules.has_value() && one.excluded.empty();
    take_from_plan(one);
    compare(index, one);
    say_what_the_plan_leaves(one);
    return one;
  }

  void find_account(const Target& target, AccountExplanation& one) {
    if (!out_.whom.person.empty()) one.link = Links(connection_).of_person(target.platform, out_.whom.person);
    std::string id = one.link ? one.link->account : account_on(target.name);
    for (const NewLink& link : plan_.links) {
      if (one.link || link.platform != target.name || link.person != out_.whom.person) continue;
      id = link.account;
      one.found = fmt::format("{}, {}", link.account, to_string(link.how));
    }
    if (one.link) one.linked_in = run_at(connection_, one.link->since);
    if (id.empty()) return;
    const auto stored = Snapshots(connection_).find(target.platform, fingerprints().of_id(id));
    Lifecycle lifecycle(connection_);
    one.locked_since = lifecycle.locked_since(target.platform, id).value_or("");
    one.gone_since = lifecycle.gone_since(target.platform, out_.whom.person).value_or("");
    if (!stored) return;
    one.account = stored->account;
    one.label = inquiry_.label(target.name, stored->account);
    const json edges = json::parse(one.account->memberships.empty() ? "{}" : one.account->memberships);
    for (const auto& [kind, held] : edges.items()) {
      for (const auto& [edge, details] : held.items())
        one.memberships.push_back(kind + " " + inquiry_.names(target.name).name_of(kind, edge));
    }
    std::sort(one.memberships.begin(), one.memberships.end());
  }

  void ask_rules(const Target& target, AccountExplanation& one) const {
    if (person_) one.rules = witness().account(target.program->rules(), *person_);
  }

  void say_what_excludes(const Target& target, AccountExplanation& one) const {
    const auto by = [&](std::string why, const SourceLocation& place) {
      one.excluded = std::move(why);
      one.excluded_by = place;
    };
    if (out_.whom.person.empty())
      return by("the account belongs to nobody who is declared" + what_becomes_of(target, one),
                target.program->rules().orphans.place);
    if (!out_.declared) return by("is in no source", {});
    if (!person_) return by("a rule fails: " + out_.error, inquiry_.setup().config->people.place);
    if (!out_.active) {
      const RuleOutcome& rule = *out_.rules->active;
      return by("is not active: " + unmet_text(rule), rule.place);
    }
    if (one.rules->who && !one.rules->who->error.empty())
      return by("a rule fails: " + one.rules->who->error, one.rules->who->place);
    if (one.rules->who && !one.rules->who->holds())
      return by("is out of scope: " + unmet_text(*one.rules->who), one.rules->who->place);
    for (const auto& [path, rule] : one.rules->set)
      if (!rule.error.empty()) return by(fmt::format("a rule fails: {}: {}", path, rule.error), rule.place);
    for (const AccountOutcomes::Group& group : one.rules->groups)
      if (group.when && !group.when->error.empty())
        return by("a rule fails: " + group.when->error, group.when->place);
    if (!target.program->rules().create && !one.account)
      by("the rules create no accounts here", target.program->rules().place);
  }

  /// Of somebody who gets nothing although the rules want it: what the plan says of that.
  void say_what_the_plan_leaves(AccountExplanation& one) const {
    if (!one.wanted) return;
    const bool usable = one.account && one.account->active && one.locked_since.empty();
    const bool given =
        std::any_of(one.operations.begin(), one.operations.end(), [](const Operation& operation) {
          return operation.kind == OperationKind::create || operation.kind == OperationKind::enable ||
                 operation.kind == OperationKind::unlock;
        });
    const auto keeps_out = [&](const Note& note) {
      const bool of_platform = note.person.empty() && note.account.empty();
      if (of_platform) return note.kind == NoteKind::not_read;
      if (!note.person.empty() && note.person != out_.whom.person)
        return false;  // who else wants the account
      const bool whole = note.kind == NoteKind::rule_error || note.kind == NoteKind::offboarded;
      return whole || (!usable && !given && note.kind != NoteKind::waits);
    };
    const auto first = std::find_if(one.notes.begin(), one.notes.end(), keeps_out);
    if (first != one.notes.end()) one.excluded = first->message;
    if (!one.excluded.empty() || out_.whom.person.empty()) return;
    // While something is still to be taken, the plan says that and not why nothing is given.
    if (const auto out = OffboardedPeople(connection_).find(out_.whom.person, now_text()))
      one.excluded = kept_out_text(*out, out_.whom.person);
  }

  /// Of an account that nobody declares, where the rules say what becomes of such.
  std::string what_becomes_of(const Target& target, const AccountExplanation& one) const {
    if (!one.account || !target.program->rules().orphans.take()) return {};
    const auto orphan = orphan_of(inquiry_, forecast_, plan_, target.name, *one.account);
    if (!orphan) return {};
    if (orphan->day.empty()) return " and stays: " + orphan->because;
    return fmt::format(" and is {} on {}: {}", orphan->becomes, orphan->day, orphan->because);
  }

  void try_matches(const Target& target, AccountExplanation& one) {
    for (const AccountOutcomes::Match& match : one.rules->match) {
      const json value = json::parse(match.value.value.empty() ? "null" : match.value.value);
      MatchTried tried{
          match.rule->account, value.is_string() ? value.get<std::string>() : "", match.rule->place, {}};
      if (!tried.value.empty()) find_candidates(target, match.rule->fold_case, tried);
      one.match.push_back(std::move(tried));
    }
  }

  void find_candidates(const Target& target, bool fold, MatchTried& tried) {
    const std::string wanted = fold ? loosely_folded(tried.value) : tried.value;
    const auto is_it = [&](const AccountView& view) {
      if (tried.account == "id") return (fold ? loosely_folded(view.id) : view.id) == wanted;
      const json attributes = json::parse(view.attributes);
      const json& held = at_path(attributes, tried.account);
      const std::string text = held.is_string() ? held.get<std::string>() : "";
      return (fold ? loosely_folded(text) : text) == wanted;
    };
    for (const Account& account :
         accounts_that_hold(forecast_.database(), target.platform, wanted, most_candidates, is_it)) {
      const auto link = Links(connection_).of_account(target.platform, fingerprints().of_id(account.id));
      tried.candidates.push_back(
          {account.id, inquiry_.label(target.name, account), link ? link->person : ""});
    }
  }

  void take_from_plan(AccountExplanation& one) const {
    const std::string account = one.account ? one.account->id : "";
    const auto concerns = [&](const auto& what) {
      if (what.platform != one.platform) return false;
      if (!out_.whom.person.empty() && what.person == out_.whom.person) return true;
      return !account.empty() && what.account == account;
    };
    for (std::size_t i = 0; i < plan_.changes.size(); ++i) {
      if (!concerns(plan_.changes[i])) continue;
      one.next = plan_.changes[i];
      for (const Operation& operation : plan_.operations)
        if (operation.change == i) one.operations.push_back(operation);
    }
    for (const Note& note : plan_.notes) {
      const bool whole = note.platform == one.platform && note.person.empty() && note.account.empty();
      if (whole || concerns(note)) one.notes.push_back(note);
    }
    const auto holds = [](const Objection& objection, const Operation& operation) {
      return std::any_of(operation.held_by.begin(), operation.held_by.end(),
                         [&](const std::string& lane) { return is_of_lane(objection, lane); });
    };
    for (const Objection& objection : plan_.objections)
      if (std::any_of(one.operations.begin(), one.operations.end(),
                      [&](const Operation& operation) { return holds(objection, operation); }))
        one.objections.push_back(objection);
  }

  void compare(std::size_t index, AccountExplanation& one) const {
    if (!one.account) return;
    const DifferenceOrigin origin(history_, one.platform);
    std::set<std::string> told;
    if (one.next) add_planned(*one.next, origin, one, told);
    if (!one.wanted) return;
    DesiredAccountReader reader(connection_, inquiry_.input());
    const auto wanted = reader.read(record_, index);
    if (wanted.content.empty()) return;
    const Target& target = inquiry_.input().targets[index];
    const EntitlementNames names(Snapshots(connection_).entitlements(target.platform));
    const AccountComparison comparison(*one.account, json::parse(wanted.content), *target.program, names);
    for (const auto& part : comparison.parts()) {
      if (told.contains(part.subject)) continue;
      if (part.agrees()) {
        one.agrees.push_back(part.what);
      } else {  // and nothing is planned
        one.differences.push_back({part.what, part.now.dump(), part.wanted.dump(), part.rule,
                                   origin.of(part.subject, part.now, part.wanted, "is left as it is")});
      }
    }
  }

  static void add_planned(const Change& next, const DifferenceOrigin& origin, AccountExplanation& one,
                          std::set<std::string>& told) {
    for (const FieldChange& field : next.fields) {
      told.insert(field.path);
      one.differences.push_back({field.path, field.before.dump(), field.after.dump(), field.rule,
                                 origin.of(field.path, field.before, field.after, next.because)});
    }
    for (const MembershipChange& edge : next.memberships) {
      const std::string subject = edge.kind + " " + edge.entitlement;
      const json now = edge.act == MembershipChange::Act::add ? json() : json(edge.before);
      const json wanted = edge.act == MembershipChange::Act::remove ? json() : json(edge.after);
      told.insert(subject);
      one.differences.push_back({edge.kind + " " + (edge.name.empty() ? edge.entitlement : edge.name),
                                 now.dump(), wanted.dump(), edge.because,
                                 origin.of(subject, now, wanted, next.because)});
    }
  }

  Inquiry& inquiry_;
  Forecast& forecast_;
  Connection& connection_;  // of the forecast: accounts as usher's own writes left them
  const Plan& plan_;
  Explanation out_;
  Fingerprint record_;
  std::optional<PeopleEvaluator> people_;
  std::optional<Person> person_;
  std::vector<HistoryEntry> history_;
};

}  // namespace

Explanation explain(Inquiry& inquiry, Forecast& forecast, const Whom& whom, const Plan& plan,
                    const std::string& on) {
  return Explainer(inquiry, forecast, whom, plan).run(on);
}

}  // namespace usher
