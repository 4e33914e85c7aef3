#include "engine/answers/history.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "engine/answers/journal_history.hpp"
#include "state/model/normalise.hpp"
#include "state/store/links.hpp"
#include "state/store/past.hpp"
#include "state/store/people.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// The leaves of an object by their dotted paths; lists are leaves.
void flatten(const json& value, const std::string& prefix, std::map<std::string, json>& leaves) {
  for (const auto& [name, member] : value.items()) {
    const std::string path = prefix.empty() ? name : prefix + "." + name;
    if (member.is_object()) {
      flatten(member, path, leaves);
    } else {
      leaves[path] = member;
    }
  }
}

bool is_edge(const std::string& what) {
  return what.find(' ') != std::string::npos;
}

/// The value without what a platform may change in it: case and outer space of texts, the order of lists, and
/// whether what is empty is there.
json without_form(const json& value) {
  if (value.is_string() && !value.get_ref<const std::string&>().empty())
    return without_case(value.get_ref<const std::string&>());
  if (value.is_array() && !value.empty()) {
    std::set<json> members;
    for (const json& one : value) members.insert(without_form(one));
    return json(members);
  }
  if (value.is_object() && !value.empty()) {
    json members = json::object();
    for (const auto& [name, one] : value.items()) members[name] = without_form(one);
    return members;
  }
  return value.is_string() || value.is_structured() ? json() : value;
}

/// Whether an update set the attribute at this path to this value.
bool sets(const HistoryEntry& done, const std::string& path, const json& value) {
  if (done.what == path) return without_form(done.now) == without_form(value);
  if (!path.starts_with(done.what + ".")) return false;
  const json& part = at_path(done.now, std::string_view(path).substr(done.what.size() + 1));
  return without_form(part) == without_form(value);
}

/// Whether an operation on this membership is what a pull saw of it. Details that usher left to the platform
/// may be any.
bool explains_edge(const HistoryEntry& done, const HistoryEntry& seen) {
  if (done.what != seen.what) return false;
  if (seen.act == "removed") return done.act == "remove-membership";
  if (done.act != "add-membership" && done.act != "change-membership") return false;
  return done.now.empty() || without_form(done.now) == without_form(seen.now);
}

/// Whether an operation of usher is what a pull saw.
bool explains(const HistoryEntry& done, const HistoryEntry& seen) {
  if (done.account != seen.account || done.platform != seen.platform) return false;
  if (done.state == "failed" || done.at > seen.at || done.at < seen.after) return false;
  if (seen.act == "appeared") return done.act == "create";
  if (seen.act == "disappeared") return done.act == "delete";
  if (is_edge(seen.what)) return explains_edge(done, seen);
  if (seen.what == "active" && seen.now == true && (done.act == "enable" || done.act == "unlock"))
    return true;
  if (seen.what == "active" && seen.now == false && (done.act == "disable" || done.act == "lock"))
    return true;
  return done.act == "update" && sets(done, seen.what, seen.now);
}

bool any_explains(const std::vector<HistoryEntry>& done, const HistoryEntry& seen) {
  return std::any_of(done.begin(), done.end(), [&](const HistoryEntry& one) { return explains(one, seen); });
}

/// Of what a pull saw of an account, what it says of one membership: itself, or its part in an account that
/// came or went; nullopt: nothing.
std::optional<HistoryEntry> edge_of(const HistoryEntry& seen, const std::string& what) {
  if (seen.what == what) return seen;
  const bool came = seen.act == "appeared";
  const json& parts = came ? seen.now : seen.before;
  if ((!came && seen.act != "disappeared") || !parts.is_object() || !parts.contains(what))
    return std::nullopt;
  HistoryEntry edge = seen;
  edge.what = what;
  edge.act = came ? "added" : "removed";
  edge.before = came ? json() : parts.at(what);
  edge.now = came ? parts.at(what) : json();
  return edge;
}

