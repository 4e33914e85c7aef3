#include "engine/answers/sightings.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "state/model/normalise.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// The value without what a platform may change in it.
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
  if (done.subject() != seen.subject()) return false;
  if (seen.act == "removed") return done.act == "remove-membership";
  if (done.act != "add-membership" && done.act != "change-membership") return false;
  return done.now.empty() || without_form(done.now) == without_form(seen.now);
}

}  // namespace

bool same_but_for_form(const json& one, const json& other) {
  return without_form(one) == without_form(other);
}

bool explains(const HistoryEntry& done, const HistoryEntry& seen) {
  if (done.account != seen.account || done.platform != seen.platform) return false;
  if (done.state == "failed" || done.at > seen.at || done.at < seen.after) return false;
  if (seen.act == "appeared") return done.act == "create";
  if (seen.act == "disappeared") return done.act == "delete";
  if (seen.is_membership()) return explains_edge(done, seen);
  if (seen.what == "active" && seen.now == true && (done.act == "enable" || done.act == "unlock"))
    return true;
  if (seen.what == "active" && seen.now == false && (done.act == "disable" || done.act == "lock"))
    return true;
  return done.act == "update" && sets(done, seen.what, seen.now);
}

bool any_explains(const std::vector<HistoryEntry>& done, const HistoryEntry& seen) {
  return std::any_of(done.begin(), done.end(), [&](const HistoryEntry& one) { return explains(one, seen); });
}

Sightings::Sightings(Inquiry& inquiry, std::string platform, PlatformId id, bool is_record)
    : inquiry_(inquiry),
      platform_(std::move(platform)),
      past_(inquiry.database().connection()),
      id_(id),
      is_record_(is_record),
      pulls_(past_.pulls(id)) {}

std::vector<HistoryEntry> Sightings::of(const std::string& account, const std::string& person) {
  std::vector<HistoryEntry> seen;
  for_each_step(account, person,
                [&](const HistoryEntry& entry, const AccountParts* before, const AccountParts* now) {
                  if (before == nullptr || now == nullptr) {
                    seen.push_back(of_account(entry, before, now));
                    return;
                  }
                  for (HistoryEntry& change : changes_between(*before, *now, inquiry_.names(platform_))) {
                    HistoryEntry& one = seen.emplace_back(entry);
                    one.act = std::move(change.act);
                    one.what = std::move(change.what);
                    one.kind = std::move(change.kind);
                    one.entitlement = std::move(change.entitlement);
                    one.before = std::move(change.before);
                    one.now = std::move(change.now);
                  }
                });
  return seen;
}

void Sightings::of_edge(const std::string& account, const std::string& person, const std::string& kind,
                        const std::string& entitlement, const EdgeVisitor& visit) {
  const auto held = [&](const AccountParts* parts) -> const json* {
    if (parts == nullptr) return nullptr;
    const auto found = parts->memberships.find({kind, entitlement});
    return found == parts->memberships.end() ? nullptr : &found->second;
  };
  for_each_step(account, person,
                [&](const HistoryEntry& entry, const AccountParts* before, const AccountParts* now) {
                  const json *was = held(before), *is = held(now);
                  if (was == is || (was != nullptr && is != nullptr && *was == *is)) return;
                  HistoryEntry edge = entry;
                  edge.act = was == nullptr ? "added" : is == nullptr ? "removed" : "changed";
                  edge.what = kind + " " + inquiry_.names(platform_).name_of(kind, entitlement);
                  edge.kind = kind;
                  edge.entitlement = entitlement;
                  if (was != nullptr) edge.before = *was;
                  if (is != nullptr) edge.now = *is;
                  if (before != nullptr && now != nullptr) return visit(std::move(edge), nullptr);
                  const HistoryEntry whole = of_account(entry, before, now);
                  visit(std::move(edge), &whole);
                });
}

void Sightings::for_each_step(const std::string& account, const std::string& person, const Step& visit) {
  HistoryEntry base;
  base.platform = platform_;
  base.person = person;
  base.account = account;
  const auto step = [&](std::uint64_t generation, const AccountParts* before, const AccountParts* now) {
    const auto pull = pulls_.find(generation);
    if (pull == pulls_.end()) return;
    HistoryEntry entry = base;
    entry.at = pull->second.ended_at;
    if (pull != pulls_.begin()) entry.after = std::prev(pull)->second.started_at;
    visit(entry, before, now);
  };
  std::optional<AccountParts> before;
  std::uint64_t gone = 0;
  for (const AccountVersion& version :
       past_.versions(id_, inquiry_.database().fingerprints().of_id(account))) {
    if (before && gone != version.born) {  // it was not there between the two
      step(gone, &*before, nullptr);
      before.reset();
    }
    base.label = is_record_ ? account : inquiry_.label(platform_, version.account);
    AccountParts now = parts_of(version.account);
    if (is_record_) now.values.erase("active");
    step(version.born, before ? &*before : nullptr, &now);
    before = std::move(now);
    if (!version.died) return;
    gone = *version.died;
  }
  if (before) step(gone, &*before, nullptr);
}

HistoryEntry Sightings::of_account(const HistoryEntry& entry, const AccountParts* before,
                                   const AccountParts* now) {
  HistoryEntry one = entry;
  one.act = now == nullptr ? "disappeared" : "appeared";
  one.what = is_record_ ? "record" : "account";
  if (before != nullptr) one.before = named_parts(*before, inquiry_.names(platform_));
  if (now != nullptr) one.now = named_parts(*now, inquiry_.names(platform_));
  return one;
}

}  // namespace usher
