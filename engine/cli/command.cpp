#include "engine/cli/command.hpp"

#include <ostream>

#include <nlohmann/json.hpp>

#include "engine/cli/pager.hpp"

namespace usher::cli {

void Call::print(std::string_view text) const {
  console.out << text;
}

void Call::show(std::string_view text) const {
  if (arguments.flag("no-pager") || pager_for(text, console).empty()) return print(text);
  waiting->text += text;
}

void Call::show_now(std::string_view text) const {
  show_report(console, text, arguments.flag("no-pager"));
  console.out << std::flush;
}

void Call::say_problem(std::string_view lines) const {
  if (waiting->text.empty()) return write_problem(console, lines);
  waiting->problem += lines;
  waiting->problem += '\n';
}

void Call::print_json(const nlohmann::ordered_json& json) const {
  console.out << printed(json);
}

void Call::print_json(const nlohmann::ordered_json& json, const Plan& plan) const {
  write_printed(json, plan, [this](std::string_view piece) { console.out << piece; });
}

TextStyle Call::style(std::string more) const {
  const auto set = [this](const char* name) { return !console.variable(name).value_or("").empty(); };
  TextStyle style;
  style.colour = console.out_is_terminal && !arguments.flag("no-color") && !set("NO_COLOR") &&
                 console.variable("TERM") != "dumb";
  if (arguments.flag("all")) style.limit = 0;
  // The last column of a terminal stays free: some go on to the next line when something is written there.
  if (console.columns > 1) style.columns = console.columns - 1;
  style.more = std::move(more);
  return style;
}

CommonOptions Call::common() const {
  CommonOptions options;
  options.config = arguments.text("config");
  if (const auto state = arguments.find("state")) options.state = *state;
  options.recipe_folders = arguments.values("recipes");
  options.threads = arguments.number("threads");
  if (arguments.find("lock-timeout")) options.lock_timeout = arguments.duration("lock-timeout");
  const auto asks = [this](std::string_view option) {
    return arguments.knows(option) && arguments.text(option).ends_with("html");
  };
  options.tells_guards = asks("output") || asks("report");
  options.observer = observer;
  options.deadline = deadline;
  return options;
}

}  // namespace usher::cli
