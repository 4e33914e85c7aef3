#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "engine/report/approval_text.hpp"
#include "engine/report/causes.hpp"
#include "engine/report/plan_summary.hpp"
#include "engine/report/report.hpp"
#include "engine/report/undo_text.hpp"

namespace usher {

namespace {

constexpr std::size_t digest_shown = 12, line_width = 80;
// Who takes or gives credentials, as changes name it.
constexpr std::string_view leaving_rule = "leaving", first_rule = "credentials.first";

std::string value_text(const nlohmann::json& value) {
  if (value.is_null()) return "(none)";
  return escaped(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string details_text(const std::vector<std::string>& details) {
  return details.empty() ? "" : escaped(fmt::format(" ({})", fmt::join(details, ", ")));
}

bool takes_away(const Change& change) {
  return takes_account(change.act);
}

bool takes_membership(const Change& change) {
  return std::any_of(change.memberships.begin(), change.memberships.end(),
                     [](const auto& each) { return each.act == MembershipChange::Act::remove; });
}

/// What a reader must see first comes first.
int rank(const Change& change) {
  if (change.act == ChangeAct::remove || change.act == ChangeAct::recreate) return 0;
  if (change.act == ChangeAct::lock) return 1;
  if (change.act == ChangeAct::disable) return 2;
  return takes_membership(change) ? 3 : 4;
}

const char* title(OperationKind kind) {
  switch (kind) {
    case OperationKind::add_membership:
      return "+member";
    case OperationKind::change_membership:
      return "~member";
    case OperationKind::remove_membership:
      return "-member";
    default:
      return to_string(kind);
  }
}

/// "12 create, 3 update (1 held)"
std::string operations_text(const PlatformSummary& summary) {
  std::string text;
  for (const auto& [kind, count] : summary.operations) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", with_separators(count.operations), title(kind));
    if (count.held == count.operations) {
      text += " (held)";
    } else if (count.held != 0) {
      text += fmt::format(" ({} held)", with_separators(count.held));
    }
  }
  return text.empty() ? "nothing to do" : text;
}

/// "98,012 accounts, complete, read 2024-05-01T02:59:10Z"
std::string proof_text(const Seal& seal) {
  return fmt::format("{}, {}, read {}", pluralised(seal.accounts, "account", "accounts"),
                     seal.sealed ? "complete" : "NOT COMPLETE: " + escaped(seal.why_not), seal.taken_at);
}

/// For each platform what there is and, below it, what is to be done.
std::string summary_part(const Plan& plan, const std::vector<PlatformSummary>& summary, const Ink& ink) {
  std::string text;
  for (const auto& each : summary) {
    const std::string name = escaped(each.platform);
    std::string head =
        wrapped(name + (each.seal == nullptr ? "" : ": " + proof_text(*each.seal)), line_width - 4, 4);
    if (head.starts_with(name)) head = ink.bold(name) + head.substr(name.size());
    text += "  " + head + "\n    " + wrapped(operations_text(each), line_width - 4, 4) + "\n";
    const std::string cost = cost_text(plan, each.platform);
    if (!cost.empty()) text += "    " + cost + "\n";
  }
  return text;
}

std::string objections_part(const Plan& plan, const Ink& ink) {
  std::string text;
  for (const Objection& objection : plan.objections)
    text += "  " + wrapped(escaped(objection.platform + ": " + objection.message), 76, 4) + "\n";
  return text.empty() ? "" : "\n" + ink.yellow("Held by a guard, and not done:") + "\n" + text;
}

std::string more_line(std::size_t hidden, std::string_view what, const TextStyle& style) {
  std::string line = fmt::format("  … and {} more {}", with_separators(hidden), what);
  if (!style.more.empty()) line += fmt::format("; `{}` shows all", style.more);
  return line + "\n";
}

/// One line a cause, what asks for attention first.
std::string note_causes_part(const Plan& plan, const Ink& ink) {
  std::string text;
  const auto part = [&](Severity severity, const char* title) {
    const std::vector<Cause> causes = causes_of_notes(plan, severity);
    if (causes.empty()) return;
    text += "\n" + ink.yellow(title) + "\n";
    for (const Cause& cause : causes) text += cause_text(cause, ink);
  };
  part(Severity::attention, "Not done, and nobody chose that (`usher accept` takes the name in brackets):");
  part(Severity::chosen, "Not done, as chosen:");
  part(Severity::information, "Also:");
  return text;
}

std::string notes_part(const Plan& plan, const TextStyle& style, const Ink& ink) {
  if (style.limit != 0) return note_causes_part(plan, ink);
  if (plan.notes.empty()) return "";
  Table table(
      {Table::Align::left, Table::Align::left, Table::Align::left, Table::Align::left, Table::Align::left});
  for (const Note& note : plan.notes) {
    const std::string& whom = note.person.empty() ? note.account : note.person;
    table.row({escaped(note.platform), to_string(note.kind), escaped(whom),
               severity_of(note) == Severity::attention ? id_of(note) : "", escaped(note.message)});
  }
  return "\n" + ink.yellow("Not done, and why:") + "\n" + table.text(2);
}

std::string memberships_text(const Change& change, const Ink& ink) {
  std::string text;
  for (const MembershipChange& each : change.memberships) {
    const std::string what = escaped(each.kind + " " + (each.name.empty() ? each.entitlement : each.name));
    std::string head, details;
    switch (each.act) {
      case MembershipChange::Act::add:
        head = "+ " + what;
        details = details_text(each.after);
        break;
      case MembershipChange::Act::remove:
        head = "- " + what;
        details = details_text(each.before);
        break;
      case MembershipChange::Act::change:
        head = "~ " + what;
        details = details_text(each.before) + " →" + (each.after.empty() ? " ()" : details_text(each.after));
        break;
    }
    const std::string because = each.because.empty() ? "" : ": " + escaped(each.because);
    std::string lines = wrapped(head + details + because, line_width - 8, 8, line_width - 7);
    if (lines.starts_with(head) && head[0] != '~')
      lines = (head[0] == '+' ? ink.green(head) : ink.red(head)) + lines.substr(head.size());
    text += "      " + lines + "\n";
  }
  return text;
}

/// `attribute: before → after`; credentials have no values that could be shown.
std::string field_text(const FieldChange& field) {
  constexpr std::string_view credentials = "credentials.";
  std::string kind = field.path.substr(std::min(credentials.size(), field.path.size()));
  std::replace(kind.begin(), kind.end(), '-', ' ');
  if (field.rule == leaving_rule && field.path.starts_with(credentials))
    return fmt::format("{}s: all revoked", escaped(kind));
  if (field.rule == first_rule && field.path.starts_with(credentials))
    return fmt::format("{}: sent to the person", escaped(kind));
  return fmt::format("{}: {} → {}", escaped(field.path), value_text(field.before), value_text(field.after));
}

/// Whether a terminal of the usual width shows it in one line.
bool fits(const std::string& line) {
  return clipped(line, line_width).size() == line.size();
}

std::string change_text(const Change& change, bool held, const std::string& for_good, const Ink& ink) {
  const std::string act = fmt::format("{:<7}", to_string(change.act));
  std::string text = "    ";
  if (takes_away(change)) {
    text += ink.red("- " + act);
  } else {
    text += change.act == ChangeAct::create ? ink.green("+ " + act) : "~ " + act;
  }
  text += "  " + ink.bold(escaped(change.label));
  std::string plain = "    - " + act + "  " + escaped(change.label);
  if (!change.person.empty() && change.person != change.label) {
    text += "  person " + escaped(change.person);
    plain += "  person " + escaped(change.person);
  }
  if (!change.account.empty() && change.account != change.label) {
    const std::string account = "account " + escaped(change.account);
    text += (fits(plain + "  " + account + (held ? "  held" : "")) ? "  " : "\n      ") + account;
  }
  if (held) text += "  " + ink.yellow("held");
  text += "\n      " + wrapped(escaped(change.because), line_width - 8, 8, line_width - 6) + "\n";
  for (const FieldChange& field : change.fields) {
    const std::string line = "      " + wrapped(field_text(field), line_width - 8, 8, line_width - 6);
    text += line;
    // A new account has many fields, and all of them for the same reason.
    if (change.act != ChangeAct::create && !field.rule.empty()) {
      const std::string by = "by " + escaped(field.rule);
      const bool one_line = line.find('\n') == std::string::npos && fits(line + "  " + by);
      text += (one_line ? "  " : "\n        ") + ink.dim(by);
    }
    text += "\n";
  }
  text += memberships_text(change, ink);
  if (!for_good.empty()) text += "      " + ink.red("cannot be undone: ") + escaped(for_good) + "\n";
  return text;
}

std::string changes_part(const Plan& plan, const PlatformSummary& summary, const std::vector<char>& held,
                         const std::vector<std::string>& for_good, const TextStyle& style, const Ink& ink) {
  if (summary.changes == 0) return "";
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < plan.changes.size(); ++i)
    if (plan.changes[i].platform == summary.platform) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::make_tuple(held[a], rank(plan.changes[a]), std::cref(plan.changes[a].because)) <
           std::make_tuple(held[b], rank(plan.changes[b]), std::cref(plan.changes[b].because));
  });
  const auto first_held =
      std::find_if(order.begin(), order.end(), [&](std::size_t index) { return held[index] != 0; });

