#include "engine/notify/notify_memory.hpp"

#include <nlohmann/json.hpp>

namespace usher {

using nlohmann::json;

NotifyMemory::NotifyMemory(const std::string& text) {
  const json all = json::parse(text, nullptr, false);
  if (!all.is_array()) return;
  try {
    for (const json& one : all)
      entries_[{one.at("rule").get<std::string>(), one.at("event").get<std::string>()}] = {
          one.at("identity").get<std::string>(), one.at("since").get<std::string>(),
          one.at("runs").get<std::uint64_t>(), one.at("told-at").get<std::string>()};
  } catch (const json::exception&) {
    entries_.clear();
  }
}

std::string NotifyMemory::text() const {
  json all = json::array();
  for (const auto& [key, entry] : entries_)
    all.push_back({{"rule", key.first},
                   {"event", key.second},
                   {"identity", entry.identity},
                   {"since", entry.since},
                   {"runs", entry.runs},
                   {"told-at", entry.told_at}});
  return all.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

NotifyMemory::Entry& NotifyMemory::see(const std::string& rule, const Notice& notice,
                                       const std::string& now) {
  Entry& entry = entries_[{rule, to_string(notice.kind)}];
  if (entry.identity != notice.identity) entry = {notice.identity, now, 0, ""};
  ++entry.runs;
  return entry;
}

}  // namespace usher
