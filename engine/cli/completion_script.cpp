#include "engine/cli/completion_script.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/cli/command.hpp"

namespace usher::cli {

namespace {

/// What may stand at one place of a command line.
struct Values {
  enum class Kind { words, platforms, connectors, files, folders, unknown } kind = Kind::unknown;
  std::vector<std::string> words;
};

std::vector<std::string> alternatives(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('|'), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// A placeholder such as FILE, PLATFORM or text|json, as help shows it.
Values values_of(std::string_view placeholder) {
  if (placeholder == "PLATFORM") return {Values::Kind::platforms, {}};
  if (placeholder == "CONNECTOR") return {Values::Kind::connectors, {}};
  if (placeholder == "FILE" || placeholder == "PLAN") return {Values::Kind::files, {}};
  if (placeholder == "DIR") return {Values::Kind::folders, {}};
  if (placeholder == "TOPIC") {
    Values topics{Values::Kind::words, {}};
    for (const Command* command : commands()) topics.words.emplace_back(command->name);
    topics.words.insert(topics.words.end(), {"options", "exit-codes", "environment"});
    return topics;
  }
  const bool listed = placeholder.find('|') != std::string_view::npos &&
                      placeholder.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
  if (listed) return {Values::Kind::words, alternatives(placeholder)};
  return {};
}

Values values_of(const Command& command, const Operand& operand) {
  if (command.name == "connector" && operand.name == "NAME") return {Values::Kind::connectors, {}};
  return values_of(operand.name);
}

template <class Visit>
void for_each_option(const Command& command, const Visit& visit) {
  for (const Option& option : command.options) visit(option);
  for (const Option& option : common_options_of(command)) visit(option);
}

// bash and zsh take the same words of a shell; fish has a command of its own for each completion.

std::string shell_values(const Values& values) {
  switch (values.kind) {
    case Values::Kind::words:
      return fmt::format("words \"{}\"", fmt::join(values.words, " "));
    case Values::Kind::platforms:
      return "words \"$(usher completion platforms 2>/dev/null)\"";
    case Values::Kind::connectors:
      return "words \"$(usher completion connectors 2>/dev/null)\"";
    case Values::Kind::files:
      return "files";
    case Values::Kind::folders:
      return "folders";
    case Values::Kind::unknown:
      break;
  }
  return "nothing";
}

/// The functions of bash and zsh that know the options of each command; the command "" are the options that
/// stand before one.
class OptionTables {
 public:
  void add(std::string_view command, const Option& option) {
    names_.push_back(fmt::format("--{}{}", option.name, option.value.empty() ? "" : "="));
    if (option.value.empty()) return;
    std::string places = fmt::format("\"{} --{}\"", command, option.name);
    if (option.letter != 0) places += fmt::format("|\"{} -{}\"", command, option.letter);
    values_ += fmt::format("    {}) _usher_{} ;;\n", places, shell_values(values_of(option.value)));
    taking_ += fmt::format("    {}) ;;\n", places);
  }
  void end(std::string_view command) {
    options_ += fmt::format("    \"{}\") echo \"{}\" ;;\n", command, fmt::join(names_, " "));
    names_.clear();
  }

  std::string text() const {
    const std::string otherwise = "    *) return 1 ;;\n  esac\n}\n";
    return "_usher_options() {\n  case $1 in\n" + options_ + "  esac\n}\n" +
           "_usher_takes_value() {\n  case \"$1 $2\" in\n" + taking_ + otherwise +
           "_usher_values() {\n  case \"$1 $2\" in\n" + values_ + otherwise;
  }

 private:
  std::vector<std::string> names_;
  std::string options_, taking_, values_;
};

/// The part that bash and zsh share: `_usher_values COMMAND OPTION` and `_usher_operands COMMAND INDEX` call
/// words, files, folders or nothing of the shell at hand.
std::string shared_tables() {
  OptionTables tables;
  for (const Option& option : common_options()) tables.add("", option);
  tables.end("");
  std::string operands = "_usher_operands() {\n  case \"$1 $2\" in\n";
  for (const Command* command : commands()) {
    for_each_option(*command, [&](const Option& option) { tables.add(command->name, option); });
    tables.end(command->name);
    std::size_t index = 0;
    for (const Operand& operand : command->operands) {
      const std::string place = operand.repeats ? fmt::format("\"{} \"*", command->name)
                                                : fmt::format("\"{} {}\"", command->name, index);
      operands += fmt::format("    {}) _usher_{} ;;\n", place, shell_values(values_of(*command, operand)));
      ++index;
    }
  }
  return tables.text() + operands + "    *) return 1 ;;\n  esac\n}\n";
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const Command* command : commands()) names.emplace_back(command->name);
  return names;
}

/// Finds the command, the option whose value is typed and the number of operands before the word at the
/// cursor.
constexpr std::string_view walk_words = R"sh(
  local command="" option="" operands=0 index word
  for ((index = first; index < current; ++index)); do
    word=${line[index]}
    case $word in
      --*=*) ;;
      -*)
        if _usher_takes_value "$command" "$word"; then
          index=$((index + 1))
          if [ "${line[index]}" = "=" ]; then index=$((index + 1)); fi
        fi ;;
      *) if [ -z "$command" ]; then command=$word; else operands=$((operands + 1)); fi ;;
    esac
  done
)sh";

