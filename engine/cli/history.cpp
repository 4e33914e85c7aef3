#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/listing.hpp"

namespace usher::cli {

namespace {

using nlohmann::ordered_json;

std::vector<HistoryEntry> of_entitlements(Inquiry& inquiry,
                                          const std::vector<std::pair<std::string, Entitlement>>& found) {
  std::vector<HistoryEntry> all;
  for (const auto& [platform, entitlement] : found) {
    auto entries = history_of(inquiry, platform, entitlement);
    std::move(entries.begin(), entries.end(), std::back_inserter(all));
  }
  sort_by_time(all);
  return all;
}

/// Of a group when the text names one, else of somebody.
std::vector<HistoryEntry> entries_of(const Call& call, Inquiry& inquiry) {
  const std::string& what = call.arguments.operands().front();
  const std::string on = past_platform_asked_for(call, inquiry);
  const auto found = find_entitlements(inquiry, what, on);
  if (!found.empty() && !call.arguments.flag("somebody")) return of_entitlements(inquiry, found);
  auto entries = history_of(inquiry, find_whom(inquiry, what, on));
  if (!on.empty()) std::erase_if(entries, [&](const HistoryEntry& entry) { return entry.platform != on; });
  return entries;
}

ExitCode run_history(const Call& call) {
  Inquiry inquiry(call.common());
  const auto entries = entries_of(call, inquiry);
  if (call.json()) {
    call.print_json(
        {{"report", "history"}, {"exit", exit_json(ExitCode::done)}, {"changes", history_json(entries)}});
  } else {
    call.show(history_text(entries, call.style()));
  }
  return ExitCode::done;
}

ExitCode run_who_removed(const Call& call) {
  Inquiry inquiry(call.common());
  const auto groups = entitlements_asked_for(call, inquiry, call.arguments.operands()[1]);
  const Whom whom = find_whom(inquiry, call.arguments.operands()[0], past_platform_asked_for(call, inquiry));
  std::vector<HistoryEntry> removals;
  for (const auto& [platform, entitlement] : groups) {
    for (HistoryEntry& entry : history_of(inquiry, platform, entitlement, whom))
      if (entry.takes_membership() && !entry.came_to_nothing()) removals.push_back(std::move(entry));
  }
  sort_by_time(removals);
  if (call.json()) {
    call.print_json({{"report", "who-removed"},
                     {"exit", exit_json(ExitCode::done)},
                     {"removals", history_json(removals)}});
  } else if (removals.empty()) {
    call.print(fmt::format("The state remembers no removal of {} from {}.\n", escaped(whom.label),
                           escaped(call.arguments.operands()[1])));
  } else {
    call.show(history_text(removals, call.style()));
  }
  return ExitCode::done;
}

constexpr std::array history_options{
    on_option,
    Option{"somebody", 0, {}, "WHO|GROUP is a person, even if a group has that name"},
};
constexpr std::array history_operands{Operand{"WHO|GROUP", true}};
constexpr std::array who_removed_options{on_option};
constexpr std::array who_removed_operands{Operand{"WHO", true}, Operand{"GROUP", true}};

}  // namespace

const Command history_command{
    .name = "history",
    .summary = "show every change of a person, or of a group's members",
    .examples =
        "  usher history E1042\n"
        "  usher history ada@example.com --on iot\n"
        "  usher history engineers             # who came and went, and by whom\n",
    .about =
        "Shows, oldest first, every change that the state remembers: changes by usher, with the run, the "
        "reason and the rule, and changes that pulls saw and usher did not make, by somebody on the "
        "platform or in the source. The time of such a change is that of the pull that first saw it; "
        "`after` is when the pull before it began.\n\n"
        "WHO is the key of a person, the id of an account, or an e-mail or label; GROUP the name or id "
        "of a group, profile, role or tenant. docs/state.md says how long the state keeps history.",
    .options = history_options,
    .operands = history_operands,
    .run = run_history,
};

const Command who_removed_command{
    .name = "who-removed",
    .summary = "show who removed a person from a group, when and why",
    .examples = "  usher who-removed ada@example.com engineers\n",
    .about =
        "Shows every time somebody was removed from a group, as far as the state remembers: by a run of "
        "usher, with its reason, or by somebody on the platform.",
    .options = who_removed_options,
    .operands = who_removed_operands,
    .run = run_who_removed,
};

}  // namespace usher::cli
