#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tuple>

namespace usher {

struct JournalEntry;

/// What entitlements are called, by platform, kind and id.
using EntitlementTitles = std::map<std::tuple<std::string, std::string, std::string>, std::string>;

/// The membership that an operation of the journal is about: kind, entitlement (id), name and details; null:
/// it is about none. An entitlement without a title is called by its id.
nlohmann::ordered_json membership_json(const JournalEntry& entry, const EntitlementTitles& titles);

/// "group engineers"; empty: it is about none.
std::string membership_text(const JournalEntry& entry, const EntitlementTitles& titles);

}  // namespace usher
