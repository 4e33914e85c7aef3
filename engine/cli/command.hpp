#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cli/arguments.hpp"
#include "engine/cli/console.hpp"
#include "engine/report/report.hpp"
#include "engine/runtime/exit_code.hpp"
#include "engine/session/session.hpp"

namespace usher::cli {

class MetricsFile;
struct WaitingReport;

/// What the run of one command has at hand.
struct Call {
  const Arguments& arguments;
  Console& console;
  Progress& progress;
  std::stop_token stop;  ///< requested by the user's signal, or when the deadline passed
  std::shared_ptr<Observer> observer = {};
  Deadline* deadline = nullptr;
  MetricsFile* metrics = nullptr;
  WaitingReport* waiting = nullptr;  ///< shown when the command has ended

  bool json() const { return arguments.text("output") == "json"; }
  /// Whether standard output gets what people read on a terminal, and no JSON, page or table.
  bool wants_text() const { return arguments.text("output") == "text"; }
  /// Writes a result to standard output.
  void print(std::string_view text) const;
  /// Writes a report that people read; on a terminal that it does not fit, through a pager when the command
  /// has ended. The last thing that a command writes to standard output.
  void show(std::string_view text) const;
  /// The same at once: before a question.
  void show_now(std::string_view text) const;
  /// Says on standard error why not everything is done, below the report.
  void say_problem(std::string_view lines) const;
  void print_json(const nlohmann::ordered_json& json) const;
  /// A report that is plan_json() or holds it as "plan".
  void print_json(const nlohmann::ordered_json& json, const Plan& plan) const;
  /// How text reports are written here; more: the command that shows everything.
  TextStyle style(std::string more = {}) const;
  /// --config, --state, --recipes, --threads.
  CommonOptions common() const;
};

/// One word after `usher`: what it says of itself and what it does. Each stands in its own file of this
/// folder and in one line of commands.cpp.
struct Command {
  std::string_view name;
  std::string_view summary;   ///< one line, for the list of commands
  std::string_view examples;  ///< lines of commands; help shows them first
  std::string_view about;     ///< paragraphs, separated by an empty line; wrapped when shown
  std::span<const Option> options;
  std::span<const Operand> operands;
  ExitCode (*run)(const Call& call);
};

/// All commands, in the order help lists them.
std::span<const Command* const> commands();
/// Null when there is none of that name.
const Command* find_command(std::string_view name);
/// Options every command takes.
std::span<const Option> common_options();
/// The same for one command: without those that it states itself, with other values.
std::vector<Option> common_options_of(const Command& command);

}  // namespace usher::cli
