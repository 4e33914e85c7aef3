#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/answers/difference_origin.hpp"
#include "engine/report/answers_report.hpp"

namespace usher {

namespace {

std::string place_of(const SourceLocation& place) {
  return place.line == 0 ? "" : place.to_string();
}

std::string value_of(const RuleOutcome& rule) {
  return rule.error.empty() ? escaped(rule.value) : "fails: " + escaped(rule.error);
}

std::string read_text(const RuleOutcome& rule) {
  std::string text;
  for (const auto& [path, value] : rule.read) text += (text.empty() ? "" : ", ") + path + " is " + value;
  return escaped(text);
}

void rule_row(Table& table, const std::string& name, const RuleOutcome& rule) {
  table.row(
      {escaped(name), value_of(rule), escaped(rule.text), escaped(place_of(rule.place)), read_text(rule)});
}

Table rules_table() {
  return Table(std::vector<Table::Align>(5, Table::Align::left));
}

/// " (people.csv:17)"; empty: the source is no file.
std::string file_text(const RecordFound& record) {
  if (record.path.empty()) return "";
  const std::string file = escaped(record.path);
  if (!record.at.unchanged && record.incomplete.empty())
    return fmt::format(" ({}, which changed since)", file);
  return record.at.line == 0 ? fmt::format(" ({})", file) : fmt::format(" ({}:{})", file, record.at.line);
}

std::string person_part(const Explanation& all, const Ink& ink, std::size_t columns) {
  const Whom& whom = all.whom;
  std::string head = ink.bold(escaped(whom.person.empty() ? "(nobody who is declared)" : whom.person));
  if (whom.label != whom.person) head += "  " + escaped(whom.label);
  if (!whom.person.empty())
    head += !all.declared        ? "  in no source"
            : !all.error.empty() ? "  cannot be derived"
            : all.active         ? "  active"
                                 : "  not active";
  std::string text = head + "\n";
  for (const RecordFound& record : all.records) {
    text += fmt::format(
        "  record {} of {}{}, read {}{}{}\n", escaped(record.id), escaped(record.source), file_text(record),
        record.pulled_at.empty() ? "never completely" : record.pulled_at,
        record.since.empty() ? "" : ", so since " + record.since,
        record.incomplete.empty() ? "" : ", not completely since then: " + escaped(record.incomplete));
  }
  if (!all.error.empty()) text += "  " + ink.red("rule fails: " + escaped(all.error)) + "\n";
  if (!all.rules) return text;
  Table table = rules_table();
  rule_row(table, "key", all.rules->key);
  if (all.rules->active) rule_row(table, "active", *all.rules->active);
  for (const auto& [name, rule] : all.rules->attributes) rule_row(table, name, rule);
  return text + table.text_within(columns, 2);
}

std::string account_line(const AccountExplanation& one) {
  std::string text;
  if (one.account) {
    text = fmt::format("account {}", escaped(one.account->id));
    if (one.label != one.account->id) text += " " + escaped(one.label);
    if (!one.account->active) text += ", disabled";
    if (!one.locked_since.empty()) text += ", locked by usher " + one.locked_since;
  } else if (one.link) {
    text = fmt::format("account {} is gone", escaped(one.link->account));
  } else {
    text = "no account";
  }
  if (one.link)
    text += fmt::format(", linked {}: {}{}", one.link->since, escaped(to_string(one.link->how)),
                        one.linked_in == 0 ? "" : fmt::format(" (run {})", one.linked_in));
  else if (!one.found.empty())
    text += ", not linked yet: an apply links " + escaped(one.found);
  return text;
}

/// Whose an account is that a match rule finds.
std::string holder_text(const MatchTried::Candidate& candidate, const std::string& self) {
  if (candidate.person.empty()) return "is nobody's";
  return candidate.person == self ? "is theirs" : "is linked to " + escaped(candidate.person);
}

std::string match_part(const AccountExplanation& one, const std::string& self) {
  std::string text;
  for (const MatchTried& tried : one.match) {
    text += fmt::format("  match {} = {} ({}): ", escaped(tried.account), escaped(tried.value),
                        place_of(tried.place));
    if (tried.candidates.empty()) text += tried.value.empty() ? "no value to look for" : "no account has it";
    for (const auto& candidate : tried.candidates)
      text += fmt::format("{}account {} {}", &candidate == &tried.candidates.front() ? "" : ", ",
                          escaped(candidate.account), holder_text(candidate, self));
    text += "\n";
  }
  return text;
}

std::string rules_part(const AccountExplanation& one, std::size_t columns) {
  if (!one.rules) return "";
  std::string text;
  if (one.rules->who && one.wanted)
    text += fmt::format("  in scope ({}): {}\n", place_of(one.rules->who->place), read_text(*one.rules->who));
  Table table = rules_table();
  if (one.wanted) {
    for (const auto& [path, rule] : one.rules->set) rule_row(table, path, rule);
    text += table.text_within(columns, 2);
  }
  for (const AccountOutcomes::Group& group : one.rules->groups) {
    const std::string what = escaped(group.rule->kind + " " + group.rule->name);
    const std::string place = place_of(group.rule->place);
    if (group.given() && !one.gives(group)) {
      text += fmt::format("  {} not given, although {} ({})\n", what,
                          group.when ? read_text(*group.when) : "the rule has no condition", place);
    } else if (!group.when) {
      text += fmt::format("  {} given: always ({})\n", what, place);
    } else if (!group.when->error.empty()) {
      text += fmt::format("  {} fails: {} ({})\n", what, escaped(group.when->error), place);
    } else if (group.given()) {
      text += fmt::format("  {} given: {} ({})\n", what, read_text(*group.when), place);
    } else {
      text += fmt::format("  {} not given: {} ({})\n", what, escaped(unmet_text(*group.when)), place);
    }
  }
  return text;
}

std::string differences_part(const AccountExplanation& one, const Ink& ink) {
  std::string text;
  if (!one.agrees.empty())
    text += fmt::format("  as wanted: {}\n", escaped(fmt::format("{}", fmt::join(one.agrees, ", "))));
  for (const DifferenceFound& each : one.differences)
    text += fmt::format("  {} {} → {}  {}\n", ink.yellow(escaped(each.what)), escaped(each.now),
                        escaped(each.wanted), escaped(each.whose));
  return text;
}

std::string lanes_text(const Operation& operation) {
  return "held by " + escaped(fmt::format("{}", fmt::join(operation.held_by, ", ")));
}

/// Under whose approvals it is done although a guard holds its lane.
std::string approvals_text(const Operation& operation) {
  if (operation.approvals.empty()) return "";
  return "  under " + escaped(fmt::format("{}", fmt::join(operation.approvals, ", under ")));
}

std::string next_part(const AccountExplanation& one, const Ink& ink) {
  std::string text;
  for (const Operation& operation : one.operations) {
    std::string what = to_string(operation.kind);
    if (operation.kind == OperationKind::update) {
      for (const auto& [path, value] : operation.after.items()) what += " " + path;
    }
    if (!operation.membership.kind.empty()) {
      for (const MembershipChange& edge : one.next->memberships)
        if (edge.kind == operation.membership.kind && edge.entitlement == operation.membership.entitlement)
          what += " " + edge.kind + " " + (edge.name.empty() ? edge.entitlement : edge.name) + ": " +
                  edge.because;
    }
    text += fmt::format("  next plan    {}{}{}\n", escaped(what),
                        operation.held ? "  " + ink.yellow(lanes_text(operation)) : "",
                        approvals_text(operation));
  }
  if (one.next) text += fmt::format("  because      {}\n", escaped(one.next->because));
  for (const Objection& objection : one.objections)
    text += fmt::format("  held by      {}\n", escaped(objection.message));
  for (const Note& note : one.notes)
    text += fmt::format("  not done     {}: {}\n", to_string(note.kind), escaped(note.message));
  if (one.operations.empty() && one.notes.empty()) text += "  next plan    nothing to do\n";
  return text;
}

std::string account_part(const AccountExplanation& one, const std::string& self, const Ink& ink,
                         std::size_t columns) {
  std::string text = fmt::format("\n{}  {}\n", ink.bold(escaped(one.platform)), account_line(one));
  text += fmt::format("  read {}{}\n", one.pulled_at.empty() ? "never" : one.pulled_at,
                      one.unsealed.empty() ? "" : ", not complete: " + escaped(one.unsealed));
  if (one.written_since)
    text += "  usher wrote to " + escaped(one.platform) + " since then: pull to see what it holds now\n";
  if (!one.excluded.empty()) {
    const std::string place = place_of(one.excluded_by);
    text += "  " + ink.yellow(escaped(one.excluded)) + (place.empty() ? "" : " (" + place + ")") + "\n";
  }
  if (!one.gone_since.empty()) text += "  leaving since " + one.gone_since + "\n";
  text += match_part(one, self) + rules_part(one, columns);
  if (!one.memberships.empty())
    text += fmt::format("  is in: {}\n", escaped(fmt::format("{}", fmt::join(one.memberships, ", "))));
  return text + differences_part(one, ink) + next_part(one, ink);
}

}  // namespace

std::string explain_text(const Explanation& explanation, const TextStyle& style) {
  const Ink ink(style.colour);
  std::string text = person_part(explanation, ink, style.columns);
  for (const AccountExplanation& one : explanation.accounts)
    text += account_part(one, explanation.whom.person, ink, style.columns);
  return wrapped_lines(text, style.columns);
}

}  // namespace usher
