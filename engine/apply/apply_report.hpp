#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/apply/waves.hpp"
#include "state/model/operation.hpp"
#include "state/store/journal.hpp"

namespace usher {

/// What became of one operation.
struct OperationReport {
  Operation operation;
  OperationState state = OperationState::failed;
  std::string message;
  bool stale = false;  ///< what the plan relied on has changed
};

/// What the command between two waves came to.
struct GateReport {
  std::string failure;  ///< "ended with status 1"; empty: the next wave may begin
  std::string output;  ///< what it printed, or the first line of its errors; without the secrets of platforms
  double seconds = 0;
};

/// Whether an operation that ended so counts against the wave it is in: it was sent, and is not done.
inline bool is_failure(OperationState state) {
  return state == OperationState::failed || state == OperationState::unknown || state == OperationState::owed;
}

/// How a wave ended.
enum class WaveEnd : std::uint8_t {
  not_begun,
  done_before,  ///< nothing of it was left to send
  done,
  failed,    ///< more of its operations failed than may
  given_up,  ///< a platform answers nothing but failures
  interrupted,
};
const char* to_string(WaveEnd end);

struct WaveReport {
  Waves::Wave size;
  WaveEnd end = WaveEnd::not_begun;
  std::map<OperationState, std::uint64_t> counts;  ///< of this run
  std::optional<GateReport> gate;                  ///< that was run after it
};

/// How often in a row guards held the same of plans about everybody.
struct HeldInARow {
  std::uint64_t runs = 0;  ///< this one counts; 0: nothing is held, or the plan is not about everybody
  std::string since;       ///< RFC 3339, UTC: when the first of them planned
  bool told = false;       ///< an earlier one of them was told at length
};

/// What applying a plan came to.
struct ApplyReport {
  std::int64_t run = 0;
  std::string plan;                                                       ///< digest
  std::map<std::string, std::map<OperationState, std::uint64_t>> counts;  ///< by platform: operations
  std::vector<OperationReport> troubles;                                  ///< everything that is not done
  std::uint64_t stale = 0;        ///< of these: what the plan relied on has changed
  std::uint64_t done_before = 0;  ///< by earlier runs of the same plan
  std::int64_t earlier_run = 0;   ///< the last of them; 0: there was none
  bool interrupted = false;
  std::vector<WaveReport> waves;  ///< empty: it was not done in waves
  HeldInARow held;
  std::string stopped;  ///< what ended it between or in a wave; empty: nothing did
  double seconds = 0;
};

/// The counts by the names of the states, for JSON.
std::map<std::string, std::map<std::string, std::uint64_t>> named_counts(const ApplyReport& report);
/// For JSON and for the record of the run: "waves", without what gates printed, and "stopped". An empty
/// object: it was not done in waves.
nlohmann::json waves_summary(const ApplyReport& report);

}  // namespace usher
