#include "engine/apply/apply_report.hpp"

#include <nlohmann/json.hpp>

namespace usher {

const char* to_string(WaveEnd end) {
  switch (end) {
    case WaveEnd::not_begun:
      return "not-begun";
    case WaveEnd::done_before:
      return "done-before";
    case WaveEnd::done:
      return "done";
    case WaveEnd::failed:
      return "failed";
    case WaveEnd::given_up:
      return "given-up";
    case WaveEnd::interrupted:
      return "interrupted";
  }
  return "not-begun";
}

std::map<std::string, std::map<std::string, std::uint64_t>> named_counts(const ApplyReport& report) {
  std::map<std::string, std::map<std::string, std::uint64_t>> result;
  for (const auto& [platform, counts] : report.counts)
    for (const auto& [state, count] : counts) result[platform][to_string(state)] = count;
  return result;
}

nlohmann::json waves_summary(const ApplyReport& report) {
  if (report.waves.empty()) return nlohmann::json::object();
  nlohmann::json waves = nlohmann::json::array();
  for (const WaveReport& each : report.waves) {
    nlohmann::json counts = nlohmann::json::object();
    for (const auto& [state, count] : each.counts) counts[to_string(state)] = count;
    nlohmann::json gate;
    if (each.gate)
      gate = {{"passed", each.gate->failure.empty()},
              {"failure", each.gate->failure},
              {"seconds", each.gate->seconds}};
    waves.push_back({{"wave", waves.size() + 1},
                     {"people", each.size.people},
                     {"accounts", each.size.accounts},
                     {"operations", each.size.operations},
                     {"ended", to_string(each.end)},
                     {"counts", counts},
                     {"gate", gate}});
  }
  return {{"waves", waves},
          {"stopped", report.stopped.empty() ? nlohmann::json() : nlohmann::json(report.stopped)}};
}

}  // namespace usher
