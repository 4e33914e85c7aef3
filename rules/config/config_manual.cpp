#include "rules/config/config_manual.hpp"

#include <fmt/format.h>

#include <set>

#include "rules/config/config_shape.hpp"

namespace usher {
namespace {

/// A cell of a Markdown table.
std::string table_cell(const std::string& text) {
  std::string made;
  for (const char c : text) {
    if (c == '|') made += '\\';
    made += c == '\n' ? ' ' : c;
  }
  return made;
}

/// Writes one section for every map, and goes into what its keys hold.
class Manual {
 public:
  std::string of(const Shape& root) {
    section(root, "");
    return std::move(text_);
  }

 private:
  void section(const Shape& shape, const std::string& path) {
    if (!path.empty()) text_ += fmt::format("\n## `{}`\n", path);
    if (!shape.about.empty()) text_ += "\n" + shape.about + "\n";
    text_ += "\n| key | value | what it is |\n|---|---|---|\n";
    for (const Key& key : shape.keys) {
      const std::string about = key.about.empty() ? key.shape->about : key.about;
      text_ += fmt::format("| `{}`{} | {} | {} |\n", key.name, key.required ? " (needed)" : "",
                           table_cell(key.shape->expects), table_cell(about));
    }
    if (shape.rest != nullptr)
      text_ += fmt::format("| *{}* | {} | {} |\n", shape.keys.empty() ? "any name" : "any other",
                           table_cell(shape.rest->expects), table_cell(shape.rest->about));
    if (!shape.one_of.empty()) {
      std::string names;
      for (const std::string& name : shape.one_of) names += (names.empty() ? "`" : ", `") + name + "`";
      text_ += fmt::format("\nExactly one of {} is given.\n", names);
    }
    for (const Key& key : shape.keys) enter(*key.shape, path.empty() ? key.name : path + "." + key.name);
    if (shape.rest != nullptr) enter(*shape.rest, path + ".NAME");
  }

  void enter(const Shape& shape, const std::string& path) {
    if (!shape.name.empty()) return;  // an expression, which docs/expressions.md tells
    if (shape.form == Shape::Form::object && !shape.expects.empty()) {
      if (shape.keys.empty() && shape.rest != nullptr && shape.rest->form != Shape::Form::object) return;
      return section(shape, path);
    }
    if (shape.items != nullptr) enter(*shape.items, path + "[]");
    for (const Shape* one : shape.alternatives) enter(*one, path);
  }

  std::string text_;
};

}  // namespace

std::string config_manual() {
  return Manual().of(config_shape());
}

}  // namespace usher