/// The membership went with its account, which this operation deleted.
HistoryEntry edge_by(HistoryEntry operation, const HistoryEntry& edge) {
  operation.what = edge.what;
  operation.before = edge.before;
  operation.now = edge.now;
  return operation;
}

/// What the pulls of one account saw.
class Sightings {
 public:
  Sightings(Inquiry& inquiry, std::string platform, PlatformId id, bool is_record)
      : inquiry_(inquiry),
        platform_(std::move(platform)),
        past_(inquiry.database().connection()),
        id_(id),
        is_record_(is_record),
        pulls_(past_.pulls(id)) {}

  /// known: what this program did to the account, by `what`.
  void of(const std::string& account, const std::string& person, const std::vector<HistoryEntry>& known,
          std::vector<HistoryEntry>& to) {
    HistoryEntry base;
    base.platform = platform_;
    base.person = person;
    base.account = account;
    const auto versions = past_.versions(id_, inquiry_.database().fingerprints().of_id(account));
    std::map<std::string, json> before;
    std::optional<std::uint64_t> gone = 0;
    for (const AccountVersion& version : versions) {
      base.label = is_record_ ? account : inquiry_.label(platform_, version.account);
      std::map<std::string, json> now = parts_of(version.account, inquiry_.names(platform_));
      if (is_record_) now.erase("active");
      if (gone != version.born) {  // it was not there between the two
        if (*gone != 0) add(base, *gone, "disappeared", what_it_is(), {}, {}, known, to);
        add(base, version.born, "appeared", what_it_is(), {}, json(now), known, to);
      } else {
        compare(base, version.born, before, now, known, to);
      }
      before = std::move(now);
      gone = version.died;
      if (!gone) return;
    }
    if (!versions.empty()) add(base, *gone, "disappeared", what_it_is(), json(before), {}, known, to);
  }

 private:
  std::string what_it_is() const { return is_record_ ? "record" : "account"; }

  void compare(const HistoryEntry& base, std::uint64_t generation, const std::map<std::string, json>& before,
               const std::map<std::string, json>& now, const std::vector<HistoryEntry>& known,
               std::vector<HistoryEntry>& to) {
    for (const HistoryEntry& each : changes_between(before, now))
      add(base, generation, each.act.c_str(), each.what, each.before, each.now, known, to);
  }

  void add(HistoryEntry entry, std::uint64_t generation, const char* act, const std::string& what,
           const json& before, const json& now, const std::vector<HistoryEntry>& known,
           std::vector<HistoryEntry>& to) const {
    const auto pull = pulls_.find(generation);
    if (pull == pulls_.end()) return;
    entry.at = pull->second.ended_at;
    if (pull != pulls_.begin()) entry.after = std::prev(pull)->second.started_at;
    entry.act = act;
    entry.what = what;
    entry.before = before;
    entry.now = now;
    if (!any_explains(known, entry)) to.push_back(std::move(entry));
  }

  Inquiry& inquiry_;
  const std::string platform_;
  Past past_;
  const PlatformId id_;
  const bool is_record_;
  const std::map<std::uint64_t, PullTimes> pulls_;
};

/// Who came into an entitlement and went out of it.
class EdgeHistory {
 public:
  EdgeHistory(Inquiry& inquiry, const std::string& platform, PlatformId id, const Entitlement& entitlement)
      : inquiry_(inquiry),
        platform_(platform),
        id_(id),
        what_(entitlement.kind + " " + inquiry.names(platform).name_of(entitlement.kind, entitlement.id)),
        past_(inquiry.database().connection()),
        journal_(inquiry),
        sightings_(inquiry, platform, id, false) {}

