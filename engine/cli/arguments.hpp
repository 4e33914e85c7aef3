#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace usher::cli {

/// An option as a person writes it: --name, or -l; with a value when it has a placeholder. Given as
/// USHER_NAME in the environment too, where `-` becomes `_`.
struct Option {
  std::string_view name;
  char letter = 0;
  std::string_view
      value;  ///< "FILE"; "text|json": one of these; "N": a whole number; "DURATION": 90s; empty: a flag
  std::string_view about;          ///< what it is for, a sentence
  std::string_view standard = {};  ///< what holds when it is not given
  bool repeats = false;            ///< may be given several times
  bool writes = false;             ///< the value is a file that the command writes
};

/// A word that is not an option: `PLATFORM...`.
struct Operand {
  std::string_view name;
  bool required = false;
  bool repeats = false;
};

/// Looks up an environment variable.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The words of one command line, checked against the options that exist. Asking for an option that does not
/// exist is a programming error (std::logic_error).
class Arguments {
 public:
  /// Reads words in the order flag > environment > standard value. Throws CommandError(usage) that names what
  /// is wrong and, where one is near, what was probably meant.
  static Arguments read(const std::vector<std::string>& words, std::span<const Option> options,
                        std::span<const Operand> operands, const Environment& environment);

  /// How often a flag or option was given.
  std::size_t count(std::string_view option) const { return values(option).size(); }
  bool flag(std::string_view option) const { return count(option) != 0; }
  /// Whether the command has such an option.
  bool knows(std::string_view option) const { return values_.find(option) != values_.end(); }
  /// Whether it stands on the command line itself, be it with the standard value.
  bool given(std::string_view option) const { return given_.contains(option); }
  /// The last value given, else the standard one; empty when there is neither.
  std::string text(std::string_view option) const;
  std::optional<std::string> find(std::string_view option) const;
  unsigned number(std::string_view option) const;
  /// Of an option whose value is DURATION; zero when it was not given.
  std::chrono::seconds duration(std::string_view option) const;
  const std::vector<std::string>& values(std::string_view option) const;
  const std::vector<std::string>& operands() const { return operands_; }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::set<std::string, std::less<>> given_;
  std::vector<std::string> operands_;
};

/// "USHER_LOG_FORMAT"
std::string variable_name(const Option& option);

}  // namespace usher::cli