std::string bash_script() {
  return "# Completion of usher for bash. Written by `usher completion bash`.\n" + shared_tables() +
         R"sh(_usher_words() { COMPREPLY=($(compgen -W "$1" -- "$current_word")); }
_usher_files() { compopt -o filenames; COMPREPLY=($(compgen -f -- "$current_word")); }
_usher_folders() { compopt -o filenames; COMPREPLY=($(compgen -d -- "$current_word")); }
_usher_nothing() { COMPREPLY=(); }

_usher() {
  local line=("${COMP_WORDS[@]}") first=1 current=$COMP_CWORD current_word=${COMP_WORDS[COMP_CWORD]}
)sh" + std::string(walk_words) +
         fmt::format(R"sh(  # bash cuts --name=value into three words
  if [ "$current_word" = "=" ]; then current_word=""; option=${{line[current - 1]}}; fi
  if [ "${{line[current - 1]}}" = "=" ]; then option=${{line[current - 2]}}; fi
  case ${{line[current - 1]}} in -*) option=${{line[current - 1]}} ;; esac
  if [ -n "$option" ] && _usher_values "$command" "$option"; then
    :
  elif [[ "$current_word" == -* ]]; then
    compopt -o nospace
    _usher_words "$(_usher_options "$command")"
  elif [ -z "$command" ]; then
    _usher_words "{}"
  else
    _usher_operands "$command" "$operands"
  fi
}}
complete -F _usher usher
)sh",
                     fmt::join(command_names(), " "));
}

std::string zsh_quoted(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '\'' ? "'\\''" : c == ':' ? "\\:" : std::string(1, c);
  return result;
}

std::string zsh_script() {
  std::string described;
  for (const Command* command : commands())
    described += fmt::format("    '{}:{}'\n", command->name, zsh_quoted(command->summary));
  return "#compdef usher\n# Completion of usher for zsh. Written by `usher completion zsh`.\n" +
         shared_tables() +
         R"sh(_usher_words() { compadd -S '' -- ${=1}; }
_usher_files() { _files; }
_usher_folders() { _files -/; }
_usher_nothing() { return 0; }

_usher() {
  setopt localoptions ksharrays
  local line=("${words[@]}") first=1 current=$((CURRENT - 1))
  local current_word=${line[current]}
)sh" + std::string(walk_words) +
         fmt::format(R"sh(  case $current_word in --*=*) option=${{current_word%%=*}}; compset -P '*=' ;; esac
  case ${{line[current - 1]}} in -*) option=${{line[current - 1]}} ;; esac
  unsetopt ksharrays
  if [ -n "$option" ] && _usher_values "$command" "$option"; then
    :
  elif [[ "$current_word" == -* ]]; then
    _usher_words "$(_usher_options "$command")"
  elif [ -z "$command" ]; then
    local described=(
{}    )
    _describe command described
  else
    _usher_operands "$command" "$operands"
  fi
}}
if [ "$funcstack[1]" = "_usher" ]; then _usher "$@"; else compdef _usher usher; fi
)sh",
                     described);
}

std::string fish_values(const Values& values) {
  switch (values.kind) {
    case Values::Kind::words:
      return fmt::format(" -x -a '{}'", fmt::join(values.words, " "));
    case Values::Kind::platforms:
      return " -x -a '(usher completion platforms 2>/dev/null)'";
    case Values::Kind::connectors:
      return " -x -a '(usher completion connectors 2>/dev/null)'";
    case Values::Kind::files:
      return " -r -F";
    case Values::Kind::folders:
      return " -x -a '(__fish_complete_directories)'";
    case Values::Kind::unknown:
      break;
  }
  return " -x";
}

std::string fish_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + "'";
}

std::string fish_option(const std::string& condition, const Option& option) {
  std::string line = "complete -c usher" + condition + " -l " + std::string(option.name);
  if (option.letter != 0) line += fmt::format(" -s {}", option.letter);
  if (!option.value.empty()) line += fish_values(values_of(option.value));
  return line + " -d " + fish_quoted(option.about) + "\n";
}

/// Functions of fish: which command is given, past options that stand before it and their values.
std::string fish_functions() {
  std::string taking;
  for (const Option& option : common_options()) {
    if (option.value.empty()) continue;
    taking += fmt::format(" --{}", option.name);
    if (option.letter != 0) taking += fmt::format(" -{}", option.letter);
  }
  return fmt::format(R"sh(function __usher_command
  set -l words (commandline -opc)
  set -e words[1]
  set -l is_value no
  for word in $words
    if test $is_value = yes
      set is_value no
      continue
    end
    switch $word
      case{}
        set is_value yes
      case '-*'
      case '*'
        echo $word
        return 0
    end
  end
  return 1
end
function __usher_is
  set -l command (__usher_command)
  and test "$command" = $argv[1]
end
)sh",
                     taking);
}

std::string fish_script() {
  std::string text =
      "# Completion of usher for fish. Written by `usher completion fish`.\ncomplete -c usher -f\n" +
      fish_functions();
  for (const Option& option : common_options()) text += fish_option("", option);
  for (const Command* command : commands()) {
    text += fmt::format("complete -c usher -n 'not __usher_command >/dev/null' -a {} -d {}\n", command->name,
                        fish_quoted(command->summary));
    const std::string condition = fmt::format(" -n '__usher_is {}'", command->name);
    for (const Option& option : command->options) text += fish_option(condition, option);
    for (const Operand& operand : command->operands) {
      const Values values = values_of(*command, operand);
      if (values.kind != Values::Kind::unknown)
        text += "complete -c usher" + condition + fish_values(values) + "\n";
    }
  }
  return text;
}

}  // namespace

const std::vector<std::string>& completion_shells() {
  static const std::vector<std::string> shells{"bash", "fish", "zsh"};
  return shells;
}

std::string completion_script(std::string_view shell) {
  return shell == "bash" ? bash_script() : shell == "zsh" ? zsh_script() : fish_script();
}

}  // namespace usher::cli
