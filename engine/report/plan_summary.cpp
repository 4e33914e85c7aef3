#include "engine/report/plan_summary.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/runtime/terminal_text.hpp"

namespace usher {

std::vector<PlatformSummary> summarise(const Plan& plan) {
  std::map<std::string, PlatformSummary> found;
  for (const Seal& seal : plan.seals) found[seal.platform].seal = &seal;
  for (const Change& change : plan.changes) ++found[change.platform].changes;
  for (const NewLink& link : plan.links) ++found[link.platform].links;
  for (const Note& note : plan.notes) {
    ++found[note.platform].notes;
    if (severity_of(note) == Severity::attention) ++found[note.platform].attention;
  }
  for (const Operation& operation : plan.operations) {
    auto& count = found[operation.platform].operations[operation.kind];
    ++count.operations;
    count.held += operation.held ? 1 : 0;
  }
  std::vector<PlatformSummary> result;
  for (auto& [platform, summary] : found) {
    summary.platform = platform;
    result.push_back(std::move(summary));
  }
  return result;
}

std::string cost_text(const Plan& plan, const std::string& platform) {
  const auto found = plan.costs.find(platform);
  if (found == plan.costs.end()) return {};
  const RequestCost& cost = found->second;
  std::string text = pluralised(cost.requests, "request", "requests");
  if (cost.seconds() >= 1)
    text += fmt::format(", about {} at {} a second", duration_text(cost.seconds()), cost.rate);
  return text;
}

}  // namespace usher
