#include "engine/cli/state.hpp"

#include <fmt/format.h>

#include <exception>

#include "engine/cli/plan_file.hpp"
#include "engine/runtime/time.hpp"
#include "engine/session/open_state.hpp"
#include "engine/workspace/workspace.hpp"
#include "rules/config.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/plans.hpp"

namespace usher::cli {

namespace {

bool could_be_digest(const std::string& name) {
  return !name.empty() && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Plan kept_plan(Database& database, const std::string& digest) {
  Plans plans(database.connection());
  const auto found = plans.find(digest);
  if (found.size() > 1)
    throw CommandError(ExitCode::failed,
                       fmt::format("{} plans in {} begin with '{}'; give more of the digest.", found.size(),
                                   database.file().string(), escaped(digest)));
  const auto stored = found.empty() ? std::nullopt : plans.load(found.front());
  if (!stored)
    throw CommandError(
        ExitCode::failed,
        fmt::format("There is neither a plan file '{0}' nor a plan in {1} whose digest begins so.",
                    escaped(digest), database.file().string()));
  try {
    return plan_from_json(stored->content, stored->digest);
  } catch (const std::runtime_error& error) {
    throw CommandError(ExitCode::failed, fmt::format("The plan {} in {} {}.", stored->digest,
                                                     database.file().string(), error.what()));
  }
}

}  // namespace

std::filesystem::path state_file(const Call& call) {
  if (const auto file = call.arguments.find("state")) return *file;
  const auto config = load_config(call.arguments.text("config"), Secrets::skip);
  if (!config) throw CommandError(ExitCode::configuration_invalid, to_string(config.error()));
  return config->state;
}

Database open_state(const Call& call, Access access) {
  if (access == Access::write)
    return usher::open_state(state_file(call), call.common().lock_timeout, call.stop);
  return {state_file(call), access, "usher"};
}

std::optional<Status> last_status(const std::filesystem::path& state) {
  try {
    Database database(state, Access::read, "usher");
    return read_latest_status(database, now_text());
  } catch (const std::exception&) {  // there is none yet, or the command has said what is wrong with it
    return std::nullopt;
  }
}

Plan saved_plan(const Call& call, const std::string& name) {
  if (std::filesystem::exists(name)) return read_plan(name);
  if (!could_be_digest(name))
    throw CommandError(ExitCode::failed, fmt::format("There is no plan file '{}'.", escaped(name)));
  Database database = open_state(call);
  return kept_plan(database, name);
}

}  // namespace usher::cli