  /// operations: on the entitlement. accounts: those whose versions are looked at.
  std::vector<HistoryEntry> of(const std::vector<JournalEntry>& operations,
                               const std::set<std::string>& accounts) {
    std::vector<HistoryEntry> done;
    journal_.add(operations, done);
    std::erase_if(done, [&](const HistoryEntry& entry) { return entry.what != what_; });
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
    const auto link = Links(inquiry_.database().connection())
                          .of_account(id_, inquiry_.database().fingerprints().of_id(account));
    std::vector<HistoryEntry> seen;
    sightings_.of(account, link ? link->person : "", {}, seen);
    const auto found = deletions.find(account);
    const std::vector<HistoryEntry> none;
    const std::vector<HistoryEntry>& its = found == deletions.end() ? none : found->second;
    for (const HistoryEntry& entry : seen) {
      const auto edge = edge_of(entry, what_);
      if (!edge || any_explains(known, *edge)) continue;
      // A membership that a create did not ask for came from somebody else.
      const auto deletion = std::find_if(its.begin(), its.end(), [&](const HistoryEntry& one) {
        return entry.act == "disappeared" && explains(one, entry);
      });
      to.push_back(deletion == its.end() ? *edge : edge_by(*deletion, *edge));
    }
  }

  Inquiry& inquiry_;
  const std::string platform_;
  const PlatformId id_;
  const std::string what_;
  Past past_;
  JournalHistory journal_;
  Sightings sightings_;
};

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
    Sightings(inquiry, source.name, source.platform, true)
        .of(versions.back().account.id, whom.person, {}, to);
  }
}

}  // namespace

void sort_by_time(std::vector<HistoryEntry>& entries) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const HistoryEntry& a, const HistoryEntry& b) { return a.at < b.at; });
}

std::map<std::string, json> parts_of(const Account& account, const EntitlementNames& names) {
  std::map<std::string, json> parts;
  flatten(json::parse(account.attributes), "", parts);
  parts["active"] = account.active;
  const json edges = json::parse(account.memberships.empty() ? "{}" : account.memberships);
  for (const auto& [kind, held] : edges.items()) {
    for (const auto& [id, details] : held.items()) parts[kind + " " + names.name_of(kind, id)] = details;
  }
  return parts;
}

std::vector<HistoryEntry> changes_between(const std::map<std::string, json>& before,
                                          const std::map<std::string, json>& now) {
  std::vector<HistoryEntry> changes;
  std::set<std::string> all;
  for (const auto& [what, value] : before) all.insert(what);
  for (const auto& [what, value] : now) all.insert(what);
  for (const std::string& what : all) {
    const auto old = before.find(what), fresh = now.find(what);
    if (old != before.end() && fresh != now.end() && old->second == fresh->second) continue;
    HistoryEntry& one = changes.emplace_back();
    one.what = what;
    one.act = "changed";
    if (is_edge(what) && old == before.end()) one.act = "added";
    if (is_edge(what) && fresh == now.end()) one.act = "removed";
    if (old != before.end()) one.before = old->second;
    if (fresh != now.end()) one.now = fresh->second;
  }
  return changes;
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
      return !whom.person.empty() && entry.person == whom.person;
    });
    journal.add(entries, done);
  }
  for (const Whom::At& at : whom.accounts) {
    const auto platform = inquiry.database().find_platform(at.platform);
    if (platform) Sightings(inquiry, at.platform, *platform, false).of(at.account, whom.person, done, seen);
  }
  add_records(inquiry, whom, seen);
  add_links(inquiry, whom, done);
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
  return EdgeHistory(inquiry, platform, *id, entitlement).of(operations, accounts);
}

std::vector<std::pair<std::string, Entitlement>> find_entitlements(Inquiry& inquiry, const std::string& name,
                                                                   const std::string& on) {
  std::vector<std::pair<std::string, Entitlement>> found;
  Snapshots snapshots(inquiry.database().connection());
  for (const PlatformState& platform : snapshots.platforms()) {
    if (!on.empty() && platform.name != on) continue;
    for (const Entitlement& one : snapshots.entitlements(platform.platform)) {
      if (one.name == name || one.id == name || (!one.scope.empty() && one.scope + "/" + one.name == name))
        found.emplace_back(platform.name, one);
    }
  }
  return found;
}

}  // namespace usher
