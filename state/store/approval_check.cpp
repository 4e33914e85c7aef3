#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "state/store/approvals.hpp"
#include "state/store/journal.hpp"
#include "state/store/run_chain.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// What of an approval is not as the run recorded it; empty: nothing.
std::string altered_in(Approvals& approvals, const Approval& approval, const RunState& run,
                       const json& summary) {
  if (approval.lanes != summary.at("lanes").get<std::vector<std::string>>()) return "its lanes";
  if (approval.until != summary.at("until").get<std::string>()) return "its end";
  if (approval.actor != run.actor + "@" + run.host) return "who gave it";
  if (approval.reason != run.reason) return "its reason";
  return digest_of_admitted(approvals.operations_of(approval.id)) == summary.at("admits").get<std::string>()
             ? ""
             : "what it admits";
}

/// When the oldest run that is remembered began; empty: there is none.
std::string oldest_start(Connection& connection) {
  Statement select = connection.prepare("select coalesce(min(started_at), '') from run");
  select.step();
  return std::string(select.text(0));
}

}  // namespace

std::vector<ChainBreak> check_approvals(Connection& connection) {
  Approvals approvals(connection);
  std::map<std::int64_t, Approval> known;
  for (Approval& approval : approvals.all()) known.emplace(approval.id, std::move(approval));
  std::set<std::int64_t> given;
  std::vector<ChainBreak> breaks;
  const auto say = [&](const RunState& run, std::int64_t approval, const std::string& why) {
    breaks.push_back({run.id, "approval " + std::to_string(approval) + ": " + why});
  };
  for (const RunState& run : Journal(connection).runs_of("approve")) {
    const json summary = json::parse(run.summary, nullptr, false);
    for (const json& id : summary.value("revoked", json::array())) {
      const auto found = known.find(id.get<std::int64_t>());
      if (found == known.end() || found->second.revoked_at.empty())
        say(run, id.get<std::int64_t>(), "it was revoked, and is not any more");
    }
    if (!summary.contains("admits")) continue;
    const auto id = summary.at("approval").get<std::int64_t>();
    given.insert(id);
    const auto found = known.find(id);
    if (found == known.end()) {
      say(run, id, "it is gone");
    } else if (const std::string what = altered_in(approvals, found->second, run, summary); !what.empty()) {
      say(run, id, what + " is not what was recorded when it was given");
    }
  }
  // One that is older than every run that is remembered was given by a run that is not.
  const std::string oldest = oldest_start(connection);
  for (const auto& [id, approval] : known)
    if (!given.contains(id) && !oldest.empty() && approval.given_at >= oldest)
      breaks.push_back({0, "approval " + std::to_string(id) + ": no run gave it"});
  return breaks;
}

}  // namespace usher
