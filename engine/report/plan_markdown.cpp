#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/report/approval_text.hpp"
#include "engine/report/markdown_text.hpp"
#include "engine/report/plan_summary.hpp"
#include "engine/report/plan_views.hpp"
#include "engine/report/undo_text.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "state/model/excerpt.hpp"

namespace usher {

namespace {

constexpr std::size_t room_for_remarks = 200;  // bytes of the lines that say what is left out

std::string shown_value(const nlohmann::json& json) {
  if (json.is_null()) return "*nothing*";
  return markdown_text(json.is_string()
                           ? json.get<std::string>()
                           : json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string head(const Plan& plan, const PlanOutcome* outcome) {
  const std::uint64_t held = held_operations(plan);
  std::string text = fmt::format(
      "## usher: {}{}\n\nPlan `{}`. {}\n\n", pluralised(plan.changes.size(), "change", "changes"),
      held > 0 ? fmt::format(", {} held by guards", pluralised(held, "operation", "operations")) : "",
      plan.digest.substr(0, 12), outcome == nullptr ? "Nothing was written." : outcome->sentence);
  text += "| platform | complete | accounts | operations | held |\n|---|---|---:|---|---:|\n";
  for (const PlatformSummary& each : summarise(plan)) {
    std::string operations;
    std::uint64_t held_here = 0;
    for (const auto& [kind, count] : each.operations) {
      operations += fmt::format("{}{} {}", operations.empty() ? "" : ", ", with_separators(count.operations),
                                to_string(kind));
      held_here += count.held;
    }
    text += fmt::format("| {} | {} | {} | {} | {} |\n", markdown_text(each.platform),
                        each.seal == nullptr ? ""
                        : each.seal->sealed  ? "yes"
                                             : "no: " + markdown_text(each.seal->why_not),
                        each.seal == nullptr ? "" : with_separators(each.seal->accounts), operations,
                        with_separators(held_here));
  }
  text += "\n";
  for (const auto& [platform, cost] : plan.costs)
    text += fmt::format("* {}: {}\n", markdown_text(platform), cost_text(plan, platform));
  return plan.costs.empty() ? text : text + "\n";
}

std::string guards(const Plan& plan) {
  std::string text;
  for (const Objection& objection : plan.objections)
    text +=
        fmt::format("* **{}**: {}\n", markdown_text(objection.platform), markdown_text(objection.message));
  return text.empty() ? text : "### Held by guards\n\n" + text + "\n";
}

std::string approved(const Plan& plan) {
  std::string text;
  for (const auto& [approval, count] : approved_operations(plan))
    text += fmt::format("* {} under {}\n", pluralised(count, "operation", "operations"),
                        markdown_text(excerpt(approval, 300)));
  return text.empty() ? text : "### Approved\n\n" + text + "\n";
}

/// One line a cause, with a count and three names; at most `room` bytes.
std::string notes(const Plan& plan, std::size_t room) {
  std::map<std::tuple<std::string, NoteKind, std::string>, std::vector<std::string>> causes;
  for (const Note& note : plan.notes) {
    if (severity_of(note) != Severity::attention) continue;
    auto& names = causes[{note.platform, note.kind, note.why()}];
    if (!note.person.empty() || !note.account.empty())
      names.push_back(note.person.empty() ? note.account : note.person);
  }
  constexpr std::string_view title = "### Needs attention\n\n";
  std::string text;
  std::size_t left = causes.size();
  for (const auto& [cause, names] : causes) {
    std::string who;
    for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 3); ++i)
      who += (i > 0 ? ", " : "") + markdown_text(names[i]);
    if (names.size() > 3) who += fmt::format(" and {} more", with_separators(names.size() - 3));
    const std::string line = fmt::format("* **{}** {}{}{} (`{}`)\n", markdown_text(std::get<0>(cause)), who,
                                         who.empty() ? "" : ": ", markdown_text(std::get<2>(cause)),
                                         to_string(std::get<1>(cause)));
    if (title.size() + text.size() + line.size() + room_for_remarks > room) break;
    text += line;
    --left;
  }
  if (left > 0)
    text +=
        fmt::format("* {} of what needs attention left out to fit.\n", pluralised(left, "cause", "causes"));
  return text.empty() ? text : fmt::format("{}{}\n", title, text);
}

std::string what_changes(const Change& change) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "<br>") + part; };
  for (const FieldChange& field : change.fields)
    add(fmt::format("{}: {} → {}", markdown_text(field.path), shown_value(field.before),
                    shown_value(field.after)));
  for (const MembershipChange& edge : change.memberships) {
    const char* sign = edge.act == MembershipChange::Act::add      ? "\\+"
                       : edge.act == MembershipChange::Act::remove ? "\\-"
                                                                   : "\\~";
    add(fmt::format("{} {} {}", sign, markdown_text(edge.kind),
                    markdown_text(edge.name.empty() ? edge.entitlement : edge.name)));
  }
  return text;
}

}  // namespace

std::string plan_markdown(const Plan& plan, const PlanOutcome* outcome, std::size_t limit) {
  std::set<std::size_t> held, takes;
  for (const Operation& operation : plan.operations) {
    if (operation.held) held.insert(operation.change);
    if (takes_away(operation.kind)) takes.insert(operation.change);
  }
  const std::vector<std::string> outcomes =
      outcome == nullptr ? std::vector<std::string>() : outcomes_by_change(plan, *outcome);
  const std::vector<std::string> for_good = irreversible_by_change(plan);
  std::vector<std::size_t> order(plan.changes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(held.contains(a), !takes.contains(a)) < std::pair(held.contains(b), !takes.contains(b));
  });

  std::string text = head(plan, outcome) + guards(plan) + approved(plan);
  text += notes(plan, limit - std::min(limit, text.size()));
  constexpr std::string_view title =
      "### Changes\n\n| act | platform | account | what changes | why |\n|---|---|---|---|---|\n";
  std::size_t shown = 0;
  if (!order.empty() && text.size() + title.size() + room_for_remarks < limit) {
    text += title;
    for (const std::size_t i : order) {
      const Change& change = plan.changes[i];
      const std::string& label = change.label.empty() ? change.account : change.label;
      const std::string mark = outcomes.empty()        ? held.contains(i) ? " (held)" : ""
                               : outcomes[i] == "done" ? ""
                                                       : markdown_text(fmt::format(" ({})", outcomes[i]));
      const std::string warning =
          for_good[i].empty() ? "" : fmt::format("; **cannot be undone:** {}", markdown_text(for_good[i]));
      const std::string line =
          fmt::format("| {}{} | {} | {} | {} | {}{} |\n", to_string(change.act), mark,
                      markdown_text(change.platform), markdown_text(label.empty() ? change.person : label),
                      what_changes(change), markdown_text(change.because), warning);
      if (text.size() + line.size() + room_for_remarks > limit) break;
      text += line;
      ++shown;
    }
  }
  if (shown < order.size())
    text +=
        fmt::format("\n{} left out to fit: `usher show --all {}` shows all.\n",
                    pluralised(order.size() - shown, "change is", "changes are"), plan.digest.substr(0, 12));
  return text;
}

}  // namespace usher
