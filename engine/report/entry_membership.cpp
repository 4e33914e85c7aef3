#include "engine/report/entry_membership.hpp"

#include <nlohmann/json.hpp>

#include "state/store/journal.hpp"

namespace usher {

using nlohmann::ordered_json;

ordered_json membership_json(const JournalEntry& entry, const EntitlementTitles& titles) {
  const auto detail = nlohmann::json::parse(entry.detail, nullptr, false);
  const auto membership = detail.is_object() ? detail.find("membership") : detail.end();
  if (membership == detail.end() || !membership->is_object()) return nullptr;
  const std::string kind = membership->value("kind", ""), id = membership->value("entitlement", "");
  if (kind.empty()) return nullptr;
  const auto title = titles.find({entry.platform, kind, id});
  return {{"kind", kind},
          {"entitlement", id},
          {"name", title == titles.end() ? id : title->second},
          {"details", membership->value("details", nlohmann::json::array())}};
}

std::string membership_text(const JournalEntry& entry, const EntitlementTitles& titles) {
  const ordered_json membership = membership_json(entry, titles);
  if (membership.is_null()) return {};
  return membership["kind"].get<std::string>() + " " + membership["name"].get<std::string>();
}

}  // namespace usher
