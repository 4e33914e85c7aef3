#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/apply/apply_report.hpp"
#include "engine/pull/pull_report.hpp"
#include "engine/report/approval_text.hpp"
#include "engine/report/causes.hpp"
#include "engine/report/plan_summary.hpp"
#include "engine/report/report.hpp"
#include "engine/report/waves_text.hpp"
#include "engine/session/session.hpp"

namespace usher {

namespace {

std::string proof_text(const PullReport& report) {
  if (report.failure) return "FAILED: " + escaped(describe(*report.failure));
  if (!report.read) return report.sealed ? "unchanged, complete" : "unchanged, not complete";
  if (!report.published) return "NOT PUBLISHED: " + escaped(report.why_not);
  return report.sealed ? "complete" : "NOT COMPLETE: " + escaped(report.why_not);
}

std::string bad_text(const PullReport& report, const TextStyle& style) {
  if (report.bad_count == 0) return "";
  const std::size_t shown = style.limit == 0 ? report.bad.size() : std::min(style.limit, report.bad.size());
  std::string text = fmt::format("\n  {}: {} cannot be used:\n", escaped(report.platform),
                                 pluralised(report.bad_count, "record", "records"));
  for (std::size_t i = 0; i < shown; ++i)
    text += fmt::format("    {}{}: {}\n", escaped(report.bad[i].where),
                        report.bad[i].id.empty() ? "" : " (id " + escaped(report.bad[i].id) + ")",
                        escaped(report.bad[i].why));
  if (shown < report.bad_count)
    text += fmt::format("    … and {} more\n", with_separators(report.bad_count - shown));
  return text;
}

std::string counts_part(const ApplyReport& report) {
  using enum Table::Align;
  using enum OperationState;
  std::vector<OperationState> states{done, failed, unknown, skipped, planned};
  std::vector<std::string> head{"platform", "done", "failed", "unknown", "skipped", "not begun"};
  const bool owes = std::any_of(report.counts.begin(), report.counts.end(),
                                [](const auto& platform) { return platform.second.contains(owed); });
  if (owes) {
    states.push_back(owed);
    head.emplace_back("owed");
  }
  Table table({left, right, right, right, right, right, right});
  table.row(head);
  for (const auto& [platform, counts] : report.counts) {
    std::vector<std::string> row{escaped(platform)};
    for (const OperationState state : states) {
      const auto found = counts.find(state);
      row.push_back(found == counts.end() ? "-" : with_separators(found->second));
    }
    table.row(row);
  }
  return table.text(2);
}

std::string waves_part(const ApplyReport& report, const Ink& ink) {
  if (report.waves.empty()) return {};
  std::string text = "\n" + waves_table(waves_summary(report));
  for (std::size_t i = 0; i < report.waves.size(); ++i) {
    const auto& gate = report.waves[i].gate;
    if (!gate || gate->output.empty()) continue;
    text += fmt::format("\n  The gate after wave {} printed:\n", i + 1);
    std::istringstream lines(gate->output);
    for (std::string line; std::getline(lines, line);) text += "    " + escaped(line) + "\n";
  }
  if (!report.stopped.empty())
    text += fmt::format(
        "\n{}\n  `usher apply {}` with the same --waves goes on there; a sync plans what is left anew.\n",
        ink.yellow("Stopped: " + escaped(report.stopped) + "."), report.plan.substr(0, 12));
  return text;
}

std::string links_ended_text(const ApplyReport& report, const Plan& plan) {
  if (!report.troubles.empty() || held_operations(plan) != 0)
    return fmt::format("Links that run {} made are ended where its changes are put back; the others stay.",
                       plan.undoes);
  const bool one = plan.unlinks.size() == 1;
  return fmt::format("{} that run {} made {} ended; the rules decide anew whose the {}.",
                     pluralised(plan.unlinks.size(), "link", "links"), plan.undoes, one ? "is" : "are",
                     one ? "account is" : "accounts are");
}

}  // namespace

std::string pull_text(const std::vector<PullReport>& reports, const TextStyle& style) {
  using enum Table::Align;
  Table table({left, right, right, right, right, right, right, left});
  table.row({"platform", "accounts", "added", "changed", "removed", "pages", "time", "proof"});
  std::string bad;
  for (const PullReport& each : reports) {
    table.row({escaped(each.platform), with_separators(each.accounts), with_separators(each.added),
               with_separators(each.changed), with_separators(each.removed), with_separators(each.pages),
               duration_text(each.seconds), proof_text(each)});
    if (each.alone > 0)
      bad += fmt::format("\n  {}: {} asked for one by one: the listing shows only a part of each\n",
                         escaped(each.platform), pluralised(each.alone, "account was", "accounts were"));
    bad += bad_text(each, style);
    for (const std::string& remark : each.remarks)
      bad += fmt::format("\n  {}: {}\n", escaped(each.platform), escaped(remark));
  }
  return table.text_within(80, 2) + bad;
}

std::string apply_text(const ApplyReport& report, const Plan& plan, const TextStyle& style) {
  const Ink ink(style.colour);
  std::string text = fmt::format("{} applied plan {} in {}\n", ink.bold(fmt::format("Run {}", report.run)),
                                 report.plan.substr(0, 12), duration_text(report.seconds));
  if (!report.counts.empty()) text += "\n" + counts_part(report);
  text += waves_part(report, ink);
  if (!plan.unlinks.empty()) text += "\n  " + links_ended_text(report, plan) + "\n";
  if (report.counts.empty() && !plan.links.empty())
    text += fmt::format("\n  {} remembered; nothing was written.\n",
                        pluralised(plan.links.size(), "link is", "links are"));
  else if (report.counts.empty() && plan.unlinks.empty())
    text += "\n  Nothing was done.\n";
  if (report.done_before != 0)
    text +=
        fmt::format("\n{} done before, by run {}.\n",
                    pluralised(report.done_before, "operation was", "operations were"), report.earlier_run);
  if (report.stale != 0)
    text += fmt::format("\n{}\n", ink.yellow(pluralised(report.stale, "operation is", "operations are") +
                                             " stale; a new plan knows what is still to be done."));
  if (const auto held = held_operations(plan); held != 0)
    text += fmt::format("\n{}\n", ink.yellow(pluralised(held, "operation is", "operations are") +
                                             " held by a guard; the plan says by which."));
  text += approvals_text(plan);
  const std::size_t all = report.troubles.size();
  if (all != 0) text += "\n" + ink.yellow("Not done, and why:") + "\n";
  for (const Cause& cause : style.limit == 0 ? std::vector<Cause>() : causes_of_troubles(report))
    text += cause_text(cause, ink);
  for (std::size_t i = 0; style.limit == 0 && i < all; ++i) {
    const auto& [operation, state, message, stale] = report.troubles[i];
    text += fmt::format("  {} {} {} {}: {}\n", escaped(operation.platform), to_string(operation.kind),
                        escaped(operation.label), ink.red(to_string(state)), escaped(message));
  }
  if (report.interrupted) text += "\nInterrupted. Run the same command again to go on where it stopped.\n";
  return text;
}

}  // namespace usher
