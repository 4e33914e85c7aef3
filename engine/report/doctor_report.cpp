#include "engine/report/doctor_report.hpp"

#include <nlohmann/json.hpp>

#include "engine/report/report.hpp"

namespace usher {

namespace {

using Level = Finding::Level;

const char* name_of(Level level) {
  return level == Level::good ? "good" : level == Level::warning ? "warning" : "bad";
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
  std::string text = table.text();
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
