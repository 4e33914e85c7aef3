#include <nlohmann/json.hpp>

#include "engine/apply/apply_report.hpp"
#include "engine/pull/pull_report.hpp"
#include "engine/report/plan_summary.hpp"
#include "engine/report/report.hpp"
#include "engine/session/session.hpp"
#include "state/model/json_writer.hpp"
#include "state/model/plan_json.hpp"

namespace usher {

using nlohmann::ordered_json;

namespace {

ordered_json report(const char* name, const Conditions& conditions) {
  return {
      {"report", name}, {"exit", exit_json(conditions.code())}, {"conditions", conditions_json(conditions)}};
}

ordered_json summary_json(const Plan& plan) {
  ordered_json out = ordered_json::array();
  for (const PlatformSummary& each : summarise(plan)) {
    ordered_json operations = ordered_json::object();
    for (const auto& [kind, count] : each.operations)
      operations[to_string(kind)] = {{"operations", count.operations}, {"held", count.held}};
    out.push_back({{"platform", each.platform},
                   {"sealed", each.seal != nullptr && each.seal->sealed},
                   {"changes", each.changes},
                   {"operations", operations},
                   {"links", each.links},
                   {"notes", each.notes},
                   {"attention", each.attention}});
  }
  return out;
}

ordered_json failure_json(const Failure& failure) {
  return {{"kind", to_string(failure.kind)},
          {"status", failure.status},
          {"request", failure.request},
          {"message", failure.message}};
}

ordered_json pull_report_json(const PullReport& each) {
  ordered_json bad = ordered_json::array();
  for (const BadRecord& record : each.bad)
    bad.push_back({{"where", record.where}, {"why", record.why}, {"id", record.id}, {"key", record.key}});
  return {{"platform", each.platform},
          {"read", each.read},
          {"published", each.published},
          {"sealed", each.sealed},
          {"why-not", each.why_not},
          {"failure", each.failure ? failure_json(*each.failure) : ordered_json(nullptr)},
          {"generation", each.generation},
          {"accounts", each.accounts},
          {"added", each.added},
          {"changed", each.changed},
          {"removed", each.removed},
          {"bad-count", each.bad_count},
          {"bad", bad},
          {"remarks", each.remarks},
          {"pages", each.pages},
          {"read-alone", each.alone},
          {"seconds", each.seconds}};
}

/// The object as `printed` has it, with the plan in place of a null called "plan", in it or in an object
/// called so.
void write_with_plan(const ordered_json& object, const Plan& plan, std::size_t depth, const TextSink& sink) {
  const std::string line = "\n" + std::string(2 * depth, ' ');
  const char* before = "{";
  for (const auto& [name, value] : object.items()) {
    sink(before + line + "  " + ordered_json(name).dump() + ": ");
    before = ",";
    if (name == "plan" && value.is_null()) {
      write_json(plan, depth + 1, sink);
    } else if (name == "plan" && value.is_object()) {
      write_with_plan(value, plan, depth + 1, sink);
    } else {
      sink(indented_json(value.dump(-1, ' ', false, ordered_json::error_handler_t::replace), depth + 1));
    }
  }
  sink(line + "}");
}

}  // namespace

ordered_json exit_json(ExitCode code) {
  return {{"code", static_cast<int>(code)}, {"name", name(code)}};
}

ordered_json conditions_json(const Conditions& conditions) {
  ordered_json names = ordered_json::array();
  for (const ExitCode code : conditions.all()) names.push_back(name(code));
  return names;
}

ordered_json error_json(const Conditions& conditions, const std::string& message) {
  ordered_json out = report("error", conditions);
  out["message"] = message;
  return out;
}

ordered_json plan_json(const Plan& plan, const Conditions& conditions) {
  ordered_json out = report("plan", conditions);
  out["summary"] = summary_json(plan);
  out["plan"] = nullptr;  // write_printed() puts it there
  return out;
}

ordered_json pull_json(const std::vector<PullReport>& reports, const Conditions& conditions) {
  ordered_json out = report("pull", conditions);
  out["platforms"] = ordered_json::array();
  for (const PullReport& each : reports) out["platforms"].push_back(pull_report_json(each));
  return out;
}

ordered_json apply_json(const ApplyReport& applied, const Plan& plan, const Conditions& conditions) {
  ordered_json troubles = ordered_json::array();
  for (const OperationReport& each : applied.troubles)
    troubles.push_back({{"operation", each.operation.id},
                        {"platform", each.operation.platform},
                        {"kind", to_string(each.operation.kind)},
                        {"person", each.operation.person},
                        {"account", each.operation.account},
                        {"label", each.operation.label},
                        {"state", to_string(each.state)},
                        {"stale", each.stale},
                        {"message", each.message}});
  ordered_json out = report("apply", conditions);
  out["run"] = applied.run;
  out["plan"] = applied.plan;
  out["counts"] = named_counts(applied);
  out["held"] = held_operations(plan);
  if (applied.held.runs > 0)
    out["held-in-a-row"] = {{"runs", applied.held.runs}, {"since", applied.held.since}};
  out["stale"] = applied.stale;
  out["done-before"] = applied.done_before;
  out["interrupted"] = applied.interrupted;
  out["troubles"] = troubles;
  if (!applied.waves.empty()) {
    const nlohmann::json waves = waves_summary(applied);
    out["waves"] = waves["waves"];
    for (std::size_t i = 0; i < applied.waves.size(); ++i)
      if (const auto& gate = applied.waves[i].gate) out["waves"][i]["gate"]["output"] = gate->output;
    out["stopped"] = waves["stopped"];
  }
  out["seconds"] = applied.seconds;
  return out;
}

std::string printed(const ordered_json& json) {
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

void write_printed(const ordered_json& json, const Plan& plan, const TextSink& sink) {
  write_with_plan(json, plan, 0, sink);
  sink("\n");
}

}  // namespace usher
