#include "engine/answers/journal_history.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "engine/answers/difference_origin.hpp"
#include "engine/answers/plan_reasons.hpp"
#include "state/store/links.hpp"
#include "state/store/plans.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// What an operation without values changes.
std::string subject_of(const Operation& operation) {
  switch (operation.kind) {
    case OperationKind::rotate:
    case OperationKind::revoke:
      return operation.route.empty() ? "credentials" : operation.route;
    default:
      return "account";
  }
}

bool is_about(const Whom& whom, const json& link) {
  const std::string platform = link.value("platform", ""), account = link.value("account", "");
  if (!whom.person.empty() &&
      (link.value("person", "") == whom.person || link.value("was", "") == whom.person))
    return true;
  return std::any_of(whom.accounts.begin(), whom.accounts.end(),
                     [&](const Whom::At& at) { return at.platform == platform && at.account == account; });
}

bool is_link_command(const std::string& command) {
  return command == "link" || command == "unlink" || command == "relink";
}

}  // namespace

void JournalHistory::read_reasons(std::span<const JournalEntry> entries) {
  std::map<std::int64_t, std::set<std::string>> wanted;
  for (const JournalEntry& entry : entries) {
    const auto known = reasons_.find(entry.run);
    if (known == reasons_.end() || !known->second.changes.contains(entry.operation))
      wanted[entry.run].insert(entry.operation);
  }
  Connection& connection = inquiry_.database().connection();
  for (const auto& [run, operations] : wanted) {
    Reasons& reasons = reasons_[run];
    const auto made = Journal(connection).run(run);
    if (!made) continue;
    if (!made->actor.empty()) reasons.actor = made->actor + "@" + made->host;
    reasons.reason = made->reason;
    const auto stored = made->plan.empty() ? std::nullopt : Plans(connection).load(made->plan);
    if (stored) reasons.changes.merge(changes_of(stored->content, stored->digest, operations));
  }
}

void JournalHistory::add(std::span<const JournalEntry> entries, std::vector<HistoryEntry>& to) {
  read_reasons(entries);
  for (const JournalEntry& entry : entries) add(entry, to);
}

void JournalHistory::explain(HistoryEntry& entry, const std::string& operation, const std::string& path,
                             const Membership& membership) {
  const Reasons& reasons = reasons_.at(entry.run);
  entry.actor = reasons.actor;
  entry.reason = reasons.reason;
  const auto found = reasons.changes.find(operation);
  if (found == reasons.changes.end()) return;
  const Change& change = found->second;
  entry.because = change.because;
  for (const FieldChange& field : change.fields) {
    if (field.path == path) entry.rule = field.rule;
  }
  for (const MembershipChange& one : change.memberships) {
    if (one.kind != membership.kind || one.entitlement != membership.entitlement) continue;
    entry.rule = one.because;
    // Of one that the state has no name for: as it was called then.
    if (!one.name.empty() && entry.what == one.kind + " " + one.entitlement)
      entry.what = one.kind + " " + one.name;
  }
}

std::string JournalHistory::name_of(const JournalEntry& entry, const Membership& membership) {
  return membership.kind + " " +
         inquiry_.names(entry.platform).name_of(membership.kind, membership.entitlement);
}

void JournalHistory::add_edge(const HistoryEntry& base, const JournalEntry& entry,
                              const Membership& membership, std::vector<HistoryEntry>& to) {
  HistoryEntry& one = to.emplace_back(base);
  one.what = name_of(entry, membership);
  one.kind = membership.kind;
  one.entitlement = membership.entitlement;
  one.now = membership.details;
  explain(one, entry.operation, "", membership);
}

