#include <nlohmann/json.hpp>

#include "engine/report/report.hpp"
#include "engine/report/status_report.hpp"
#include "state/store/status.hpp"

namespace usher {

using nlohmann::ordered_json;

namespace {

ordered_json text_or_null(const std::string& text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

ordered_json exit_or_null(const RunState& run) {
  return run.exit_code ? exit_json(static_cast<ExitCode>(*run.exit_code)) : ordered_json(nullptr);
}

ordered_json run_head(const RunState& run) {
  return {{"run", run.id},
          {"command", run.command},
          {"started-at", run.started_at},
          {"ended-at", text_or_null(run.ended_at)},
          {"ended-as", exit_or_null(run)},
          {"plan", text_or_null(run.plan)},
          {"summary", ordered_json::parse(run.summary, nullptr, false)}};
}

ordered_json approvals_of(const JournalEntry& entry) {
  const auto detail = ordered_json::parse(entry.detail, nullptr, false);
  return detail.is_object() ? detail.value("approvals", ordered_json::array()) : ordered_json::array();
}

ordered_json operation_json(const JournalEntry& entry, const EntitlementTitles& titles = {}) {
  return {{"run", entry.run},
          {"operation", entry.operation},
          {"platform", entry.platform},
          {"kind", entry.kind},
          {"person", entry.person},
          {"account", entry.account},
          {"label", entry.label},
          {"membership", membership_json(entry, titles)},
          {"state", to_string(entry.state)},
          {"sent-at", text_or_null(entry.sent_at)},
          {"ended-at", text_or_null(entry.ended_at)},
          {"message", entry.message},
          {"approvals", approvals_of(entry)}};
}

}  // namespace

ordered_json status_json(const Status& status, ExitCode code) {
  ordered_json platforms = ordered_json::array(), runs = ordered_json::array(), open = ordered_json::array();
  for (const auto& [last, links, last_sealed_at] : status.platforms)
    platforms.push_back({{"platform", last.name},
                         {"generation", last.generation},
                         {"sealed", last.sealed},
                         {"why-not", last.why_not},
                         {"accounts", last.accounts},
                         {"links", links},
                         {"pull-began-at", text_or_null(last.started_at)},
                         {"pull-ended-at", text_or_null(last.ended_at)},
                         {"sealed-pull-ended-at", text_or_null(last_sealed_at)},
                         {"written-at", text_or_null(last.written_at)}});
  for (const RunState& run : status.runs) runs.push_back(run_head(run));
  for (const JournalEntry& entry : status.open) open.push_back(operation_json(entry));
  ordered_json offboarded = ordered_json::array();
  for (const Offboarded& one : status.offboarded)
    offboarded.push_back({{"person", one.person},
                          {"since", one.since},
                          {"until", text_or_null(one.until)},
                          {"run", one.run},
                          {"actor", one.actor},
                          {"reason", text_or_null(one.reason)},
                          {"left", one.left}});
  ordered_json held_off = ordered_json::array();
  for (const HeldOff& one : status.held_off)
    held_off.push_back(
        {{"run", one.run}, {"undone", one.undone}, {"until", one.until}, {"parts", one.parts}});
  return {{"report", "status"},
          {"exit", exit_json(code)},
          {"state", status.state},
          {"platforms", platforms},
          {"runs", runs},
          {"open", open},
          {"open-unsent", status.open_operations.unsent},
          {"open-uncertain", status.open_operations.uncertain},
          {"secrets-waiting", status.secrets},
          {"links-found", status.links_found},
          {"offboarded", offboarded},
          {"held-off", held_off}};
}

ordered_json run_json(const RunState& run, const std::vector<JournalEntry>& operations, ExitCode code,
                      const EntitlementTitles& titles, const OperationReasons& reasons) {
  ordered_json out{{"report", "run"}, {"exit", exit_json(code)}};
  out.update(run_head(run));
  out["actor"] = text_or_null(run.actor);
  out["host"] = text_or_null(run.host);
  out["arguments"] = ordered_json::parse(run.arguments, nullptr, false);
  out["reason"] = text_or_null(run.reason);
  out["configuration"] = text_or_null(run.configuration);
  out["program"] = text_or_null(run.program);
  out["chain"] = text_or_null(run.chain);
  out["operations"] = ordered_json::array();
  for (const JournalEntry& entry : operations) {
    ordered_json one = operation_json(entry, titles);
    const auto because = reasons.find(entry.operation);
    one["because"] = because == reasons.end() ? ordered_json() : ordered_json(because->second);
    out["operations"].push_back(std::move(one));
  }
  return out;
}

}  // namespace usher
