#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/apply/apply_report.hpp"
#include "engine/pull/pull_report.hpp"
#include "engine/report/approval_text.hpp"
#include "engine/report/causes.hpp"
#include "engine/report/plan_summary.hpp"
#include "engine/report/report.hpp"
#include "engine/report/waves_text.hpp"

namespace usher {

namespace {

/// "12 update, 3 create" of what a plan does there and no guard holds.
std::string operations_text(const PlatformSummary& summary) {
  std::string text;
  for (const auto& [kind, count] : summary.operations) {
    if (count.operations == count.held) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", with_separators(count.operations - count.held),
                        to_string(kind));
  }
  return text;
}

std::string unread_part(const std::vector<PullReport>& pulls) {
  std::string text;
  const auto say = [&](const std::string& line) { text += "  " + wrapped(line, 76, 4) + "\n"; };
  for (const PullReport& pull : pulls) {
    if (pull.failure) {
      say(fmt::format("{}: not read: {}", escaped(pull.platform), escaped(describe(*pull.failure))));
    } else if (!pull.sealed) {
      say(fmt::format("{}: not complete: {}", escaped(pull.platform), escaped(pull.why_not)));
    }
    if (pull.bad_count > 0)
      say(fmt::format("{}: {} cannot be used, the first at {}: {}", escaped(pull.platform),
                      pluralised(pull.bad_count, "record", "records"),
                      pull.bad.empty() ? "" : escaped(pull.bad.front().where),
                      pull.bad.empty() ? "" : escaped(pull.bad.front().why)));
  }
  return text.empty() ? "" : "Not read, or not completely:\n" + text;
}

std::string causes_part(const std::vector<Cause>& causes, const char* title, const Ink& ink) {
  if (causes.empty()) return "";
  std::string text = ink.yellow(title) + "\n";
  for (const Cause& cause : causes) text += cause_text(cause, ink);
  return text;
}

/// What needs attention, but for what is told of the platforms that were not read.
std::vector<Cause> causes_beside(const std::vector<PullReport>& pulls, const Plan& plan) {
  std::vector<Cause> causes = causes_of_notes(plan, Severity::attention);
  std::erase_if(causes, [&](const Cause& cause) {
    return cause.what == to_string(NoteKind::not_read) &&
           std::any_of(pulls.begin(), pulls.end(), [&](const PullReport& pull) {
             return pull.failure && pull.platform == cause.platform;
           });
  });
  return causes;
}

/// At length until it was told so, then one line a lane.
std::string held_part(const Plan& plan, const HeldInARow& held, const Ink& ink) {
  if (plan.objections.empty()) return "";
  std::string text = ink.yellow("Held by a guard");
  if (held.runs > 1) text += fmt::format(" for the {} run, since {}", ordinal(held.runs), held.since);
  text += ", and not done:\n";
  if (held.told) {
    for (const Objection& objection : plan.objections)
      text += fmt::format("  {}: {} wanted, {} allowed\n", escaped(lane_of(objection)), objection.wanted,
                          objection.allowed);
    return text + approvals_text(plan);
  }
  for (const Objection& objection : plan.objections)
    text += "  " + wrapped(escaped(objection.platform + ": " + objection.message), 76, 4) + "\n";
  for (const Cause& cause : causes_of_held(plan)) text += cause_text(cause, ink);
  return text + approvals_text(plan);
}

std::string outcomes_part(const ApplyReport& report) {
  std::string text;
  for (const auto& [platform, counts] : report.counts) {
    text += fmt::format("  {}:", escaped(platform));
    for (const auto& [state, count] : counts)
      text += fmt::format(" {} {}", with_separators(count), to_string(state));
    text += "\n";
  }
  return text.empty() ? "" : "Operations:\n" + text;
}

}  // namespace

std::string brief_text(const std::vector<PullReport>& pulls, const Plan& plan, const ApplyReport& report,
                       const TextStyle& style) {
  const Ink ink(style.colour);
  const std::string unread = unread_part(pulls);
  std::string text = held_part(plan, report.held, ink);
  if (!report.stopped.empty())
    text += ink.yellow("Stopped:") + " " + escaped(waves_sentence(waves_summary(report))) + "\n";
  text += causes_part(causes_of_troubles(report), "Not done, and why:", ink);
  text += causes_part(causes_beside(pulls, plan), "Not done, and nobody chose that:", ink);
  if (unread.empty() && text.empty()) return "";
  return unread + outcomes_part(report) + text + fmt::format("`{}` shows all.\n", style.more);
}

std::string apply_question(const Plan& plan) {
  std::uint64_t changes = 0, held = held_operations(plan);
  std::vector<char> done(plan.changes.size());
  for (const Operation& operation : plan.operations)
    if (!operation.held) done.at(operation.change) = 1;
  changes = static_cast<std::uint64_t>(std::count(done.begin(), done.end(), 1));
  std::string where;
  for (const PlatformSummary& summary : summarise(plan)) {
    const std::string operations = operations_text(summary);
    if (!operations.empty())
      where += fmt::format("{}{} on {}", where.empty() ? "" : "; ", operations, escaped(summary.platform));
  }
  if (changes == 0 && !plan.unlinks.empty())
    return fmt::format("End {} that run {} made?", pluralised(plan.unlinks.size(), "link", "links"),
                       plan.undoes);
  return fmt::format(
      "Apply {}: {}{}?", pluralised(changes, "change", "changes"), where,
      held == 0 ? "" : fmt::format(" ({} held, not done)", pluralised(held, "operation", "operations")));
}

}  // namespace usher
