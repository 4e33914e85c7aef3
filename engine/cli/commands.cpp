#include "engine/cli/commands.hpp"

#include <algorithm>
#include <array>

namespace usher::cli {

namespace {

// One a line, in the order help lists them.
// clang-format off
constexpr std::array all{
    &init_command,
    &validate_command,
    &pull_command,
    &plan_command,
    &show_command,
    &apply_command,
    &sync_command,
    &status_command,
    &eval_command,
    &doctor_command,
    &dump_command,
    &migrate_command,
    &offboard_command,
    &readmit_command,
    &undo_command,
    &credentials_command,
    &connector_command,
    &link_command,
    &unlink_command,
    &relink_command,
    &accept_command,
    &approve_command,
    &explain_command,
    &history_command,
    &who_removed_command,
    &as_of_command,
    &diff_command,
    &runs_command,
    &orphans_command,
    &links_command,
    &leaving_command,
    &verify_command,
    &state_command,
    &impact_command,
    &test_command,
    &completion_command,
    &manual_command,
    &schema_command,
    &version_command,
    &help_command,
};
// clang-format on

constexpr std::array common{
    Option{"config", 'c', "FILE", "the configuration", "usher.yaml"},
    Option{"state", 0, "FILE", "the state, instead of the one the configuration names"},
    Option{"recipes",
           0,
           "DIR",
           "look here first for recipes of platforms; may be given several times",
           {},
           true},
    Option{"threads", 0, "N", "how many threads compute; 0: as many as the machine has", "0"},
    Option{"output", 'o', "text|json", "format of results on standard output", "text"},
    Option{"all", 'a', {}, "show complete reports, however long they are"},
    Option{"quiet",
           'q',
           {},
           "no progress and no informational messages on standard error; twice: errors only",
           {},
           true},
    Option{"verbose",
           'v',
           {},
           "log each retry, wait, login and operation on standard error; twice: each request",
           {},
           true},
    Option{"log-format", 0, "text|json", "format of the log on standard error", "text"},
    Option{.name = "trace-http",
           .value = "FILE",
           .about = "write every HTTP exchange to this file, of mode 0600, without secrets",
           .writes = true},
    Option{"deadline", 0, "DURATION", "end after 90s, 45m or 2h with exit code 9; the next run continues"},
    Option{
        "lock-timeout", 0, "DURATION",
        "how long to wait for another command that works on the same state; without it end with 7 at once"},
    Option{"no-color", 0, {}, "no colours, also where standard output is a terminal"},
    Option{"no-pager",
           0,
           {},
           "reports that do not fit the terminal are written, not shown by USHER_PAGER, PAGER or less"},
    Option{"no-progress", 0, {}, "no progress line, also where standard error is a terminal"},
    Option{"help", 'h', {}, "show this and end"},
    Option{"version", 'V', {}, "show the version and end"},
};

}  // namespace

std::span<const Command* const> commands() {
  return all;
}

const Command* find_command(std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [name](const Command* each) { return each->name == name; });
  return found == all.end() ? nullptr : *found;
}

std::span<const Option> common_options() {
  return common;
}

std::vector<Option> common_options_of(const Command& command) {
  std::vector<Option> options;
  for (const Option& option : common)
    if (std::none_of(command.options.begin(), command.options.end(),
                     [&](const Option& own) { return own.name == option.name; }))
      options.push_back(option);
  return options;
}

}  // namespace usher::cli
