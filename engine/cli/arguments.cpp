#include "engine/cli/arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/program_options/cmdline.hpp>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <charconv>
#include <stdexcept>

#include "engine/runtime/deadline.hpp"
#include "engine/runtime/exit_code.hpp"
#include "state/model/suggestion.hpp"

namespace usher::cli {

namespace po = boost::program_options;

namespace {

[[noreturn]] void wrong(const std::string& message) {
  throw CommandError(ExitCode::usage, message);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<unsigned> whole_number(const std::string& text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// origin: how the person gave it, "--output" or "USHER_OUTPUT".
void check_value(const Option& option, const std::string& value, const std::string& origin) {
  if (option.value == "N" && !whole_number(value))
    wrong(fmt::format("{} takes a whole number, not '{}'.", origin, value));
  if (option.value == "DURATION" && !duration_of(value))
    wrong(fmt::format(
        "{} takes a whole number of seconds, minutes, hours or days such as 90s, 45m, 2h or 7d, not '{}'.",
        origin, value));
  if (option.value.find('|') == std::string_view::npos) return;
  const auto choices = split(option.value, '|');
  if (std::find(choices.begin(), choices.end(), value) == choices.end())
    wrong(fmt::format("{} takes {}, not '{}'{}", origin, fmt::join(choices, " or "), value,
                      did_you_mean(value, choices, ".")));
}

po::options_description described(std::span<const Option> options) {
  po::options_description result;
  for (const Option& option : options) {
    std::string names(option.name);
    if (option.letter != 0) names += std::string(",") + option.letter;
    if (option.value.empty()) {
      result.add_options()(names.c_str(), new po::untyped_value(true), "");
    } else {
      result.add_options()(names.c_str(), po::value<std::string>(), "");
    }
  }
  return result;
}

std::vector<std::string> long_names(std::span<const Option> options) {
  std::vector<std::string> names;
  for (const Option& option : options) names.push_back("--" + std::string(option.name));
  return names;
}

[[noreturn]] void unknown(std::string given, std::span<const Option> options) {
  given.resize(std::min(given.find('='), given.size()));
  const std::size_t start = std::min(given.find_first_not_of('-'), given.size());
  const std::string hint = start < 2 ? "." : did_you_mean(given, long_names(options), ".");
  wrong(fmt::format("There is no option '{}'{}", given, hint));
}

po::parsed_options parse(const std::vector<std::string>& words, std::span<const Option> options) {
  using namespace po::command_line_style;
  const auto description = described(options);
  try {
    return po::command_line_parser(words).options(description).style(unix_style & ~allow_guessing).run();
  } catch (const po::unknown_option& error) {
    unknown(error.get_option_name(), options);
  } catch (const po::invalid_command_line_syntax& error) {
    if (error.kind() == po::invalid_syntax::extra_parameter)
      wrong(fmt::format("{} takes no value.", error.get_option_name()));
    wrong(fmt::format("{} needs a value.", error.get_option_name()));
  } catch (const po::error& error) {
    wrong(fmt::format("{}.", error.what()));
  }
}

/// How often a flag holds by its variable: "yes", "0", and for one that may be repeated "2".
std::size_t flag_count(const Option& option, const std::string& value) {
  for (const char* yes : {"1", "true", "yes", "on"})
    if (value == yes) return 1;
  for (const char* no : {"", "0", "false", "no", "off"})
    if (value == no) return 0;
  if (option.repeats)
    if (const auto number = whole_number(value)) return *number;
  wrong(fmt::format("{} takes yes or no, not '{}'.", variable_name(option), value));
}

std::vector<std::string> from_environment(const Option& option, const Environment& environment) {
  const auto value = environment(variable_name(option));
  if (!value) return {};
  if (option.value.empty()) return std::vector<std::string>(flag_count(option, *value));
  if (value->empty()) return {};
  const auto values = option.repeats ? split(*value, ':') : std::vector{*value};
  for (const auto& each : values) check_value(option, each, variable_name(option));
  return values;
}

void check_operands(const std::vector<std::string>& given, std::span<const Operand> operands) {
  for (std::size_t i = 0; i < operands.size(); ++i)
    if (operands[i].required && i >= given.size()) wrong(fmt::format("{} is missing.", operands[i].name));
  const bool open = !operands.empty() && operands.back().repeats;
  if (!open && given.size() > operands.size())
    wrong(fmt::format("The argument '{}' is one too many.", given[operands.size()]));
}

}  // namespace

Arguments Arguments::read(const std::vector<std::string>& words, std::span<const Option> options,
                          std::span<const Operand> operands, const Environment& environment) {
  Arguments result;
  for (const Option& option : options) result.values_[std::string(option.name)];

  for (const auto& part : parse(words, options).options) {
    if (part.string_key.empty()) {
      result.operands_.insert(result.operands_.end(), part.value.begin(), part.value.end());
      continue;
    }
    // Boost names an option given by its letter "-x" unless it has a long name too; all of ours have.
    const auto option = std::find_if(options.begin(), options.end(),
                                     [&](const Option& each) { return each.name == part.string_key; });
    if (option == options.end()) unknown(part.string_key, options);
    const std::string value = part.value.empty() ? "" : part.value.front();
    if (part.original_tokens.size() == 2 && value.size() > 1 && value.front() == '-')
      wrong(fmt::format("--{0} needs a value; if '{1}' is meant, write --{0}={1}.", option->name, value));
    if (!option->value.empty()) check_value(*option, value, "--" + std::string(option->name));
    result.values_[part.string_key].push_back(value);
  }
  check_operands(result.operands_, operands);

  for (const Option& option : options) {
    auto& values = result.values_[std::string(option.name)];
    if (!values.empty()) result.given_.emplace(option.name);
    if (values.empty()) values = from_environment(option, environment);
    if (values.empty() && !option.standard.empty()) values = {std::string(option.standard)};
  }
  return result;
}

const std::vector<std::string>& Arguments::values(std::string_view option) const {
  const auto found = values_.find(option);
  if (found == values_.end()) throw std::logic_error(fmt::format("no option --{} here", option));
  return found->second;
}

std::optional<std::string> Arguments::find(std::string_view option) const {
  const auto& given = values(option);
  return given.empty() ? std::nullopt : std::optional(given.back());
}

std::string Arguments::text(std::string_view option) const {
  return find(option).value_or("");
}

std::chrono::seconds Arguments::duration(std::string_view option) const {
  return duration_of(text(option)).value_or(std::chrono::seconds(0));
}

unsigned Arguments::number(std::string_view option) const {
  return whole_number(text(option)).value_or(0);
}

std::string variable_name(const Option& option) {
  std::string name = "USHER_";
  for (const char letter : option.name)
    name += letter == '-'                    ? '_'
            : letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A')
                                             : letter;
  return name;
}

}  // namespace usher::cli
