#include "rules/config/config_manual.hpp"

#include <fmt/format.h>

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

}  // namespace

std::vector<ShapeSection> config_sections() {
  return sections_of(config_shape());
}

std::string config_manual() {
  std::string text;
  for (const ShapeSection& section : config_sections()) {
    if (!section.title.empty()) text += fmt::format("\n## `{}`\n", section.title);
    if (!section.about.empty()) text += "\n" + section.about + "\n";
    text += "\n| key | value | what it is |\n|---|---|---|\n";
    for (const ShapeSection::Entry& entry : section.entries) {
      const std::string name = entry.free ? "*" + entry.name + "*" : "`" + entry.name + "`";
      text += fmt::format("| {}{} | {} | {} |\n", name, entry.required ? " (needed)" : "",
                          table_cell(entry.value), table_cell(entry.about));
    }
    if (!section.after.empty()) text += "\n" + section.after + "\n";
  }
  return text;
}

}  // namespace usher
