#include "engine/session/asked_meanwhile.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/plan/staying_out.hpp"
#include "engine/runtime/exit_code.hpp"
#include "state/model/operation.hpp"
#include "state/store/journal.hpp"
#include "state/store/offboarded.hpp"

namespace usher {

std::string rules_on_disk(CommonOptions options) {
  options.deadline = nullptr;
  options.observer = nullptr;
  const auto workspace = open_workspace(options, Secrets::skip);
  if (!workspace) return {};
  std::string digests = workspace->config->digest;
  for (const auto& [name, connector] : workspace->connectors)
    digests += "\n" + name + " " + connector->capabilities().digest;
  return digests;
}

void stop_for_changed_person(Database& database, const std::string& person, const AskedAt& asked) {
  for (const JournalEntry& entry : Journal(database.connection()).sent_after(asked.run, person)) {
    if (!gives_access(operation_from_json(nlohmann::json::parse(entry.detail)))) continue;
    throw CommandError(
        ExitCode::plan_stale,
        fmt::format("The plan is stale: run {} gave {} something on {} while the question was open. Nothing "
                    "was done; run the command again.",
                    entry.run, person, entry.platform));
  }
  if (OffboardedPeople(database.connection()).ended_since(asked.time).contains(person))
    throw CommandError(
        ExitCode::plan_stale,
        fmt::format("The plan is stale: {} was readmitted while the question was open. Nothing "
                    "was done; run the command again.",
                    person));
}

}  // namespace usher
