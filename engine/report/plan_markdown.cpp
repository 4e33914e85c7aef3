#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/report/markdown_text.hpp"
#include "engine/report/plan_summary.hpp"
#include "engine/report/plan_views.hpp"
#include "engine/runtime/terminal_text.hpp"

namespace usher {

namespace {

std::string shown_value(const nlohmann::json& json) {
  if (json.is_null()) return "*nothing*";
  return markdown_text(json.is_string()
                           ? json.get<std::string>()
                           : json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string head(const Plan& plan, const std::string& outcome) {
  const std::uint64_t held = held_operations(plan);
  std::string text = fmt::format(
      "## usher: {}{}\n\nPlan `{}`. {}\n\n", pluralised(plan.changes.size(), "change", "changes"),
      held > 0 ? fmt::format(", {} held by guards", pluralised(held, "operation", "operations")) : "",
      plan.digest.substr(0, 12), outcome.empty() ? "Nothing was written." : outcome);
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
  return text + "\n";
}

std::string guards(const Plan& plan) {
  std::string text;
  for (const Objection& objection : plan.objections)
    text +=
        fmt::format("* **{}**: {}\n", markdown_text(objection.platform), markdown_text(objection.message));
  return text.empty() ? text : "### Held by guards\n\n" + text + "\n";
}

/// One line a cause, with a count and three names.
std::string notes(const Plan& plan) {
  std::map<std::tuple<std::string, NoteKind, std::string>, std::vector<std::string>> causes;
  for (const Note& note : plan.notes) {
    if (severity_of(note.kind) != Severity::attention) continue;
    auto& names = causes[{note.platform, note.kind, note.why()}];
    if (!note.person.empty() || !note.account.empty())
      names.push_back(note.person.empty() ? note.account : note.person);
  }
  std::string text;
  for (const auto& [cause, names] : causes) {
    std::string who;
    for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 3); ++i)
      who += (i > 0 ? ", " : "") + markdown_text(names[i]);
    if (names.size() > 3) who += fmt::format(" and {} more", with_separators(names.size() - 3));
    text += fmt::format("* **{}** {}{}{} (`{}`)\n", markdown_text(std::get<0>(cause)), who,
                        who.empty() ? "" : ": ", markdown_text(std::get<2>(cause)),
                        to_string(std::get<1>(cause)));
  }
  return text.empty() ? text : "### Needs attention\n\n" + text + "\n";
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

std::string plan_markdown(const Plan& plan, const std::string& outcome, std::size_t limit) {
  std::set<std::size_t> held, takes;
  for (const Operation& operation : plan.operations) {
    if (operation.held) held.insert(operation.change);
    if (takes_away(operation.kind)) takes.insert(operation.change);
  }
  std::vector<std::size_t> order(plan.changes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(held.contains(a), !takes.contains(a)) < std::pair(held.contains(b), !takes.contains(b));
  });

  std::string text = head(plan, outcome) + guards(plan) + notes(plan);
  constexpr std::string_view title =
      "### Changes\n\n| act | platform | account | what changes | why |\n|---|---|---|---|---|\n";
  constexpr std::size_t room_for_the_rest = 200;
  std::size_t shown = 0;
  if (!order.empty() && text.size() + title.size() + room_for_the_rest < limit) {
    text += title;
    for (const std::size_t i : order) {
      const Change& change = plan.changes[i];
      const std::string& label = change.label.empty() ? change.account : change.label;
      const std::string line = fmt::format("| {}{} | {} | {} | {} | {} |\n", to_string(change.act),
                                           held.contains(i) ? " (held)" : "", markdown_text(change.platform),
                                           markdown_text(label.empty() ? change.person : label),
                                           what_changes(change), markdown_text(change.because));
      if (text.size() + line.size() + room_for_the_rest > limit) break;
      text += line;
      ++shown;
    }
  }
  if (text.size() + room_for_the_rest > limit) {  // notes alone may be too long: cut at a line
    const std::size_t end = text.rfind('\n', std::min(text.size(), limit - room_for_the_rest));
    text.resize(end == std::string::npos ? 0 : end + 1);
  }
  if (shown < order.size())
    text +=
        fmt::format("\n{} left out to fit: `usher show --all {}` shows all.\n",
                    pluralised(order.size() - shown, "change is", "changes are"), plan.digest.substr(0, 12));
  return text;
}

}  // namespace usher
