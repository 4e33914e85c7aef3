#include "engine/cli/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "connectors/http/clock.hpp"
#include "engine/cli/command.hpp"
#include "engine/cli/help_text.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/needed_files.hpp"
#include "engine/cli/pager.hpp"
#include "engine/cli/progress_line.hpp"
#include "engine/cli/trace_file.hpp"
#include "engine/cli/wrong_line.hpp"
#include "engine/runtime/log.hpp"
#include "engine/runtime/service_manager.hpp"
#include "engine/runtime/version.hpp"
#include "engine/session/run_origin.hpp"
#include "engine/workspace/log_observer.hpp"
#include "state/model/exception_text.hpp"
#include "state/model/suggestion.hpp"
#include "state/model/worker_thread.hpp"
#include "state/store/error.hpp"

namespace usher::cli {

namespace {

const Option* common_option(std::string_view word) {
  for (const Option& option : common_options())
    if (word == "--" + std::string(option.name)) return &option;
  return nullptr;
}

/// Whether the word after this one is its value.
bool takes_next(std::string_view word) {
  if (word.starts_with("--")) {
    const Option* option = common_option(word);
    return option != nullptr && !option->value.empty();
  }
  for (std::size_t i = 1; i < word.size(); ++i)
    for (const Option& option : common_options())
      if (option.letter == word[i] && !option.value.empty()) return i + 1 == word.size();
  return false;
}

/// Where the command stands: options every command takes may stand before it.
std::size_t command_position(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") break;
    if (words[i].size() < 2 || words[i].front() != '-') return i;
    if (words[i].starts_with("--") && common_option(words[i].substr(0, words[i].find('='))) == nullptr) break;
    if (takes_next(words[i])) ++i;
  }
  return words.size();
}

std::vector<Option> options_of(const Command* command) {
  if (command == nullptr) return {common_options().begin(), common_options().end()};
  std::vector<Option> options = common_options_of(*command);
  options.insert(options.end(), command->options.begin(), command->options.end());
  return options;
}

/// Whether the option stands among the words, by either name and before a "--".
bool holds(const std::vector<std::string>& words, std::string_view name, std::string_view letter) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::any_of(words.begin(), end, [&](const auto& word) { return word == name || word == letter; });
}

ExitCode fail(Console& console, bool json, const Conditions& conditions, const std::string& message) {
  const std::string shown = escaped_lines(message);  // it may repeat arguments and data
  write_problem(console, "usher: " + shown);
  if (conditions.all().size() > 1) write_problem(console, "usher: ends with " + to_string(conditions));
  if (json) console.out << printed(error_json(conditions, message));
  return conditions.code();
}

LogLevel log_level(const Arguments& arguments) {
  if (arguments.count("quiet") > 1) return LogLevel::error;
  if (arguments.flag("quiet")) return LogLevel::warning;
  if (arguments.count("verbose") > 1) return LogLevel::trace;
  return arguments.flag("verbose") ? LogLevel::debug : LogLevel::info;
}

/// What --trace-http asks for; empty: nothing.
std::function<void(std::string_view)> trace_to(const Arguments& arguments) {
  const auto file = arguments.find("trace-http");
  if (!file) return {};
  return [trace = std::make_shared<TraceFile>(*file)](std::string_view text) { trace->write(text); };
}

void tick_until(const std::stop_token& over, ProgressLine& progress) {
  constexpr std::chrono::milliseconds between{250};
  while (http::system_clock().sleep(between, over)) progress.tick();
}

/// What a command leaves to be done when it has ended, and nothing of it is locked any more.
struct Remainder {
  MetricsFile metrics;
  WaitingReport report;
};

ExitCode execute(const Command& command, const Arguments& arguments, Console& console, std::stop_token stop,
                 Remainder& remainder) {
  const bool shown = console.err_is_terminal && !arguments.flag("no-progress") && !arguments.flag("quiet");
  const ServiceManager manager(console.variable("NOTIFY_SOCKET").value_or(""));
  ProgressLine::Listener listener;
  if (manager.listens())
    listener = [&manager](std::string_view text) { manager.tell(fmt::format("STATUS={}", text)); };
  ProgressLine progress(console.err, shown, terminal_width, std::move(listener));
  std::optional<WorkerThread> ticker;
  if (shown || manager.listens())
    ticker.emplace([&progress](const std::stop_token& over) { tick_until(over, progress); });
  manager.tell(fmt::format("READY=1\nSTATUS={}", command.name));
  LogOptions log{log_level(arguments), arguments.text("log-format") == "json", console.err_is_journal,
                 [&progress](std::string_view line) { progress.write(line); }};
  open_log(std::move(log));
  const struct Closer {
    ~Closer() { close_log(); }
  } closer;
  Deadline deadline(std::move(stop));
  if (arguments.find("deadline")) deadline.set(arguments.duration("deadline"));
  Call call{arguments, console,   progress,           deadline.token(),
            nullptr,   &deadline, &remainder.metrics, &remainder.report};
  spare_needed_files(call, options_of(&command));
  call.observer = std::make_shared<LogObserver>(trace_to(arguments));
  try {
    return command.run(call);
  } catch (const StoreError& error) {
    LogEvent detail;
    detail.level = LogLevel::debug;
    detail.message = error.detail();
    if (!detail.message.empty()) usher::log(detail);
    throw;
  }
}

