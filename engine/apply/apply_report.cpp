#include "engine/apply/apply_report.hpp"

namespace usher {

std::map<std::string, std::map<std::string, std::uint64_t>> named_counts(const ApplyReport& report) {
  std::map<std::string, std::map<std::string, std::uint64_t>> result;
  for (const auto& [platform, counts] : report.counts)
    for (const auto& [state, count] : counts) result[platform][to_string(state)] = count;
  return result;
}

}  // namespace usher
