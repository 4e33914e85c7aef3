#include "engine/answers/account_parts.hpp"

#include <set>

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

/// Visits every key of either map with its value in each; nullptr: it is not there.
template <class Key, class Visit>
void for_each_difference(const std::map<Key, json>& before, const std::map<Key, json>& now, Visit visit) {
  std::set<Key> all;
  for (const auto& [key, value] : before) all.insert(key);
  for (const auto& [key, value] : now) all.insert(key);
  for (const Key& key : all) {
    const auto old = before.find(key), fresh = now.find(key);
    const json* was = old == before.end() ? nullptr : &old->second;
    const json* is = fresh == now.end() ? nullptr : &fresh->second;
    if (was == nullptr || is == nullptr || *was != *is) visit(key, was, is);
  }
}

HistoryEntry change_of(const json* was, const json* is) {
  HistoryEntry one;
  one.act = "changed";
  if (was != nullptr) one.before = *was;
  if (is != nullptr) one.now = *is;
  return one;
}

}  // namespace

AccountParts parts_of(const Account& account) {
  AccountParts parts;
  flatten(json::parse(account.attributes), "", parts.values);
  parts.values["active"] = account.active;
  const json edges = json::parse(account.memberships.empty() ? "{}" : account.memberships);
  for (const auto& [kind, held] : edges.items()) {
    for (const auto& [id, details] : held.items()) parts.memberships[{kind, id}] = details;
  }
  return parts;
}

json named_parts(const AccountParts& parts, const EntitlementNames& names) {
  json all(parts.values);
  for (const auto& [edge, details] : parts.memberships)
    all[edge.first + " " + names.name_of(edge.first, edge.second)] = details;
  return all;
}

std::vector<HistoryEntry> changes_between(const AccountParts& before, const AccountParts& now,
                                          const EntitlementNames& names) {
  std::vector<HistoryEntry> changes;
  for_each_difference(before.values, now.values,
                      [&](const std::string& path, const json* was, const json* is) {
                        changes.push_back(change_of(was, is));
                        changes.back().what = path;
                      });
  for_each_difference(before.memberships, now.memberships,
                      [&](const auto& edge, const json* was, const json* is) {
                        HistoryEntry& one = changes.emplace_back(change_of(was, is));
                        one.what = edge.first + " " + names.name_of(edge.first, edge.second);
                        one.kind = edge.first;
                        one.entitlement = edge.second;
                        if (was == nullptr) one.act = "added";
                        if (is == nullptr) one.act = "removed";
                      });
  return changes;
}

}  // namespace usher
