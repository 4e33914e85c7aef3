#include "engine/answers/history.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "engine/answers/journal_history.hpp"
#include "engine/answers/sightings.hpp"
#include "state/store/former_entitlements.hpp"
#include "state/store/links.hpp"
#include "state/store/past.hpp"
#include "state/store/people.hpp"

namespace usher {

namespace {

/// The membership went with its account, which this operation deleted.
HistoryEntry edge_by(HistoryEntry operation, const HistoryEntry& edge) {
  operation.what = edge.what;
  operation.kind = edge.kind;
  operation.entitlement = edge.entitlement;
  operation.before = edge.before;
  operation.now = edge.now;
  return operation;
}

/// Who came into an entitlement and went out of it.
class EdgeHistory {
 public:
  EdgeHistory(Inquiry& inquiry, const std::string& platform, PlatformId id, const Entitlement& entitlement)
      : inquiry_(inquiry),
        platform_(platform),
        id_(id),
        kind_(entitlement.kind),
        entitlement_(entitlement.id),
        past_(inquiry.database().connection()),
        journal_(inquiry),
        sightings_(inquiry, platform, id, false) {}

  /// operations: on the entitlement. accounts: those whose versions are looked at.
  std::vector<HistoryEntry> of(const std::vector<JournalEntry>& operations,
                               const std::set<std::string>& accounts) {
    std::vector<HistoryEntry> done;
    journal_.add(operations, done);
    std::erase_if(done, [&](const HistoryEntry& entry) {
      return entry.kind != kind_ || entry.entitlement != entitlement_;
    });
    std::map<std::string, std::vector<HistoryEntry>> done_to;
    for (const HistoryEntry& entry : done) done_to[entry.account].push_back(entry);
    const auto deletions = deletions_of(accounts);
    for (const std::string& account : accounts) add_seen(account, done_to[account], deletions, done);
    sort_by_time(done);
    return done;
  }

 private:
  using ByAccount = std::map<std::string, std::vector<HistoryEntry>>;

  /// All at once: the plan of a run that deleted many of them is read once.
  ByAccount deletions_of(const std::set<std::string>& accounts) {
    std::vector<JournalEntry> removals;
    for (const std::string& account : accounts) {
      std::vector<JournalEntry> entries = past_.operations_of_account(platform_, account);
      std::erase_if(entries,
                    [](const JournalEntry& entry) { return entry.kind != to_string(OperationKind::remove); });
      std::move(entries.begin(), entries.end(), std::back_inserter(removals));
    }
    std::vector<HistoryEntry> entries;
    journal_.add(removals, entries);
    ByAccount deletions;
    for (HistoryEntry& entry : entries) deletions[entry.account].push_back(std::move(entry));
    return deletions;
  }

  void add_seen(const std::string& account, const std::vector<HistoryEntry>& known,
                const ByAccount& deletions, std::vector<HistoryEntry>& to) {
    const auto found = deletions.find(account);
    const std::vector<HistoryEntry> none;
    const std::vector<HistoryEntry>& its = found == deletions.end() ? none : found->second;
    sightings_.of_edge(
        account, "", kind_, entitlement_, [&](HistoryEntry edge, const HistoryEntry* of_account) {
          if (any_explains(known, edge)) return;
          edge.person = holder_of(edge);
          // A membership that a create did not ask for came from somebody else.
          const auto deletion = std::find_if(its.begin(), its.end(), [&](const auto& one) {
            return of_account != nullptr && of_account->act == "disappeared" && explains(one, *of_account);
          });
          to.push_back(deletion == its.end() ? std::move(edge) : edge_by(*deletion, edge));
        });
  }

  /// Whose the account was then; where nobody was linked to it yet, whose it is.
  std::string holder_of(const HistoryEntry& edge) {
    Links links(inquiry_.database().connection());
    const Fingerprint key = inquiry_.database().fingerprints().of_id(edge.account);
    for (const std::string& time : {edge.at, edge.after})
      if (std::string holder = links.holder_at(id_, key, time); !holder.empty()) return holder;
    const auto link = links.of_account(id_, key);
    return link ? link->person : std::string();
  }

  Inquiry& inquiry_;
  const std::string platform_;
  const PlatformId id_;
  const std::string kind_, entitlement_;
  Past past_;
  JournalHistory journal_;
  Sightings sightings_;
};

/// Whether the account was somebody's when it changed, or may have been.
bool was_theirs(Inquiry& inquiry, const Whom& whom, const HistoryEntry& seen) {
  const auto then = [&](const std::string& time) {
    return usher::was_theirs(inquiry, whom, seen.platform, seen.account, time);
  };
  return then(seen.at) || (!seen.after.empty() && then(seen.after));
}

void add_records(Inquiry& inquiry, const Whom& whom, std::vector<HistoryEntry>& to) {
  if (whom.person.empty()) return;
  Connection& connection = inquiry.database().connection();
  const auto row = People(connection).find(inquiry.database().fingerprints().of_person(whom.person));
  const Fingerprint key = row ? row->record : inquiry.database().fingerprints().of_id(whom.person);
  for (const Source& source : inquiry.input().sources) {
    const bool is_target = std::any_of(whom.accounts.begin(), whom.accounts.end(),
                                       [&](const Whom::At& at) { return at.platform == source.name; });
    const auto versions = Past(connection).versions(source.platform, key);
    if (versions.empty() || is_target) continue;
    for (HistoryEntry& seen :
         Sightings(inquiry, source.name, source.platform, true).of(versions.back().account.id, whom.person))
      to.push_back(std::move(seen));
  }
}

}  // namespace

void sort_by_time(std::vector<HistoryEntry>& entries) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const HistoryEntry& a, const HistoryEntry& b) { return a.at < b.at; });
}

