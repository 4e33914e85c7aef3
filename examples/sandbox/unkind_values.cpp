#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "examples/sandbox/text.hpp"
#include "examples/sandbox/unkind.hpp"

namespace usher::sandbox {

using nlohmann::json;

namespace {

/// Letters as one character and as two; enough for the names that tests use.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> forms{{{"é", "e\u0301"},
                                                                              {"è", "e\u0300"},
                                                                              {"ö", "o\u0308"},
                                                                              {"ü", "u\u0308"},
                                                                              {"ä", "a\u0308"},
                                                                              {"å", "a\u030a"},
                                                                              {"ñ", "n\u0303"},
                                                                              {"ç", "c\u0327"},
                                                                              {"í", "i\u0301"}}};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

char raised(char letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

}  // namespace

/// Writes what a body has of the attributes, as the switches have it, and keeps the tables in step.
Unkind::Person& Unkind::write(Person& person, const json& values) {
  const std::string before = person.values.value("mail", "");
  for (const char* name : {"mail", "name", "title", "enabled"}) {
    if (!values.contains(name)) continue;
    const bool rewrites = values[name].is_string() && names("rewrites", name);
    person.values[name] = rewrites ? json(rewritten(values[name])) : values[name];
  }
  const bool moves = !person.id.empty() && person.values.value("mail", "") != before;
  return moves ? rename(person, before) : person;
}

std::string Unkind::rewritten(std::string text) const {
  const std::string blanks = this->text("blanks"), letters = this->text("letters");
  if (blanks == "trimmed") {
    while (!text.empty() && text.back() == ' ') text.pop_back();
    text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  } else if (blanks == "padded") {
    text += ' ';
  }
  if (letters == "lower") text = lower(text);
  if (letters == "upper")
    for (char& one : text) one = raised(one);
  if (letters == "capitalised" && !text.empty()) text[0] = raised(text[0]);
  for (const auto& [composed, decomposed] : forms) {
    if (is("forms", "composed")) text = replaced(std::move(text), decomposed, composed);
    if (is("forms", "decomposed")) text = replaced(std::move(text), composed, decomposed);
  }
  if (const auto most = static_cast<std::size_t>(number("cuts")); most > 0 && text.size() > most)
    text.resize(most);
  return text;
}

}  // namespace usher::sandbox
