#include "engine/report/undo_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "engine/runtime/terminal_text.hpp"

namespace usher {

namespace {

std::string act_text(const Operation& operation) {
  const bool names_kind = operation.kind == OperationKind::rotate || operation.kind == OperationKind::revoke;
  return to_string(operation.kind) + (names_kind ? " " + operation.route : std::string());
}

bool is_for_good(const Operation& operation) {
  return operation.reversal == Reversal::irreversible && !operation.held;
}

}  // namespace

std::string undo_text(const Plan& plan) {
  if (plan.undoes == 0) return {};
  std::string text = fmt::format("Puts back what run {} changed", plan.undoes);
  if (!plan.hold_until.empty()) text += fmt::format("; no sync does it again before {}", plan.hold_until);
  text += ".\n";
  if (!plan.unlinks.empty())
    text += fmt::format("{} that run {} made {}; the rules decide anew whose the {}.\n",
                        pluralised(plan.unlinks.size(), "link", "links"), plan.undoes,
                        plan.unlinks.size() == 1 ? "ends" : "end",
                        plan.unlinks.size() == 1 ? "account is" : "accounts are");
  return text + "\n";
}

std::vector<std::string> irreversible_by_change(const Plan& plan) {
  std::vector<std::string> texts(plan.changes.size());
  for (const Operation& operation : plan.operations) {
    if (!is_for_good(operation)) continue;
    std::string& text = texts.at(operation.change);
    text += (text.empty() ? "" : ", ") + act_text(operation);
  }
  return texts;
}

std::string irreversible_text(const Plan& plan) {
  std::map<std::string, std::uint64_t> counts;
  for (const Operation& operation : plan.operations)
    if (is_for_good(operation)) ++counts[act_text(operation)];
  if (counts.empty()) return {};
  std::vector<std::string> parts;
  for (const auto& [act, count] : counts)
    parts.push_back(fmt::format("{} {}", with_separators(count), escaped(act)));
  return fmt::format("\nCannot be undone once it is applied: {}.\n", fmt::join(parts, ", "));
}

}  // namespace usher