std::vector<HistoryEntry> history_of(Inquiry& inquiry, const Whom& whom) {
  std::vector<HistoryEntry> done, seen;
  JournalHistory journal(inquiry);
  Past past(inquiry.database().connection());
  if (!whom.person.empty()) {
    journal.add(past.operations_of_person(whom.person), done);
  }
  for (const Whom::At& at : whom.accounts) {
    std::vector<JournalEntry> entries = past.operations_of_account(at.platform, at.account);
    std::erase_if(entries, [&](const JournalEntry& entry) {
      const std::string& then = entry.sent_at.empty() ? entry.ended_at : entry.sent_at;
      const bool of_another = !entry.person.empty() && !whom.keys.contains(entry.person);
      return !whom.person.empty() && (entry.person == whom.person || of_another ||
                                      !was_theirs(inquiry, whom, at.platform, at.account, then));
    });
    journal.add(entries, done);
  }
  for (const Whom::At& at : whom.accounts) {
    const auto platform = inquiry.database().find_platform(at.platform);
    if (!platform) continue;
    for (HistoryEntry& one : Sightings(inquiry, at.platform, *platform, false).of(at.account, whom.person))
      if (!any_explains(done, one) && was_theirs(inquiry, whom, one)) seen.push_back(std::move(one));
  }
  add_records(inquiry, whom, seen);
  add_links(inquiry, whom, done);
  add_found_links(inquiry, whom, done);
  done.insert(done.end(), seen.begin(), seen.end());
  sort_by_time(done);
  return done;
}

std::vector<HistoryEntry> history_of(Inquiry& inquiry, const std::string& platform,
                                     const Entitlement& entitlement) {
  const auto id = inquiry.database().find_platform(platform);
  if (!id) return {};
  Past past(inquiry.database().connection());
  std::set<std::string> members;
  past.for_each_member_version(*id, entitlement.kind, entitlement.id, std::nullopt,
                               [&](const AccountVersion& version) { members.insert(version.account.id); });
  return EdgeHistory(inquiry, platform, *id, entitlement)
      .of(past.operations_on(platform, entitlement.kind, entitlement.id), members);
}

std::vector<HistoryEntry> history_of(Inquiry& inquiry, const std::string& platform,
                                     const Entitlement& entitlement, const Whom& whom) {
  const auto id = inquiry.database().find_platform(platform);
  if (!id) return {};
  Past past(inquiry.database().connection());
  std::vector<JournalEntry> operations;
  std::set<std::string> accounts;
  for (const Whom::At& at : whom.accounts) {
    if (at.platform != platform || !accounts.insert(at.account).second) continue;
    for (JournalEntry& one : past.operations_on(platform, entitlement.kind, entitlement.id, at.account))
      operations.push_back(std::move(one));
  }
  std::vector<HistoryEntry> all = EdgeHistory(inquiry, platform, *id, entitlement).of(operations, accounts);
  std::erase_if(all, [&](const HistoryEntry& entry) {
    return !whom.keys.contains(entry.person) && !was_theirs(inquiry, whom, entry);
  });
  return all;
}

std::vector<std::pair<std::string, Entitlement>> find_entitlements(Inquiry& inquiry, const std::string& name,
                                                                   const std::string& on) {
  std::vector<std::pair<std::string, Entitlement>> found;
  Connection& connection = inquiry.database().connection();
  const auto is_it = [&](const Entitlement& one) {
    return one.name == name || one.id == name || (!one.scope.empty() && one.scope + "/" + one.name == name);
  };
  for (const PlatformState& platform : Snapshots(connection).platforms()) {
    if (!on.empty() && platform.name != on) continue;
    std::set<std::pair<std::string, std::string>> taken;  // one that had several names is found once
    const auto take = [&](const Entitlement& one) {
      if (taken.insert({one.kind, one.id}).second) found.emplace_back(platform.name, one);
    };
    for (const Entitlement& one : Snapshots(connection).entitlements(platform.platform))
      if (is_it(one)) take(one);
    // A name that another has by now is that one's; its former holder is asked for by id.
    const bool is_taken = !taken.empty();
    for (const Entitlement& one : former_entitlements(connection, platform.platform))
      if (!is_taken && is_it(one)) take(one);
    for (const std::string& kind : Past(connection).kinds_of(platform.name, name)) take({kind, name, "", ""});
  }
  return found;
}

}  // namespace usher
