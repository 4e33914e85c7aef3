#include <nlohmann/json.hpp>

#include "engine/report/csv_line.hpp"
#include "engine/report/plan_views.hpp"
#include "engine/report/undo_text.hpp"
#include "state/model/plan_parts_json.hpp"

namespace usher {

namespace {

std::string json_text(const nlohmann::json& json) {
  if (json.is_null()) return "";
  if (json.is_string()) return json.get<std::string>();
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void write_plan_csv(const Plan& plan, const PlanOutcome* outcome, const TextSink& sink) {
  std::vector<bool> held(plan.changes.size());
  for (const Operation& operation : plan.operations)
    if (operation.held && operation.change < held.size()) held[operation.change] = true;
  const std::vector<std::string> outcomes =
      outcome == nullptr ? std::vector<std::string>() : outcomes_by_change(plan, *outcome);
  std::vector<std::string_view> head{"platform", "person", "account", "label", "act",    "held",
                                     "what",     "name",   "before",  "after", "reason", "rule"};
  head.emplace_back("cannot_be_undone");
  if (outcome != nullptr) head.emplace_back("outcome");
  const std::vector<std::string> for_good = irreversible_by_change(plan);
  sink(csv_line(head));
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    const Change& change = plan.changes[i];
    const auto write = [&](std::string_view what, std::string_view name, const std::string& before,
                           const std::string& after, std::string_view rule) {
      std::vector<std::string_view> cells{
          change.platform,        change.person, change.account, change.label, to_string(change.act),
          held[i] ? "yes" : "no", what,          name,           before,       after,
          change.because,         rule,          for_good[i]};
      if (outcome != nullptr) cells.emplace_back(outcomes[i]);
      sink(csv_line(cells));
    };
    for (const FieldChange& field : change.fields)
      write("attribute", field.path, json_text(field.before), json_text(field.after), field.rule);
    for (const MembershipChange& edge : change.memberships)
      write(edge.kind, edge.name.empty() ? edge.entitlement : edge.name,
            edge.act == MembershipChange::Act::add ? "" : json_text(edge.before),
            edge.act == MembershipChange::Act::remove
                ? to_string(edge.act)
                : std::string(to_string(edge.act)) + " " + json_text(edge.after),
            edge.because);
    if (change.fields.empty() && change.memberships.empty()) write("account", "", "", "", "");
  }
}

}  // namespace usher
