#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace usher {

/// How a command ends; the same in the shell, in every JSON result and in `usher help exit-codes`.
enum class ExitCode {
  done = 0,
  failed = 1,
  changes_pending = 2,
  done_in_part = 3,
  lane_held = 4,
  plan_stale = 6,
  locked = 7,
  source_incomplete = 8,
  time_budget = 9,
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

/// Name and meaning of one code. A code without a line here does not compile.
ExitCodeMeaning describe(ExitCode code);
/// All codes, by number.
std::vector<ExitCodeMeaning> exit_codes();
std::string_view name(ExitCode code);

/// Everything that is so when a command ends: each of the codes it could end with.
class Conditions {
 public:
  Conditions() = default;
  Conditions(ExitCode only) { add(only); }

  /// Does nothing for `done`.
  void add(ExitCode code);
  void add(const Conditions& others);
  bool has(ExitCode code) const;

  /// The code that the command ends with: the first of all(); done: nothing is so.
  ExitCode code() const { return codes_.empty() ? ExitCode::done : codes_.front(); }
  /// In the order in which they decide: 64, 78, 7, 77, 69, 8, 4, 6, 9, 3, 1, 2.
  const std::vector<ExitCode>& all() const { return codes_; }

 private:
  std::vector<ExitCode> codes_;
};

/// "8 source-incomplete, 4 lane-held": all that is so; empty: nothing.
std::string to_string(const Conditions& conditions);

/// Ends a command: what happened, where, and what to do, with what is so.
class CommandError : public std::runtime_error {
 public:
  CommandError(const Conditions& conditions, const std::string& message)
      : std::runtime_error(message), conditions_(conditions) {}
  CommandError(ExitCode code, const std::string& message) : CommandError(Conditions(code), message) {}
  ExitCode code() const { return conditions_.code(); }
  const Conditions& conditions() const { return conditions_; }

 private:
  Conditions conditions_;
};

}  // namespace usher
