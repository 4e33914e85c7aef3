#include "engine/check/rule_tests.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/desired/source_records.hpp"
#include "engine/runtime/time.hpp"
#include "rules/rule_outcome.hpp"
#include "state/model/normalise.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

using nlohmann::json;
using AccountExpected = RuleTest::Expected::Account;

/// Judges one test: its records against what it expects.
class RuleTestRun {
 public:
  RuleTestRun(const Workspace& setup, const ConnectorContext& context, const RuleTest& test, RuleTrial& trial,
              cel::Moment now)
      : setup_(setup), context_(context), test_(test), trial_(trial), now_(now) {
    result_.name = test.name;
    result_.place = test.place;
  }

  TestResult run(std::stop_token stop) {
    const double began = monotonic_seconds();
    const std::set<std::string> asked(test_.people.begin(), test_.people.end());
    for (const std::string& record : records(stop)) try_record(record, asked);
    for (const std::string& key : test_.people)
      if (!tried_.contains(key))
        fail(key, "", "person", "a record of " + key, "none in " + test_.records, "");
    if (result_.people == 0 && result_.failures.empty())
      fail("", "", "records", "at least one record", "none in " + test_.records, "");
    result_.seconds = monotonic_seconds() - began;
    return std::move(result_);
  }

 private:
  void fail(std::string person, std::string platform, std::string what, std::string expected,
            std::string actual, std::string why) {
    result_.failures.push_back({std::move(person), std::move(platform), std::move(what), std::move(expected),
                                std::move(actual), std::move(why)});
  }

  std::vector<std::string> records(std::stop_token stop) {
    if (!test_.record.empty()) return {test_.record};
    std::vector<std::string> all;
    auto reader = reader_of_file(setup_, test_.source, test_.records, context_);
    if (!reader) {
      for (const Diagnostic& mistake : reader.error())
        fail("", "", "records", "a file that can be read", mistake.message, test_.records);
      return all;
    }
    std::string cursor;
    do {
      const Outcome<Page> page = (*reader)->fetch(cursor, stop);
      if (!page) {
        fail("", "", "records", "a file that can be read", page.error().message, test_.records);
        return all;
      }
      for (const BadRecord& bad : page->bad)
        fail(bad.key, "", "record", "a usable record", bad.why, bad.where);
      for (const auto& account : page->accounts) all.push_back(account.attributes);
      cursor = page->next;
    } while (!cursor.empty());
    return all;
  }

  void try_record(const std::string& record, const std::set<std::string>& asked) {
    const auto person = trial_.apply(record);
    const std::string& key = person ? person->key : person.error().id;
    if (!asked.empty() && !asked.contains(key)) return;
    tried_.insert(key);
    ++result_.people;
    if (!person) return fail(key, "", "person", "somebody", "a rule fails", person.error().failure.message);
    for (const RuleTest::Expected& expected : test_.expected) {
      const auto found = person->platforms.find(expected.platform);
      if (found == person->platforms.end()) continue;
      if (!found->second.error.empty()) {
        fail(key, expected.platform, "account", "what is expected", "a rule fails", found->second.error);
      } else {
        judge(record, *person, expected, found->second);
      }
    }
  }

  const AccountProgram& program(const std::string& platform) const {
    return setup_.rules->accounts().at(platform);
  }

  void judge(const std::string& record, const TrialPerson& person, const RuleTest::Expected& expected,
             const TrialOutcome& outcome) {
    const bool active = person.active && outcome.in_scope;
    const auto wrong = [&](const std::string& what, const std::string& wants, const std::string& has,
                           const std::string& why) {
      fail(person.key, expected.platform, what, wants, has, why);
    };
    const std::string kept_out = active ? "" : why_not_active(record, person, expected.platform);
    if (const std::string has = mismatch(expected, active); !has.empty())
      wrong("account", word(expected.account), has, active ? "" : kept_out);
    for (const auto& [path, value] : expected.set) {
      const std::string has = active ? held(outcome, path) : "no account";
      if (has != wanted_value(expected.platform, path, value))
        wrong("attribute " + path, value, has, active ? rule_of(expected.platform, path) : kept_out);
    }
    const std::set<RuleTest::Membership> given = memberships(outcome, active);
    const auto because = [&](const RuleTest::Membership& one) {
      return active ? why_not_given(record, expected.platform, one) : kept_out;
    };
    for (const RuleTest::Membership& one : expected.groups)
      if (!given.contains(one)) wrong(name_of(one), "given", "not given", because(one));
    for (const RuleTest::Membership& one : expected.not_groups)
      if (given.contains(one)) wrong(name_of(one), "not given", "given", given_by(outcome, one));
    if (!expected.only_groups) return;
    const std::set<RuleTest::Membership> only(expected.only_groups->begin(), expected.only_groups->end());
    for (const RuleTest::Membership& one : only)
      if (!given.contains(one)) wrong(name_of(one), "given", "not given", because(one));
    for (const RuleTest::Membership& one : given)
      if (!only.contains(one)) wrong(name_of(one), "not given", "given", given_by(outcome, one));
  }

