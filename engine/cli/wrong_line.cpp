#include "engine/cli/wrong_line.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace usher::cli {

namespace {

/// What one word gives a value to, and which part of it is the value.
struct Given {
  const Option* option = nullptr;  ///< null: nothing
  bool in_next = false;            ///< the word after it is the value
  std::string_view value;          ///< where it is in this one
};

Given given_by_name(std::string_view word, std::span<const Option> options) {
  const std::size_t end = std::min(word.find('='), word.size());
  const std::string_view name = word.substr(2, end - 2);
  for (const Option& option : options) {
    if (option.name != name || option.value.empty()) continue;
    return {&option, end == word.size(), word.substr(std::min(end + 1, word.size()))};
  }
  return {};
}

/// Letters such as "-qojson": those before the last one are flags.
Given given_by_letter(std::string_view word, std::span<const Option> options) {
  for (std::size_t i = 1; i < word.size(); ++i) {
    const auto option = std::find_if(options.begin(), options.end(),
                                     [&](const Option& each) { return each.letter == word[i]; });
    if (option == options.end()) return {};
    if (!option->value.empty()) return {&*option, i + 1 == word.size(), word.substr(i + 1)};
  }
  return {};
}

}  // namespace

std::map<std::string, std::string> values_on_wrong_line(const std::vector<std::string>& words,
                                                        std::span<const Option> options,
                                                        const Environment& environment) {
  std::map<std::string, std::string> values;
  for (const Option& option : options)
    if (const auto value = environment(variable_name(option)); value && !option.value.empty())
      values[std::string(option.name)] = *value;
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
    const std::string& word = words[i];
    if (word.size() < 2 || word.front() != '-') continue;
    const Given given = word[1] == '-' ? given_by_name(word, options) : given_by_letter(word, options);
    if (given.option == nullptr) continue;
    std::string& value = values[std::string(given.option->name)];
    if (!given.in_next) {
      value = given.value;
    } else if (i + 1 < words.size() && (words[i + 1].size() < 2 || words[i + 1].front() != '-')) {
      value = words[++i];
    }
  }
  return values;
}

}  // namespace usher::cli
