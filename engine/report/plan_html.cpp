#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/report/html_changes.hpp"
#include "engine/report/html_text.hpp"
#include "engine/report/plan_views.hpp"
#include "engine/report/report.hpp"
#include "state/model/plan_parts_json.hpp"

namespace usher {

namespace {

/// JSON inside of a script element: no text of it can end the element.
std::string inside_script(std::string_view json) {
  std::string result;
  result.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      result += "\\u003c";
    } else {
      result += c;
    }
  }
  return result;
}

/// Oldest first, as charts are read.
std::string runs_json(const std::vector<RunState>& runs) {
  auto list = nlohmann::ordered_json::array();
  for (auto run = runs.rbegin(); run != runs.rend(); ++run) {
    const auto summary = nlohmann::json::parse(run->summary, nullptr, false);
    if (!summary.is_object() || !summary.contains("operations")) continue;
    list.push_back(
        {{"run", run->id}, {"started-at", run->started_at}, {"operations", summary["operations"]}});
  }
  return list.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// {"run", "sentence"}; null: the plan was only made.
std::string outcome_json(const PlanOutcome* outcome) {
  if (outcome == nullptr) return "null";
  const nlohmann::ordered_json json{{"run", outcome->run}, {"sentence", outcome->sentence}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// Null: a plan that was read back does not know it.
nlohmann::json guards_json(const Plan& plan) {
  if (!plan.guards) return nullptr;
  nlohmann::json all = nlohmann::json::array();
  for (const GuardUse& use : *plan.guards)
    all.push_back({{"platform", use.platform},
                   {"guard", to_string(use.guard)},
                   {"used", use.used},
                   {"allowed", use.allowed},
                   {"population", use.population}});
  return all;
}

/// The report of docs/reports.md with what of the plan stands above its changes.
std::string head_json(const Plan& plan, ExitCode code) {
  nlohmann::ordered_json head = plan_json(plan, code);
  const nlohmann::json above{{"digest", plan.digest},   {"now", plan.now},
                             {"program", plan.program}, {"only", plan.only},
                             {"seals", plan.seals},     {"objections", plan.objections},
                             {"costs", plan.costs},     {"guards", guards_json(plan)}};
  head["plan"] = nlohmann::ordered_json(above);
  return head.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// One note at a time: a plan may have a million.
void write_notes(const Plan& plan, const TextSink& sink) {
  sink("[");
  for (const Note& note : plan.notes) {
    if (&note != plan.notes.data()) sink(",\n");
    sink(nlohmann::json(note).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  sink("]");
}

}  // namespace

void write_plan_html(const Plan& plan, ExitCode code, const std::vector<RunState>& runs,
                     const PlanOutcome* outcome, const TextSink& sink) {
  const TextSink within_script = [&sink](std::string_view json) { sink(inside_script(json)); };
  std::string_view page = html_part("page");
  while (!page.empty()) {
    const std::size_t mark = std::min(page.find('%'), page.size());
    sink(page.substr(0, mark));
    if (mark == page.size()) return;
    const std::size_t end = page.find('%', mark + 1);
    const std::string_view name = page.substr(mark + 1, end - mark - 1);
    page.remove_prefix(end + 1);
    if (name == "STYLE-HASH") sink(policy_hash(html_part("style")));
    if (name == "SCRIPT-HASH") sink(policy_hash(html_part("script")));
    if (name == "TITLE") sink("plan " + plan.digest.substr(0, 12));
    if (name == "STYLE") sink(html_part("style"));
    if (name == "SCRIPT") sink(html_part("script"));
    if (name == "RUNS") sink(inside_script(runs_json(runs)));
    if (name == "OUTCOME") sink(inside_script(outcome_json(outcome)));
    if (name == "REPORT") sink(inside_script(head_json(plan, code)));
    if (name == "CHANGES") write_html_changes(plan, outcome, within_script);
    if (name == "NOTES") write_notes(plan, within_script);
  }
}

}  // namespace usher