  std::string text =
      fmt::format("\n{}\n", ink.bold(fmt::format("  {}: {}", escaped(summary.platform),
                                                 pluralised(summary.changes, "change", "changes"))));
  const auto done = static_cast<std::size_t>(first_held - order.begin());
  const std::size_t shown = style.limit == 0 ? order.size() : std::min(style.limit, done);
  for (std::size_t i = 0; i < shown; ++i)
    text += change_text(plan.changes[order[i]], held[order[i]] != 0, for_good[order[i]], ink);
  if (style.limit == 0) return text;
  if (shown < done) text += more_line(done - shown, "changes", style);
  for (const Cause& cause : causes_of_held(plan))
    if (cause.platform == summary.platform) text += cause_text(cause, ink, "held");
  return text;
}

/// "4 accounts belong to nobody who is declared; 3 are in the plan, 1 is left as found."
std::string orphans_text(const Plan& plan, const std::string& platform, std::uint64_t orphans) {
  const auto taken =
      static_cast<std::uint64_t>(std::ranges::count_if(plan.changes, [&](const Change& change) {
        return change.situation == Situation::orphan && change.platform == platform;
      }));
  const std::string text =
      pluralised(orphans, "account belongs", "accounts belong") + " to nobody who is declared; ";
  if (taken == 0) return text + "left as found.";
  const std::string shown = pluralised(taken, "is", "are") + " in the plan";
  return text +
         (taken >= orphans
              ? shown
              : fmt::format("{}, {} left as found", shown, pluralised(orphans - taken, "is", "are"))) +
         ".";
}

