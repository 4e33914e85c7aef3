#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "state/model/plan.hpp"

namespace usher {

/// What a plan does on one platform, in numbers.
struct PlatformSummary {
  struct Count {
    std::uint64_t operations = 0;  ///< held ones included
    std::uint64_t held = 0;
  };
  std::string platform;
  const Seal* seal = nullptr;  ///< of the plan; null when the plan names none
  std::map<OperationKind, Count> operations;
  std::uint64_t changes = 0;
  std::uint64_t links = 0;
  std::uint64_t notes = 0;
  std::uint64_t attention = 0;  ///< notes that ask for it
};

/// One entry for each platform the plan speaks of, sorted by name. Points into the plan.
std::vector<PlatformSummary> summarise(const Plan& plan);

/// "3,412 requests, about 11 min 21 s at 5 a second": what the plan costs on a platform; empty: nobody knows.
std::string cost_text(const Plan& plan, const std::string& platform);

}  // namespace usher
