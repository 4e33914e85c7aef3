#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "state/model/sha256.hpp"
#include "state/store/approvals.hpp"
#include "state/store/journal.hpp"
#include "state/store/run_chain.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// Compares the approvals of a state with what the runs of `usher approve` recorded, one run after the other.
class ApprovalCheck {
 public:
  explicit ApprovalCheck(Connection& connection) : connection_(connection), approvals_(connection) {
    for (Approval& approval : approvals_.all()) known_.emplace(approval.id, std::move(approval));
  }

  std::vector<ChainBreak> run() {
    for (const RunState& run : Journal(connection_).runs_of("approve")) {
      try {
        compare(run, json::parse(run.summary));
      } catch (const json::exception&) {
        breaks_.push_back({run.id, "its summary is not one of `usher approve`"});
      }
    }
    // One that is older than every run that is remembered was given by a run that is not.
    const std::string oldest = oldest_start();
    for (const auto& [id, approval] : known_) {
      const auto is_of_a_run_that_is_kept = [&](const std::string& at) {
        return !oldest.empty() && at >= oldest;
      };
      if (!given_.contains(id) && is_of_a_run_that_is_kept(approval.given_at)) say(0, id, "no run gave it");
      if (!revoked_.contains(id) && !approval.revoked_at.empty() &&
          is_of_a_run_that_is_kept(approval.revoked_at))
        say(0, id, "no run revoked it");
      for (const ApprovalSignature& one : approvals_.signatures_of(id))
        if (!signed_.contains({id, one.principal, sha256(one.signature)}) &&
            is_of_a_run_that_is_kept(one.given_at))
          say(0, id, "no run took the signature of " + one.principal);
    }
    return std::move(breaks_);
  }

 private:
  void compare(const RunState& run, const json& summary) {
    for (const json& revoked : summary.value("revoked", json::array())) {
      const auto id = revoked.get<std::int64_t>();
      revoked_.insert(id);
      const Approval* const found = find(id);
      if (found == nullptr || found->revoked_at.empty())
        say(run.id, id, "it was revoked, and is not any more");
    }
    if (summary.contains("signed-by")) compare_signature(run, summary);
    if (!summary.contains("admits")) return;
    const auto id = summary.at("approval").get<std::int64_t>();
    given_.insert(id);
    const Approval* const found = find(id);
    const std::string what = found == nullptr ? std::string() : altered_in(*found, run, summary);
    if (found == nullptr) say(run.id, id, "it is gone");
    if (!what.empty()) say(run.id, id, what + " is not what was recorded when it was given");
  }

  void compare_signature(const RunState& run, const json& summary) {
    const auto id = summary.at("approval").get<std::int64_t>();
    const auto principal = summary.at("signed-by").get<std::string>();
    const auto digest = summary.at("signature").get<std::string>();
    signed_.insert({id, principal, digest});
    const std::vector<ApprovalSignature> all = approvals_.signatures_of(id);
    const bool there = std::ranges::any_of(all, [&](const ApprovalSignature& one) {
      return one.principal == principal && sha256(one.signature) == digest;
    });
    if (!there)
      say(run.id, id, "the signature of " + principal + " is not what was recorded when it was given");
  }

  /// What of an approval is not as the run recorded it; empty: nothing.
  std::string altered_in(const Approval& approval, const RunState& run, const json& summary) {
    if (approval.lanes != summary.at("lanes").get<std::vector<std::string>>()) return "its lanes";
    if (approval.plan != summary.at("plan").get<std::string>()) return "its plan";
    if (approval.given_at != summary.at("given-at").get<std::string>()) return "when it was given";
    if (approval.until != summary.at("until").get<std::string>()) return "its end";
    if (approval.actor != run.actor + "@" + run.host) return "who gave it";
    if (approval.reason != run.reason) return "its reason";
    const std::string admits = digest_of_admitted(approvals_.operations_of(approval.id));
    return admits == summary.at("admits").get<std::string>() ? "" : "what it admits";
  }

  const Approval* find(std::int64_t id) const {
    const auto found = known_.find(id);
    return found == known_.end() ? nullptr : &found->second;
  }

  void say(std::int64_t run, std::int64_t approval, const std::string& why) {
    breaks_.push_back({run, "approval " + std::to_string(approval) + ": " + why});
  }

  /// When the oldest run began that is forgotten by the same rule as one of `usher approve`; empty: there is
  /// none. Runs with operations may be kept longer.
  std::string oldest_start() {
    Statement select = connection_.prepare(
        "select coalesce(min(started_at), '') from run "
        "where not exists (select 1 from journal where journal.run = run.id or journal.ended_in = run.id)");
    select.step();
    return std::string(select.text(0));
  }

  Connection& connection_;
  Approvals approvals_;
  std::map<std::int64_t, Approval> known_;
  std::set<std::int64_t> given_, revoked_;  // by runs
  std::set<std::tuple<std::int64_t, std::string, std::string>>
      signed_;  // approval, person, digest of a signature
  std::vector<ChainBreak> breaks_;
};

}  // namespace

std::vector<ChainBreak> check_approvals(Connection& connection) {
  return ApprovalCheck(connection).run();
}

}  // namespace usher
