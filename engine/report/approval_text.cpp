#include "engine/report/approval_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/runtime/terminal_text.hpp"

namespace usher {

std::map<std::string, std::uint64_t> approved_operations(const Plan& plan) {
  std::map<std::string, std::uint64_t> counts;
  for (const Operation& operation : plan.operations) {
    if (operation.held) continue;  // another lane holds it
    for (const std::string& approval : operation.approvals) ++counts[approval];
  }
  return counts;
}

std::string approvals_text(const Plan& plan) {
  std::string text;
  for (const auto& [approval, count] : approved_operations(plan))
    text +=
        "  " +
        wrapped(fmt::format("{} under {}", pluralised(count, "operation", "operations"), escaped(approval)),
                76, 4) +
        "\n";
  return text.empty() ? text : "\nA guard would hold it, and somebody approved it:\n" + text;
}

std::string approving_text(const Plan& plan) {
  std::string text;
  for (const Objection& objection : plan.objections) {
    const bool any = std::ranges::any_of(plan.operations, [&](const Operation& operation) {
      return std::ranges::any_of(operation.held_by,
                                 [&](const std::string& lane) { return is_of_lane(objection, lane); });
    });
    if (any)
      text += fmt::format("  usher approve {} --until TIME --reason TEXT\n", escaped(lane_of(objection)));
  }
  return text.empty() ? text : "\nThis lets through what is held now, and nothing else:\n" + text;
}

}  // namespace usher
