#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace usher {

/// How a command ends; the same in the shell, in every JSON result and in `usher help exit-codes`.
enum class ExitCode {
  done = 0,
  failed = 1,
  changes_pending = 2,
  done_in_part = 3,
  lane_held = 4,
  guard_stopped = 5,
  plan_stale = 6,
  locked = 7,
  source_incomplete = 8,
  time_budget = 9,
  invariant_violated = 10,
  usage = 64,
  unreachable = 69,
  credentials_refused = 77,
  configuration_invalid = 78,
};

struct ExitCodeMeaning {
  ExitCode code;
  std::string_view name;  ///< "changes-pending"
  std::string_view meaning;
};

/// All codes in order.
std::span<const ExitCodeMeaning> exit_codes();
std::string_view name(ExitCode code);

/// Ends a command: what happened, where, and what to do, with the code it ends with.
class CommandError : public std::runtime_error {
 public:
  CommandError(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace usher
