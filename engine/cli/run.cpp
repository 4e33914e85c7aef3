#include "engine/cli/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "engine/cli/command.hpp"
#include "engine/cli/help_text.hpp"
#include "engine/cli/metrics_file.hpp"
#include "engine/cli/progress_line.hpp"
#include "engine/cli/trace_file.hpp"
#include "engine/runtime/log.hpp"
#include "engine/runtime/service_manager.hpp"
#include "engine/runtime/version.hpp"
#include "engine/session/run_origin.hpp"
#include "engine/workspace/log_observer.hpp"
#include "state/model/exception_text.hpp"
#include "state/model/mutex.hpp"
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

/// The value of an option that has no letter, also on a command line that is wrong; empty: none.
std::string value_in(const std::vector<std::string>& words, const Option& option, const Console& console) {
  const std::string name = "--" + std::string(option.name);
  std::string value = console.variable(variable_name(option)).value_or("");
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    if (words[i] == name && i + 1 < words.size()) value = words[i + 1];
    if (words[i].starts_with(name + "=")) value = words[i].substr(name.size() + 1);
  }
  return value;
}

/// The value that letters such as "-qojson" give to --output; nullopt: none. next: the word behind them.
std::optional<std::string> output_in(const std::string& letters, const std::string& next) {
  for (std::size_t i = 1; i < letters.size(); ++i) {
    const std::string rest = letters.substr(i + 1);
    if (letters[i] == 'o') return rest.empty() ? next : rest;
    for (const Option& option : common_options())
      if (option.letter == letters[i] && !option.value.empty()) return std::nullopt;
  }
  return std::nullopt;
}

/// Whether JSON was asked for, also on a command line that is wrong.
bool wants_json(const std::vector<std::string>& words, const Console& console) {
  constexpr std::string_view option = "--output";
  std::optional<std::string> output;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const std::string& word = words[i];
    const std::string next = i + 1 < words.size() ? words[i + 1] : "";
    if (word == option) {
      output = next;
    } else if (word.starts_with(std::string(option) + "=")) {
      output = word.substr(option.size() + 1);
    } else if (word.size() > 1 && word[0] == '-' && word[1] != '-') {
      if (const auto given = output_in(word, next)) output = given;
    }
  }
  return (output ? output : console.variable("USHER_OUTPUT")) == "json";
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
  Mutex mutex;
  std::condition_variable_any never;
  MutexLock lock(mutex);
  while (!over.stop_requested()) {
    never.wait_for(lock, over, between, [] { return false; });
    progress.tick();
  }
}

ExitCode execute(const Command& command, const Arguments& arguments, Console& console, std::stop_token stop,
                 MetricsFile& metrics) {
  const bool shown = console.err_is_terminal && !arguments.flag("no-progress") && !arguments.flag("quiet");
  const ServiceManager manager(console.variable("NOTIFY_SOCKET").value_or(""));
  ProgressLine::Listener listener;
  if (manager.listens())
    listener = [&manager](std::string_view text) { manager.tell(fmt::format("STATUS={}", text)); };
  ProgressLine progress(console.err, shown, terminal_width, std::move(listener));
  const WorkerThread ticker([&progress, needed = shown || manager.listens()](const std::stop_token& over) {
    if (needed) tick_until(over, progress);
  });
  manager.tell(fmt::format("READY=1\nSTATUS={}", command.name));
  LogOptions log{log_level(arguments), arguments.text("log-format") == "json", console.err_is_journal,
                 [&progress](std::string_view line) { progress.write(line); }};
  open_log(std::move(log));
  const struct Closer {
    ~Closer() { close_log(); }
  } closer;
  Deadline deadline(std::move(stop));
  if (arguments.find("deadline")) deadline.set(arguments.duration("deadline"));
  const auto observer = std::make_shared<LogObserver>(trace_to(arguments));
  try {
    return command.run({arguments, console, progress, deadline.token(), observer, &deadline, &metrics});
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

/// A command line that is wrong is a command that ended, too.
void ask_of_wrong_line(MetricsFile& metrics, const Command& command, const std::vector<std::string>& words,
                       const Console& console) {
  if (takes(command, metrics_option.name))
    metrics.ask(std::string(command.name), value_in(words, metrics_option, console));
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
                  MetricsFile& metrics) {
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
    ask_of_wrong_line(metrics, command, words, console);
    throw CommandError(error.code(), fmt::format("{}\nSee 'usher {} --help'.", error.what(), command.name));
  }
  // `status` writes the file itself: how it ended is no news.
  if (takes(command, metrics_option.name) && command.name != "status")
    metrics.ask(std::string(command.name), arguments);
  const bool json = arguments.text("output") == "json";
  words.insert(words.begin(), std::string(command.name));
  remember_origin(words, takes(command, "reason") ? arguments.text("reason") : "");
  try {
    return execute(command, arguments, console, stop, metrics);
  } catch (const CommandError& error) {
    return fail(console, json, error.conditions(), error.what());
  } catch (const StoreError& error) {
    const bool locked = error.kind() == StoreErrorKind::locked;
    return fail(console, json, locked ? ExitCode::locked : ExitCode::failed, error.what());
  } catch (const std::exception& error) {
    return fail(console, json, ExitCode::failed, text_of(error));
  }
}

}  // namespace

ExitCode run(const std::vector<std::string>& words, Console& console, std::stop_token stop) {
  ExitCode code = ExitCode::failed;
  MetricsFile metrics;
  try {
    code = dispatch(words, console, stop, metrics);
  } catch (const std::exception& error) {
    const auto* known = dynamic_cast<const CommandError*>(&error);
    code = fail(console, wants_json(words, console),
                known == nullptr ? Conditions(ExitCode::failed) : known->conditions(), text_of(error));
  } catch (...) {
    write_problem(console, "usher: ended by something that is not a std::exception");
  }
  console.out.flush();
  const bool reader_left = !console.out && console.reader_left();  // as in 'usher plan | head'
  if (!console.out && !reader_left && code != ExitCode::usage) {
    write_problem(console, "usher: the result could not be written to standard output");
    if (code == ExitCode::done) code = ExitCode::failed;
  }
  metrics.write(code, console);
  ServiceManager(console.variable("NOTIFY_SOCKET").value_or(""))
      .tell(fmt::format("STOPPING=1\nSTATUS=ended with {} {}", static_cast<int>(code), name(code)));
  return code;
}

}  // namespace usher::cli