/// Accounts that were found to be somebody's, and those that are nobody's.
std::string accounts_part(const Plan& plan, const std::vector<PlatformSummary>& summary) {
  std::string text;
  for (const auto& each : summary) {
    if (each.links != 0)
      text += fmt::format("\n  {}: {} found to be a person's; an apply remembers that.",
                          escaped(each.platform), pluralised(each.links, "account is", "accounts are"));
    const auto situations = plan.situations.find(each.platform);
    if (situations == plan.situations.end()) continue;
    const auto orphans = situations->second.find(to_string(Situation::orphan));
    if (orphans != situations->second.end() && orphans->second != 0)
      text += fmt::format("\n  {}: {}", escaped(each.platform),
                          orphans_text(plan, each.platform, orphans->second));
  }
  return text.empty() ? "" : text + "\n";
}

}  // namespace

std::string withheld_text(const Plan& plan, const TextStyle& style) {
  const Ink ink(style.colour);
  std::string text, unread;
  for (const Seal& seal : plan.seals)
    if (!seal.sealed) unread += fmt::format("  {}: {}\n", escaped(seal.platform), escaped(seal.why_not));
  if (!unread.empty()) text += "\n" + ink.yellow("Not read, or not completely:") + "\n" + unread;
  text += objections_part(plan, ink);
  if (style.limit != 0) {
    for (const Cause& cause : causes_of_held(plan)) text += cause_text(cause, ink);
    return text + notes_part(plan, style, ink);
  }
  std::vector<char> held(plan.changes.size());
  for (const Operation& operation : plan.operations)
    if (operation.held) held.at(operation.change) = 1;
  for (std::size_t i = 0; i < plan.changes.size(); ++i)
    if (held[i] != 0)
      text += "  " + ink.bold(escaped(plan.changes[i].platform)) + "\n" +
              change_text(plan.changes[i], true, "", ink);
  return text + notes_part(plan, style, ink);
}

std::string plan_text(const Plan& plan, const TextStyle& style) {
  const Ink ink(style.colour);
  const auto summary = summarise(plan);
  std::vector<char> held(plan.changes.size());
  for (const Operation& operation : plan.operations)
    if (operation.held) held.at(operation.change) = 1;

  std::string text =
      fmt::format("{} as of {}\n\n", ink.bold("Plan " + plan.digest.substr(0, digest_shown)), plan.now);
  if (!plan.only.empty())
    text += fmt::format("Only for {}; guards were judged with everybody.\n\n",
                        escaped(fmt::format("{}", fmt::join(plan.only, ", "))));
  text += undo_text(plan);
  text += summary_part(plan, summary, ink);
  text += objections_part(plan, ink) + approving_text(plan) + approvals_text(plan);
  text += notes_part(plan, style, ink);
  const std::vector<std::string> for_good = irreversible_by_change(plan);
  for (const auto& each : summary) text += changes_part(plan, each, held, for_good, style, ink);
  text += accounts_part(plan, summary) + irreversible_text(plan);
  const bool attention = std::any_of(plan.notes.begin(), plan.notes.end(), [](const Note& note) {
    return severity_of(note) == Severity::attention;
  });
  if (plan.operations.empty() && plan.unlinks.empty())
    text += attention ? "\nNothing to do now: what is not done, and why, is above.\n" : "\nNothing to do.\n";
  return text;
}

}  // namespace usher
