#include "engine/cli/command.hpp"

#include <algorithm>
#include <ostream>

#include <nlohmann/json.hpp>

#include "engine/cli/pager.hpp"

namespace usher::cli {

void Call::print(std::string_view text) const {
  console.out << text;
}

void Call::show(std::string_view text) const {
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  const bool fits = console.rows == 0 || lines < console.rows || arguments.flag("no-pager") ||
                    console.variable("TERM") == "dumb";
  const std::string pager = fits ? std::string() : pager_of(console);
  console.out.flush();
  if (pager.empty() || !show_in_pager(pager, text)) print(text);
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
  options.observer = observer;
  options.deadline = deadline;
  return options;
}

}  // namespace usher::cli
