#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/runtime/exit_code.hpp"
#include "engine/runtime/time.hpp"
#include "engine/session/run_origin.hpp"
#include "state/store/database.hpp"
#include "state/store/journal.hpp"

namespace usher {

/// One run in the journal, from its beginning to its end; a run that is never ended was killed. Writing it
/// throws StoreError. Not thread-safe; the database outlives it.
class RunRecord {
 public:
  /// Begins a run and gives its number to the log.
  RunRecord(Database& database, std::string_view command, std::string_view began_at, const RunOrigin& origin);

  std::int64_t id() const { return id_; }

  /// Ends the run. summary: JSON.
  void end(ExitCode code, std::string_view summary);

  /// Does `work`, which ends the run. An exception that leaves it ends the run with that exception's exit
  /// code, and goes on.
  template <class Work>
  auto during(const Work& work) {
    try {
      return work();
    } catch (const CommandError& error) {
      end_broken(error.code());
      throw;
    } catch (...) {
      end_broken(ExitCode::failed);
      throw;
    }
  }

 private:
  /// Never throws: what ended the run is what the user has to see.
  void end_broken(ExitCode code) noexcept;

  Database* database_;
  std::int64_t id_ = 0;
};

/// What somebody says and the state keeps, as one transaction and one run: both are recorded or neither. act
/// answers the summary, JSON. What it throws goes on.
template <class Act>
void record_act(Database& database, std::string_view command, const Act& act) {
  Transaction transaction(database.connection());
  RunRecord run(database, command, now_text(), run_origin(""));
  const nlohmann::json summary = act();
  run.end(ExitCode::done, summary.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  transaction.commit();
}

}  // namespace usher
