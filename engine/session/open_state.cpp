#include "engine/session/open_state.hpp"

#include <string>
#include <thread>

#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/log.hpp"
#include "engine/session/run_origin.hpp"
#include "state/store/error.hpp"

namespace usher {

namespace {

/// Says once for whom is waited.
void tell_lock(const std::string& holder) {
  LogEvent event;
  event.action = "wait for the state";
  event.reason = holder;
  log(event);
}

/// What `attempt` returns once nobody else holds the lock.
template <class Attempt>
auto when_free(std::chrono::seconds patience, const std::stop_token& stop, const Attempt& attempt) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (bool told = false;; told = true) {
    try {
      return attempt();
    } catch (const StoreError& error) {
      const bool locked = error.kind() == StoreErrorKind::locked;
      if (!locked || stop.stop_requested() || std::chrono::steady_clock::now() >= until)
        throw CommandError(locked ? ExitCode::locked : ExitCode::failed, error.what());
      if (!told) tell_lock(error.what());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace

Database open_state(const std::filesystem::path& file, std::chrono::seconds patience,
                    const std::stop_token& stop) {
  return when_free(patience, stop, [&] { return Database(file, Access::write, started_as()); });
}

void retake_state(Database& database, std::chrono::seconds patience, const std::stop_token& stop) {
  when_free(patience, stop, [&] { database.retake_lock({}); });
}

}  // namespace usher
