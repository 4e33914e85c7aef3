#include <nlohmann/json.hpp>

#include "engine/report/csv_line.hpp"
#include "engine/report/plan_views.hpp"

namespace usher {

namespace {

std::string json_text(const nlohmann::json& json) {
  if (json.is_null()) return "";
  if (json.is_string()) return json.get<std::string>();
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

const char* verb(MembershipChange::Act act) {
  switch (act) {
    case MembershipChange::Act::add:
      return "add";
    case MembershipChange::Act::change:
      return "change";
    case MembershipChange::Act::remove:
      return "remove";
  }
  return "";
}

}  // namespace

void write_plan_csv(const Plan& plan, const TextSink& sink) {
  std::vector<bool> held(plan.changes.size());
  for (const Operation& operation : plan.operations)
    if (operation.held && operation.change < held.size()) held[operation.change] = true;
  sink(csv_line({"platform", "person", "account", "label", "act", "held", "what", "name", "before", "after",
                 "reason", "rule"}));
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    const Change& change = plan.changes[i];
    const auto write = [&](std::string_view what, std::string_view name, const std::string& before,
                           const std::string& after, std::string_view rule) {
      sink(csv_line({change.platform, change.person, change.account, change.label, to_string(change.act),
                     held[i] ? "yes" : "no", what, name, before, after, change.because, rule}));
    };
    for (const FieldChange& field : change.fields)
      write("attribute", field.path, json_text(field.before), json_text(field.after), field.rule);
    for (const MembershipChange& edge : change.memberships)
      write(edge.kind, edge.name.empty() ? edge.entitlement : edge.name,
            edge.act == MembershipChange::Act::add ? "" : json_text(edge.before),
            edge.act == MembershipChange::Act::remove
                ? verb(edge.act)
                : std::string(verb(edge.act)) + " " + json_text(edge.after),
            edge.because);
    if (change.fields.empty() && change.memberships.empty()) write("account", "", "", "", "");
  }
}

}  // namespace usher
