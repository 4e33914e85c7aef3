#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/report/csv_line.hpp"
#include "engine/report/impact_report.hpp"
#include "engine/report/report.hpp"

namespace usher {

namespace {

using nlohmann::ordered_json;

/// Values are JSON, acts and messages are words.
ordered_json value_of(const std::string& text) {
  if (text.empty()) return nullptr;
  auto value = ordered_json::parse(text, nullptr, false);
  return value.is_discarded() ? ordered_json(text) : value;
}

ordered_json impact_item_json(const ImpactItem& item) {
  return {{"person", item.person}, {"account", item.account},         {"label", item.label},
          {"what", item.what},     {"before", value_of(item.before)}, {"after", value_of(item.after)}};
}

ordered_json impact_group_json(const ImpactGroup& group) {
  ordered_json out{{"platform", group.platform},
                   {"sentence", impact_sentence(group)},
                   {"takes-away", group.takes_away},
                   {"count", group.items.size()},
                   {"items", ordered_json::array()}};
  for (const ImpactItem& item : group.items) out["items"].push_back(impact_item_json(item));
  return out;
}

/// A text without the quotes that JSON has.
std::string cell_of(const std::string& text) {
  const ordered_json value = value_of(text);
  return value.is_string() ? value.get<std::string>() : text;
}

}  // namespace

ordered_json impact_json(const Impact& impact, const std::string& configuration, ExitCode code) {
  ordered_json out{
      {"report", "impact"},
      {"exit", exit_json(code)},
      {"configuration", configuration},
      {"summary", {{"people", impact.people}, {"items", impact.items}, {"edits", impact.edits.size()}}}};
  out["edits"] = ordered_json::array();
  for (const RuleEdit& edit : impact.edits)
    out["edits"].push_back({{"rule", edit.rule},
                            {"place", edit.place.to_string()},
                            {"before", edit.before.empty() ? ordered_json() : ordered_json(edit.before)},
                            {"after", edit.after.empty() ? ordered_json() : ordered_json(edit.after)}});
  out["causes"] = ordered_json::array();
  for (const ImpactCause& cause : impact.causes) {
    ordered_json one{{"place", cause.edits.empty() ? "" : cause.place.to_string()},
                     {"edits", cause.edits},
                     {"groups", ordered_json::array()}};
    for (const ImpactGroup& group : cause.groups) one["groups"].push_back(impact_group_json(group));
    out["causes"].push_back(std::move(one));
  }
  out["idle"] = impact.idle;
  out["guards"] = ordered_json::array();
  for (const Objection& objection : impact.objections)
    out["guards"].push_back({{"platform", objection.platform},
                             {"guard", to_string(objection.guard)},
                             {"wanted", objection.wanted},
                             {"allowed", objection.allowed},
                             {"message", objection.message}});
  return out;
}

std::string impact_csv(const Impact& impact) {
  std::string text =
      csv_line({"place", "rule", "platform", "person", "account", "label", "what", "before", "after"});
  for (const ImpactCause& cause : impact.causes) {
    const std::string place = cause.edits.empty() ? "" : cause.place.to_string();
    const std::string& rule = cause.edits.empty() ? cause.rule : impact.edits[cause.edits.front()].rule;
    for (const ImpactGroup& group : cause.groups)
      for (const ImpactItem& item : group.items)
        text += csv_line({place, rule, item.platform, item.person, item.account, item.label, item.what,
                          cell_of(item.before), cell_of(item.after)});
  }
  return text;
}

}  // namespace usher