  static std::string name_of(const RuleTest::Membership& one) { return one.kind + " " + one.name; }

  static const char* word(AccountExpected account) {
    switch (account) {
      case AccountExpected::any:
        return "any";
      case AccountExpected::active:
        return "active";
      case AccountExpected::none:
        return "none";
      case AccountExpected::disabled:
        return "disabled";
      case AccountExpected::deleted:
        return "deleted";
    }
    return "";
  }

  /// What becomes of an account of somebody who shall have none.
  AccountExpected end_of(const std::string& platform) const {
    const LeaverRules& leavers = program(platform).rules().leavers;
    const Capabilities& can = program(platform).capabilities();
    if (leavers.delete_after_days && can.remove) return AccountExpected::deleted;
    if (!leavers.disable_after_days) return AccountExpected::none;
    if (can.disable || (leavers.without_disable == Fallback::lock && can.lock))
      return AccountExpected::disabled;
    return leavers.without_disable == Fallback::remove && can.remove ? AccountExpected::deleted
                                                                     : AccountExpected::none;
  }

  /// What is so instead; empty: it is as expected. An account that is deleted in the end may be disabled
  /// before.
  std::string mismatch(const RuleTest::Expected& expected, bool active) const {
    if (expected.account == AccountExpected::any) return {};
    if (active) return expected.account == AccountExpected::active ? "" : "active";
    if (expected.account == AccountExpected::none) return {};
    const AccountExpected end = end_of(expected.platform);
    const bool disabled_first = program(expected.platform).rules().leavers.disable_after_days.has_value();
    if (expected.account == end) return {};
    if (expected.account == AccountExpected::disabled && end == AccountExpected::deleted && disabled_first &&
        program(expected.platform).capabilities().disable)
      return {};
    return end == AccountExpected::none ? "none; one that exists is left as it is"
                                        : fmt::format("none; one that exists is {}", word(end));
  }

  std::string held(const TrialOutcome& outcome, const std::string& path) const {
    const auto found = outcome.set.find(path);
    return found == outcome.set.end() ? "not set by any rule" : found->second;
  }

  /// The expected value as an account would hold it.
  std::string wanted_value(const std::string& platform, const std::string& path,
                           const std::string& value) const {
    const Attribute* attribute = program(platform).capabilities().schema.find(path);
    const json given = json::parse(value, nullptr, false);
    return (attribute == nullptr ? given : normalised(given, *attribute))
        .dump(-1, ' ', false, json::error_handler_t::replace);
  }

  static std::set<RuleTest::Membership> memberships(const TrialOutcome& outcome, bool active) {
    std::set<RuleTest::Membership> all;
    if (active)
      for (const GroupRule* rule : outcome.groups) all.insert({rule->kind, rule->name});
    return all;
  }

  std::string rule_of(const std::string& platform, const std::string& path) const {
    for (const auto& [name, expression] : program(platform).rules().set)
      if (name == path)
        return fmt::format("{} ({})", expression.constant.value_or(expression.source),
                           expression.place.to_string());
    return {};
  }

  /// The places of the rules that gave it: two of one group may both have fired.
  static std::string given_by(const TrialOutcome& outcome, const RuleTest::Membership& one) {
    std::vector<std::string> places;
    for (const GroupRule* rule : outcome.groups)
      if (rule->kind == one.kind && rule->name == one.name) places.push_back(rule->place.to_string());
    return fmt::format("{}", fmt::join(places, "; "));
  }