bool takes(const Command& command, std::string_view name) {
  return std::any_of(command.options.begin(), command.options.end(),
                     [&](const Option& option) { return option.name == name; });
}

/// Whether the file of --metrics-file tells how this command ended. `status` writes the state there itself:
/// how it ended is no news.
bool tells_its_end(const Command& command) {
  return takes(command, metrics_option.name) && command.name != "status";
}

ExitCode run_without_command(const std::vector<std::string>& words, Console& console) {
  Arguments arguments;
  try {
    constexpr std::array rest{Operand{"COMMAND", false, true}};
    arguments = Arguments::read(words, options_of(nullptr), rest, console.variable);
  } catch (const CommandError& error) {
    throw CommandError(
        error.code(),
        fmt::format("{}\nThe options of a command stand after it. See 'usher help'.", error.what()));
  }
  if (arguments.flag("version")) {
    console.out << version_text() << '\n';
  } else if (arguments.flag("help")) {
    console.out << overview_help();
  } else {
    console.err << overview_help();
    if (arguments.text("output") == "json")
      console.out << printed(error_json(ExitCode::usage, "No command was given."));
    return ExitCode::usage;
  }
  return ExitCode::done;
}

const Command& command_named(const std::string& name) {
  if (const Command* command = find_command(name)) return *command;
  std::vector<std::string> names;
  for (const Command* command : commands()) names.emplace_back(command->name);
  throw CommandError(ExitCode::usage, fmt::format("There is no command '{}'{}\nSee 'usher help'.", name,
                                                  did_you_mean(name, names, ".")));
}

ExitCode dispatch(std::vector<std::string> words, Console& console, std::stop_token stop,
                  Remainder& remainder) {
  const std::size_t position = command_position(words);
  if (position == words.size()) return run_without_command(words, console);
  const Command& command = command_named(words[position]);
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(position));

  // Both must be had even where the rest of the line is not right yet.
  if (holds(words, "--help", "-h")) {
    console.out << command_help(command);
    return ExitCode::done;
  }
  if (holds(words, "--version", "-V")) {
    console.out << version_text() << '\n';
    return ExitCode::done;
  }

  Arguments arguments;
  try {
    arguments = Arguments::read(words, options_of(&command), command.operands, console.variable);
  } catch (const CommandError& error) {
    // A command line that is wrong is a command that ended, too.
    auto given = values_on_wrong_line(words, options_of(&command), console.variable);
    if (tells_its_end(command))
      remainder.metrics.ask(std::string(command.name), given[std::string(metrics_option.name)]);
    return fail(console, given["output"] == "json", error.conditions(),
                fmt::format("{}\nSee 'usher {} --help'.", error.what(), command.name));
  }
  if (tells_its_end(command)) remainder.metrics.ask(std::string(command.name), arguments);
  const bool json = arguments.text("output") == "json";
  words.insert(words.begin(), std::string(command.name));
  remember_origin(words, takes(command, "reason") ? arguments.text("reason") : "");
  try {
    return execute(command, arguments, console, stop, remainder);
  } catch (const CommandError& error) {
    return fail(console, json, error.conditions(), error.what());
  } catch (const StoreError& error) {
    const bool locked = error.kind() == StoreErrorKind::locked;
    return fail(console, json, locked ? ExitCode::locked : ExitCode::failed, error.what());
  } catch (const std::exception& error) {
    return fail(console, json, ExitCode::failed, text_of(error));
  }
}

/// Writes out what is left for standard output; code: how the command ended otherwise.
ExitCode code_of_written(ExitCode code, Console& console) {
  console.out.flush();
  const bool reader_left = !console.out && console.reader_left();  // as in 'usher plan | head'
  if (console.out || reader_left || code == ExitCode::usage) return code;
  write_problem(console, "usher: the result could not be written to standard output");
  return code == ExitCode::done ? ExitCode::failed : code;
}

}  // namespace

ExitCode run(const std::vector<std::string>& words, Console& console, std::stop_token stop) {
  ExitCode code = ExitCode::failed;
  Remainder remainder;
  try {
    code = dispatch(words, console, stop, remainder);
  } catch (const std::exception& error) {
    const auto* known = dynamic_cast<const CommandError*>(&error);
    auto given = values_on_wrong_line(words, common_options(), console.variable);
    code = fail(console, given["output"] == "json",
                known == nullptr ? Conditions(ExitCode::failed) : known->conditions(), text_of(error));
  } catch (...) {
    write_problem(console, "usher: ended by something that is not a std::exception");
  }
  code = code_of_written(code, console);
  remainder.metrics.write(code, console);
  ServiceManager(console.variable("NOTIFY_SOCKET").value_or(""))
      .tell(fmt::format("STOPPING=1\nSTATUS=ended with {} {}", static_cast<int>(code), name(code)));
  if (remainder.report.text.empty()) return code;
  show_report(console, remainder.report.text);
  write_problem(console, remainder.report.problem);
  return code_of_written(code, console);
}

}  // namespace usher::cli