void JournalHistory::add(const JournalEntry& entry, std::vector<HistoryEntry>& to) {
  if (entry.state == OperationState::skipped || entry.state == OperationState::planned) return;
  const Operation operation = operation_from_json(json::parse(entry.detail));
  HistoryEntry base;
  base.at = entry.sent_at.empty() ? entry.ended_at : entry.sent_at;  // a later run may have found it done
  base.platform = entry.platform;
  base.person = entry.person;
  base.account = entry.account;
  base.label = entry.label;
  base.act = entry.kind;
  base.run = entry.run;
  base.state = to_string(entry.state);
  base.message = entry.message;
  base.approvals = operation.approvals;
  if (operation.kind == OperationKind::update) {
    for (const auto& [path, value] : operation.after.items()) {
      HistoryEntry& one = to.emplace_back(base);
      one.what = path;
      one.before = operation.before.value(path, json());
      one.now = value;
      explain(one, entry.operation, path, {});
    }
    return;
  }
  if (!operation.membership.kind.empty()) {
    add_edge(base, entry, operation.membership, to);
    HistoryEntry& one = to.back();
    if (operation.kind != OperationKind::add_membership) one.before = operation.held_details;
    if (operation.kind == OperationKind::remove_membership) one.now = nullptr;
    return;
  }
  HistoryEntry& one = to.emplace_back(base);
  one.what = subject_of(operation);
  if (operation.kind == OperationKind::create) one.now = operation.after;
  explain(one, entry.operation, "", {});
  if (operation.kind != OperationKind::create) return;
  HistoryEntry given = base;
  given.act = to_string(OperationKind::add_membership);
  for (const Membership& membership : operation.gives) add_edge(given, entry, membership, to);
}

void add_links(Inquiry& inquiry, const Whom& whom, std::vector<HistoryEntry>& to) {
  const auto person = [](const std::string& id) { return id.empty() ? json() : json(id); };
  for (const RunState& run : Journal(inquiry.database().connection()).link_runs()) {
    const json summary = json::parse(run.summary, nullptr, false);
    if (!summary.is_object() || !summary.contains("links")) continue;
    for (const json& link : summary["links"]) {
      if (!is_about(whom, link)) continue;
      HistoryEntry& one = to.emplace_back();
      one.at = run.ended_at;
      one.platform = link.value("platform", "");
      one.account = link.value("account", "");
      one.person = link.value("person", "");
      one.act = run.command;
      one.what = "person";
      one.before = person(link.value("was", ""));
      one.now = person(one.person);
      one.run = run.id;
      one.actor = run.actor.empty() ? "" : run.actor + "@" + run.host;
      one.reason = run.reason;
      one.state = "done";
    }
  }
}

void add_found_links(Inquiry& inquiry, const Whom& whom, std::vector<HistoryEntry>& to) {
  Connection& connection = inquiry.database().connection();
  const auto put = [&](const std::string& platform, const RememberedLink& link, bool ends) {
    const auto run = Journal(connection).run(run_at(connection, ends ? link.ended_at : link.since));
    if (!run || is_link_command(run->command)) return;  // forgotten, or told by add_links()
    HistoryEntry& one = to.emplace_back();
    one.at = ends ? link.ended_at : link.since;
    one.platform = platform;
    one.account = link.account;
    one.person = link.person;
    one.act = ends ? "unlink" : "link";
    one.what = "person";
    (ends ? one.before : one.now) = link.person;
    one.run = run->id;
    one.actor = run->actor.empty() ? "" : run->actor + "@" + run->host;
    one.reason = run->reason;
    one.state = "done";
    one.because = ends ? link.why : to_string(link.how);
  };
  for (const PlatformState& platform : Snapshots(connection).platforms()) {
    std::vector<std::string> accounts;
    for (const Whom::At& at : whom.accounts)
      if (at.platform == platform.name) accounts.push_back(at.account);
    if (accounts.empty()) accounts.emplace_back();  // links of the person alone
    std::set<std::pair<std::string, std::string>> told;
    for (const std::string& account : accounts) {
      const Fingerprint key = inquiry.database().fingerprints().of_id(account);
      for (const RememberedLink& link : Links(connection).all_of(platform.platform, whom.person, key)) {
        if (!told.emplace(link.since, link.account).second) continue;
        const bool found =
            link.how.kind == LinkOrigin::Kind::matched || link.how.kind == LinkOrigin::Kind::was;
        if (found) put(platform.name, link, false);
        if (!link.ended_at.empty()) put(platform.name, link, true);
      }
    }
  }
}

}  // namespace usher
