#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/report/status_report.hpp"
#include "engine/report/waves_text.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/status.hpp"

namespace usher {

namespace {

using enum Table::Align;

std::string age_text(const std::string& then, std::string_view now) {
  const auto seconds = seconds_of(now) - seconds_of(then);
  return duration_text(static_cast<double>(seconds)) + " ago";
}

std::string when(const std::string& then, std::string_view now) {
  return then.empty() ? "never" : age_text(then, now);
}

std::string ending_text(const RunState& run) {
  if (!run.exit_code) return run.ended_at.empty() ? "under way, or killed" : "ended";
  return std::string(name(static_cast<ExitCode>(*run.exit_code)));
}

std::string platforms_part(const Status& status, std::string_view now) {
  if (status.platforms.empty()) return "  Nothing was pulled yet: `usher pull` reads every platform.\n";
  Table table({left, right, right, left, left, left});
  table.row({"platform", "accounts", "links", "last good", "last try", "last pull"});
  std::string reasons;
  for (const auto& [last, links, last_sealed_at] : status.platforms) {
    const bool pulled = last.generation > 0;
    table.row({escaped(last.name), with_separators(last.accounts), with_separators(links),
               when(last_sealed_at, now), when(last.ended_at, now),
               !pulled       ? "never pulled"
               : last.sealed ? "complete"
                             : "NOT COMPLETE"});
    if (pulled && !last.sealed)
      reasons +=
          "  " +
          wrapped(fmt::format("{} was not read completely: {}", escaped(last.name), escaped(last.why_not)),
                  80, 4) +
          "\n";
  }
  return table.text(2) + (reasons.empty() ? "" : "\n" + reasons);
}

std::string runs_part(const Status& status, const Ink& ink) {
  if (status.runs.empty()) return "";
  Table table({right, left, left, left, left});
  table.row({"run", "command", "began", "ended as", "plan"});
  for (const RunState& run : status.runs)
    table.row(
        {std::to_string(run.id), run.command, run.started_at, ending_text(run), run.plan.substr(0, 12)});
  return "\n" + ink.bold("Last runs") + "\n" + table.text(2);
}

std::string offboarded_part(const Status& status, const Ink& ink) {
  if (status.offboarded.empty()) return "";
  std::string text = "\n" + ink.bold("Offboarded, and kept out") + "\n";
  for (const Offboarded& one : status.offboarded) {
    const std::string end = !one.until.empty() ? "until " + one.until
                            : one.left         ? "the sources agree"
                                               : "until the sources agree";
    text += "  " +
            wrapped(fmt::format("{} {}, {}; {}", escaped(one.person), escaped(one.text()), one.since, end),
                    80, 4) +
            "\n";
  }
  return text;
}

std::string held_off_part(const Status& status, const Ink& ink) {
  if (status.held_off.empty()) return "";
  std::string text = "\n" + ink.bold("Undone, and held off") + "\n";
  for (const HeldOff& one : status.held_off)
    text += "  " +
            wrapped(fmt::format("run {} undid {}: {} held off until {}; `usher undo {} --release` ends that",
                                one.run, one.undone, pluralised(one.parts, "part is", "parts are"), one.until,
                                one.run),
                    76, 4) +
            "\n";
  return text;
}

std::string secrets_part(const Status& status, const Ink& ink) {
  if (status.secrets == 0) return "";
  return fmt::format("\n{}\n", ink.yellow(pluralised(status.secrets, "secret waits", "secrets wait") +
                                          " to be handed over in " + escaped(status.state) +
                                          ".secrets; the next apply does"));
}

std::string links_part(const Status& status, const Ink& ink) {
  std::string text;
  for (const auto& [platform, count] : status.links_found)
    text += fmt::format(
        "\n{}\n", ink.yellow(fmt::format("{} on {} {} and {} not linked yet; the next apply records the {}",
                                         pluralised(count, "account", "accounts"), escaped(platform),
                                         count == 1 ? "matches a person" : "match people",
                                         count == 1 ? "is" : "are", count == 1 ? "link" : "links")));
  return text;
}

std::string open_part(const Status& status, const TextStyle& style, const Ink& ink) {
  const std::uint64_t all = status.open_operations.unsent + status.open_operations.uncertain;
  if (all == 0) return "";
  std::string text = fmt::format("\n{}\n", ink.yellow(pluralised(all, "operation is", "operations are") +
                                                      " open; the next apply settles them first"));
  const std::size_t shown = style.limit == 0 ? status.open.size() : std::min(style.limit, status.open.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const JournalEntry& entry = status.open[i];
    text += fmt::format("  run {} {} {} {}: {}\n", entry.run, escaped(entry.platform), entry.kind,
                        escaped(entry.label), to_string(entry.state));
  }
  if (shown < all) text += fmt::format("  … and {} more\n", with_separators(all - shown));
  return text;
}

}  // namespace

namespace {

/// Under which approvals operations of a run were done.
std::string approvals_part(const std::vector<JournalEntry>& operations) {
  std::map<std::string, std::uint64_t> counts;
  for (const JournalEntry& entry : operations) {
    const auto detail = nlohmann::json::parse(entry.detail, nullptr, false);
    if (!detail.is_object()) continue;
    for (const std::string& approval : detail.value("approvals", std::vector<std::string>()))
      ++counts[approval];
  }
  std::string text;
  for (const auto& [approval, count] : counts)
    text += fmt::format("{} under {}\n", pluralised(count, "operation", "operations"), escaped(approval));
  return text;
}

/// What a run of `usher approve` gave or signed.
std::string approval_part(const nlohmann::json& summary) {
  if (!summary.is_object() || !summary.contains("approval") || !summary["approval"].is_number()) return {};
  std::string text = fmt::format("Approval {}", summary["approval"].get<std::int64_t>());
  const auto lanes = summary.value("lanes", std::vector<std::string>());
  if (!lanes.empty()) text += fmt::format(" in {}", escaped(fmt::format("{}", fmt::join(lanes, ", "))));
  if (summary.contains("operations") && summary["operations"].is_number())
    text += fmt::format(", {}",
                        pluralised(summary["operations"].get<std::uint64_t>(), "operation", "operations"));
  if (summary.contains("signed-by")) text += ", signed by " + escaped(summary.value("signed-by", ""));
  return text + "\n";
}

}  // namespace

std::string status_text(const Status& status, std::string_view now, const TextStyle& style) {
  const Ink ink(style.colour);
  return fmt::format("State {}\n\n", escaped(status.state)) + platforms_part(status, now) +
         runs_part(status, ink) + offboarded_part(status, ink) + held_off_part(status, ink) +
         open_part(status, style, ink) + links_part(status, ink) + secrets_part(status, ink);
}

std::string run_text(const RunState& run, const std::vector<JournalEntry>& operations, const TextStyle& style,
                     const EntitlementTitles& titles, const OperationReasons& reasons) {
  const Ink ink(style.colour);
  const auto summary = nlohmann::json::parse(run.summary, nullptr, false);
  std::string text = fmt::format("{} {}, began {}, {}\n", ink.bold(fmt::format("Run {}:", run.id)),
                                 run.command, run.started_at, ending_text(run));
  if (!run.actor.empty())
    text += fmt::format("By {} on {}{}\n", escaped(run.actor), escaped(run.host),
                        run.reason.empty() ? "" : ": " + escaped(run.reason));
  if (!run.plan.empty())
    text +=
        fmt::format("Plan {}; `usher show {}` shows it\n", run.plan.substr(0, 12), run.plan.substr(0, 12));
  text += approvals_part(operations) + approval_part(summary);

  std::map<std::string, std::map<OperationState, std::uint64_t>> counts;
  for (const JournalEntry& entry : operations) ++counts[entry.platform][entry.state];
  for (const auto& [platform, states] : counts) {
    text += fmt::format("\n  {}:", escaped(platform));
    for (const auto& [state, count] : states)
      text += fmt::format(" {} {}", with_separators(count), to_string(state));
    text += "\n";
  }
  if (const std::string waves = waves_sentence(summary); !waves.empty())
    text += "\n" + waves_table(summary) + "\n  " + escaped(waves) + "\n";
  // What went wrong comes first; within that, the order of the plan.
  std::vector<const JournalEntry*> order;
  for (const JournalEntry& entry : operations) order.push_back(&entry);
  std::stable_partition(order.begin(), order.end(),
                        [](const JournalEntry* entry) { return entry->state != OperationState::done; });
  const std::size_t shown = style.limit == 0 ? order.size() : std::min(style.limit, order.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const JournalEntry& entry = *order[i];
    const std::string membership = membership_text(entry, titles);
    const auto because = reasons.find(entry.operation);
    std::string line = fmt::format("{} {}{} {}: {}", escaped(entry.platform), entry.kind,
                                   membership.empty() ? "" : " " + escaped(membership), escaped(entry.label),
                                   to_string(entry.state));
    if (!entry.message.empty()) line += ", " + escaped(entry.message);
    if (because != reasons.end()) line += "; " + escaped(because->second);
    text += (i == 0 ? "\n    " : "    ") + wrapped(line, 74, 6, 76) + "\n";
  }
  if (shown < order.size()) {
    text += fmt::format("    … and {} more", with_separators(order.size() - shown));
    text += style.more.empty() ? "\n" : fmt::format("; `{}` shows all\n", style.more);
  }
  return text;
}

}  // namespace usher
