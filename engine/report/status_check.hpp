#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "state/store/status.hpp"

namespace usher {

/// How a monitoring plugin ends, as Nagios, Icinga and Sensu read it.
enum class CheckCode { ok = 0, warning = 1, critical = 2, unknown = 3 };

/// Result of one check of the state: a line for people with performance data behind "|".
struct StatusCheck {
  CheckCode code = CheckCode::ok;
  std::string line;  ///< "USHER OK - …|…", without a line end
};

/// Judges the state at the time `now` (seconds since 1970). Critical: a platform whose latest sealed pull is
/// older than `max_age` seconds or that was never pulled completely, the newest run when it began so long ago
/// and never ended, or a latest run that failed. Warning: a latest run that was done in part or held, or
/// operations whose outcome is not known. Unknown: a state that nothing was ever pulled into. Latest runs are
/// the last pull, the last apply, and of each other command the last one that no apply came after. latest:
/// Journal::latest_runs(). also: what else is worth a warning.
StatusCheck check_status(const Status& status, const std::vector<RunState>& latest, std::int64_t now,
                         std::int64_t max_age, const std::vector<std::string>& also = {});

/// A check of a state that cannot be read. message: why not.
StatusCheck check_unreadable(CheckCode code, const std::string& message);

}  // namespace usher
