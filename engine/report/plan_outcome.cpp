#include "engine/report/plan_outcome.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <set>

#include "engine/report/plan_summary.hpp"
#include "engine/report/waves_text.hpp"
#include "engine/runtime/terminal_text.hpp"

namespace usher {

namespace {

/// counts: of what no guard held; summary: what may tell of waves.
std::string sentence(std::int64_t run, const Plan& plan,
                     const std::map<OperationState, std::uint64_t>& counts, const nlohmann::json& summary) {
  std::string text;
  for (const auto& [state, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", with_separators(count), to_string(state));
  const std::uint64_t held = held_operations(plan);
  if (text.empty() && held > 0)
    return fmt::format("Run {} carried nothing out: a guard held {}.", run,
                       pluralised(held, "operation", "operations"));
  if (held > 0) text += fmt::format(", {} held", with_separators(held));
  const std::string waves = waves_sentence(summary);
  return fmt::format("Run {} carried it out: {}.{}", run, text.empty() ? "nothing was to be done" : text,
                     waves.empty() ? "" : " In waves: " + waves + ".");
}

}  // namespace

PlanOutcome outcome_of(const Plan& plan, const ApplyReport& report) {
  PlanOutcome outcome;
  outcome.run = report.run;
  std::map<OperationState, std::uint64_t> all;
  for (const auto& [platform, counts] : report.counts)
    for (const auto& [state, count] : counts) all[state] += count;
  outcome.sentence = sentence(report.run, plan, all, waves_summary(report));
  for (const OperationReport& trouble : report.troubles)
    outcome.not_done[trouble.operation.id] = {trouble.state, trouble.message};
  return outcome;
}

PlanOutcome outcome_of(const Plan& plan, const RunState& run, const std::vector<JournalEntry>& operations) {
  PlanOutcome outcome;
  outcome.run = run.id;
  std::map<OperationState, std::uint64_t> all;
  for (const JournalEntry& entry : operations) {
    ++all[entry.state];
    if (entry.state != OperationState::done) outcome.not_done[entry.operation] = {entry.state, entry.message};
  }
  outcome.sentence = sentence(run.id, plan, all, nlohmann::json::parse(run.summary, nullptr, false));
  return outcome;
}

std::vector<std::string> outcomes_by_change(const Plan& plan, const PlanOutcome& outcome) {
  std::vector<std::set<std::string>> found(plan.changes.size());
  for (const Operation& operation : plan.operations) {
    const auto not_done = outcome.not_done.find(operation.id);
    std::string text = operation.held ? "held" : "done";
    if (not_done != outcome.not_done.end()) {
      text = to_string(not_done->second.state);
      if (!not_done->second.message.empty()) text += ": " + not_done->second.message;
    }
    found.at(operation.change).insert(text);
  }
  std::vector<std::string> texts;
  for (const std::set<std::string>& one : found) texts.push_back(fmt::format("{}", fmt::join(one, "; ")));
  return texts;
}

}  // namespace usher
