#include "engine/session/run_record.hpp"

#include <exception>

#include "engine/runtime/log.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/journal.hpp"

namespace usher {

RunRecord::RunRecord(Database& database, std::string_view command, std::string_view began_at,
                     const RunOrigin& origin)
    : database_(&database), id_(Journal(database.connection()).begin_run(command, began_at, origin)) {
  set_log_run(id_);
}

void RunRecord::end(ExitCode code, std::string_view summary) {
  Journal(database_->connection()).end_run(id_, static_cast<int>(code), summary, now_text());
}

void RunRecord::end_broken(ExitCode code) noexcept {
  try {
    end(code, "{}");
  } catch (const std::exception& error) {
    LogEvent event{.level = LogLevel::warning, .platform = {}};
    event.action = "end run";
    event.reason = error.what();
    log(event);
  }
}

}  // namespace usher
