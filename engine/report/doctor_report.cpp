#include "engine/report/doctor_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/report/report.hpp"

namespace usher {

namespace {

using Level = Finding::Level;

const char* name_of(Level level) {
  return level == Level::good ? "good" : level == Level::warning ? "warning" : "bad";
}

/// With the level at the beginning of each finding in its colour.
std::string coloured(std::string_view lines, const Ink& ink) {
  std::string text;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n') + 1, lines.size());
    std::string_view line = lines.substr(0, end);
    const std::string_view level = line.substr(0, line.find(' '));
    if (level == name_of(Level::bad) || level == name_of(Level::warning)) {
      text += level == name_of(Level::bad) ? ink.red(level) : ink.yellow(level);
      line.remove_prefix(level.size());
    }
    text += line;
    lines.remove_prefix(end);
  }
  return text;
}

}  // namespace

std::string doctor_text(const std::vector<Finding>& findings, const TextStyle& style) {
  const Ink ink(style.colour);
  Table table({Table::Align::left, Table::Align::left, Table::Align::left, Table::Align::left});
  std::size_t warnings = 0, bad = 0;
  for (const Finding& finding : findings) {
    warnings += finding.level == Level::warning;
    bad += finding.level == Level::bad;
    table.row({name_of(finding.level), escaped(finding.about), finding.what, escaped(finding.message)});
  }
  std::string text = coloured(table.text_within(80), ink);
  text +=
      bad > 0 ? ink.red("\n" + pluralised(bad, "thing is", "things are") + " wrong.") + "\n"
      : warnings > 0
          ? ink.yellow("\nNothing is wrong; " + pluralised(warnings, "thing", "things") + " to know.") + "\n"
          : ink.green("\nEverything is in order.") + "\n";
  return text;
}

nlohmann::ordered_json doctor_json(const std::vector<Finding>& findings) {
  auto rows = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    rows.push_back({{"level", name_of(finding.level)},
                    {"about", finding.about},
                    {"what", finding.what},
                    {"message", finding.message}});
  }
  return {{"report", "doctor"}, {"exit", exit_json(exit_code(findings))}, {"findings", rows}};
}

}  // namespace usher
