#include "engine/answers/history.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "engine/answers/journal_history.hpp"
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

/// Whether what this program did is what a pull saw.
bool explains(const HistoryEntry& done, const HistoryEntry& seen) {
  if (done.account != seen.account || done.platform != seen.platform) return false;
  if (done.state == "failed" || done.at > seen.at || done.at < seen.after) return false;
  if (done.what == seen.what || seen.what.starts_with(done.what + ".")) return true;
  if (seen.act == "appeared") return done.act == "create";
  if (seen.act == "disappeared") return done.act == "delete";
  return seen.what == "active" && (done.act == "enable" || done.act == "disable");
}

bool any_explains(const std::vector<HistoryEntry>& done, const HistoryEntry& seen) {
  return std::any_of(done.begin(), done.end(), [&](const HistoryEntry& one) { return explains(one, seen); });
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

void sort_by_time(std::vector<HistoryEntry>& entries) {
  std::stable_sort(entries.begin(), entries.end(),
                   [](const HistoryEntry& a, const HistoryEntry& b) { return a.at < b.at; });
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
    Sightings(inquiry, source.name, source.platform, true)
        .of(versions.back().account.id, whom.person, {}, to);
  }
}

}  // namespace

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
    for (const JournalEntry& entry : past.operations_of_person(whom.person)) journal.add(entry, done);
  }
  for (const Whom::At& at : whom.accounts) {
    for (const JournalEntry& entry : past.operations_of_account(at.platform, at.account)) {
      if (whom.person.empty() || entry.person != whom.person) journal.add(entry, done);
    }
  }
  for (const Whom::At& at : whom.accounts) {
    const auto platform = inquiry.database().find_platform(at.platform);
    if (platform) Sightings(inquiry, at.platform, *platform, false).of(at.account, whom.person, done, seen);
  }
  add_records(inquiry, whom, seen);
  done.insert(done.end(), seen.begin(), seen.end());
  sort_by_time(done);
  return done;
}

std::vector<HistoryEntry> history_of(Inquiry& inquiry, const std::string& platform,
                                     const Entitlement& entitlement) {
  std::vector<HistoryEntry> done, seen;
  const auto id = inquiry.database().find_platform(platform);
  if (!id) return done;
  Connection& connection = inquiry.database().connection();
  Past past(connection);
  const std::string what =
      entitlement.kind + " " + inquiry.names(platform).name_of(entitlement.kind, entitlement.id);
  JournalHistory journal(inquiry);
  for (const JournalEntry& entry : past.operations_on(platform, entitlement.kind, entitlement.id))
    journal.add(entry, done);
  std::erase_if(done, [&](const HistoryEntry& entry) { return entry.what != what; });
  std::set<std::string> members;
  past.for_each_member_version(*id, entitlement.kind, entitlement.id,
                               [&](const AccountVersion& version) { members.insert(version.account.id); });
  Sightings sightings(inquiry, platform, *id, false);
  for (const std::string& account : members) {
    const auto link = Links(connection).of_account(*id, inquiry.database().fingerprints().of_id(account));
    sightings.of(account, link ? link->person : "", done, seen);
  }
  std::vector<HistoryEntry> found;
  for (HistoryEntry& entry : seen) {
    if (entry.what == what) {
      found.push_back(std::move(entry));
      continue;
    }
    const bool whole = entry.act == "appeared" || entry.act == "disappeared";
    const json& parts = entry.act == "appeared" ? entry.now : entry.before;
    if (!whole || !parts.is_object() || !parts.contains(what)) continue;
    HistoryEntry edge = entry;
    edge.what = what;
    edge.act = entry.act == "appeared" ? "added" : "removed";
    edge.before = entry.act == "appeared" ? json() : parts.at(what);
    edge.now = entry.act == "appeared" ? parts.at(what) : json();
    if (!any_explains(done, edge)) found.push_back(std::move(edge));
  }
  done.insert(done.end(), found.begin(), found.end());
  sort_by_time(done);
  return done;
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
