#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "engine/cli/state.hpp"
#include "state/model/suggestion.hpp"
#include "state/store/backup.hpp"
#include "state/store/integrity.hpp"

namespace usher::cli {

namespace {

ExitCode backup(const Call& call, const std::vector<std::string>& words) {
  if (words.size() < 2) throw CommandError(ExitCode::usage, "Where to? usher state backup FILE");
  const std::filesystem::path from = open_state(call).file();
  copy_state(from, words[1]);
  const auto size = std::filesystem::file_size(words[1]);
  if (call.json()) {
    call.print_json({{"report", "state-backup"},
                     {"exit", exit_json(ExitCode::done)},
                     {"state", from.string()},
                     {"file", words[1]},
                     {"bytes", size}});
  } else {
    call.print(fmt::format("{} is copied to {}: {} bytes, readable by you only.\n", escaped(from.string()),
                           escaped(words[1]), with_separators(size)));
  }
  return ExitCode::done;
}

ExitCode vacuum(const Call& call) {
  Database database = open_state(call, Access::write);
  const auto before = std::filesystem::file_size(database.file());
  vacuum_state(database);
  const auto after = std::filesystem::file_size(database.file());
  if (call.json()) {
    call.print_json({{"report", "state-vacuum"},
                     {"exit", exit_json(ExitCode::done)},
                     {"state", database.file().string()},
                     {"before", before},
                     {"after", after}});
  } else {
    call.print(fmt::format("{}: {} bytes, was {}.\n", escaped(database.file().string()),
                           with_separators(after), with_separators(before)));
  }
  return ExitCode::done;
}

ExitCode check(const Call& call) {
  Database database = open_state(call);
  const std::vector<std::string> faults = state_faults(database);
  const ExitCode code = faults.empty() ? ExitCode::done : ExitCode::failed;
  if (call.json()) {
    call.print_json({{"report", "state-check"},
                     {"exit", exit_json(code)},
                     {"state", database.file().string()},
                     {"faults", faults}});
    return code;
  }
  std::string text;
  for (const std::string& fault : faults) text += escaped(fault) + "\n";
  call.print(text + (faults.empty() ? fmt::format("{} is whole.\n", escaped(database.file().string()))
                                    : fmt::format("{} is damaged: restore a backup.\n",
                                                  escaped(database.file().string()))));
  return code;
}

ExitCode run_state(const Call& call) {
  const auto& words = call.arguments.operands();
  if (words[0] != "backup" && words.size() > 1)
    throw CommandError(ExitCode::usage, fmt::format("The argument '{}' is one too many.", words[1]));
  if (words[0] == "backup") return backup(call, words);
  if (words[0] == "vacuum") return vacuum(call);
  if (words[0] == "check") return check(call);
  throw CommandError(
      ExitCode::usage,
      fmt::format("There is no 'usher state {}'{}", words[0],
                  did_you_mean(words[0], std::vector<std::string>{"backup", "vacuum", "check"}, ".")));
}

constexpr std::array state_operands{Operand{"backup|vacuum|check", true}, Operand{"FILE"}};

}  // namespace

const Command state_command{
    .name = "state",
    .summary = "back up, shrink or check the state",
    .examples =
        "  usher state backup /var/backups/usher-friday.db\n"
        "  usher state check --state /var/backups/usher-friday.db\n"
        "  usher state vacuum\n",
    .about =
        "backup copies the state to FILE, which must not exist, as it is at one moment, also while "
        "another command works on it. The copy is readable by you only. Secrets that wait to be handed "
        "over are in a separate file and are not copied.\n\n"
        "vacuum returns free space to the file system. It needs the lock and as much free space as the "
        "state is large.\n\n"
        "check reads all of the state and says what is damaged; `usher verify` says whether the record "
        "of runs was altered. It works on a backup too: name it with --state.\n\n"
        "Ends with 0 when it is done or the state is intact, 1 when FILE exists, cannot be written or "
        "the state is damaged, 7 when another command holds the lock that vacuum needs.",
    .options = {},
    .operands = state_operands,
    .run = run_state,
};

}  // namespace usher::cli