  std::string why_not_active(const std::string& record, const TrialPerson& person,
                             const std::string& platform) const {
    RuleWitness witness(*setup_.config, *setup_.rules, now_);
    if (!person.active) {
      const auto outcomes = witness.people(record);
      return outcomes.active ? fmt::format("is not active: {} ({})", unmet_text(*outcomes.active),
                                           outcomes.active->place.to_string())
                             : "is not active";
    }
    PeopleEvaluator people(setup_.rules->people(), now_);
    const auto derived = people.evaluate(record);
    if (!derived) return {};
    const auto outcomes = witness.account(program(platform).rules(), *derived);
    if (!outcomes.who) return {};
    return fmt::format("is out of scope: {} ({})", unmet_text(*outcomes.who),
                       outcomes.who->place.to_string());
  }

  std::string why_not_given(const std::string& record, const std::string& platform,
                            const RuleTest::Membership& one) const {
    PeopleEvaluator people(setup_.rules->people(), now_);
    const auto derived = people.evaluate(record);
    if (!derived) return {};
    RuleWitness witness(*setup_.config, *setup_.rules, now_);
    std::string why;
    for (const auto& group : witness.account(program(platform).rules(), *derived).groups) {
      if (group.rule->kind != one.kind || group.rule->name != one.name || !group.when) continue;
      why += fmt::format("{}{} ({})", why.empty() ? "" : "; ", unmet_text(*group.when),
                         group.when->place.to_string());
    }
    return why.empty() ? "no rule names it" : why;
  }

  const Workspace& setup_;
  const ConnectorContext& context_;
  const RuleTest& test_;
  RuleTrial& trial_;
  const cel::Moment now_;
  TestResult result_;
  std::set<std::string> tried_;
};

/// Applies the rules to the stored records until every rule of `missing` has fired or it is stopped.
std::set<std::size_t> fired_by_population(const Workspace& setup, Database& state,
                                          const std::set<std::size_t>& missing, bool& known,
                                          const std::stop_token& stop) {
  const PlanningInput input = planning_input(state, setup, now_text());
  RuleTrial trial(*setup.config, *setup.rules, input.now);
  SourceRecords records(state.connection(), input.sources);
  const auto all_fired = [&] {
    return std::includes(trial.fired().begin(), trial.fired().end(), missing.begin(), missing.end());
  };
  for (std::size_t from = 0; from < input.sources.size(); ++from) {
    Connection own = state.reader();
    Snapshots snapshots(own);
    for (const RowSlice& slice : snapshots.row_slices(input.sources[from].platform, 1)) {
      snapshots.for_each_alive(slice, [&](const AccountView& view) {
        known = true;
        if (stop.stop_requested() || all_fired()) return;
        if (records.has_earlier(view.key, from)) return;
        trial.apply(records.of(view, from));  // a record that fails fires nothing; the plan tells it
      });
    }
  }
  return trial.fired();
}

}  // namespace

bool RuleTestReport::passed() const {
  return std::all_of(tests.begin(), tests.end(),
                     [](const TestResult& test) { return test.failures.empty(); });
}

RuleTestReport run_rule_tests(const Workspace& setup, const ConnectorContext& context,
                              const std::vector<std::string>& names, Database* state, std::stop_token stop) {
  RuleTestReport report;
  std::set<std::size_t> fired, missing;
  std::vector<FirableRule> rules;
  const std::string present = now_text();
  for (const RuleTest& test : setup.config->tests) {
    if (stop.stop_requested()) return report;
    if (!names.empty() && std::find(names.begin(), names.end(), test.name) == names.end()) continue;
    const cel::Moment now{seconds_of(test.now.empty() ? present : test.now), 0};
    RuleTrial trial(*setup.config, *setup.rules, now);
    report.tests.push_back(RuleTestRun(setup, context, test, trial, now).run(stop));
    fired.insert(trial.fired().begin(), trial.fired().end());
    rules = trial.rules();
  }
  report.rules = rules.size();
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (!fired.contains(i)) missing.insert(i);
  std::set<std::size_t> by_population;
  if (state != nullptr)
    by_population = fired_by_population(setup, *state, missing, report.population_known, stop);
  for (const std::size_t i : missing) report.unfired.push_back({rules[i], by_population.contains(i)});
  return report;
}

}  // namespace usher
