#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace usher::http {

/// How long one run is ready to wait when a platform asks it to.
struct Patience {
  using Time = std::chrono::steady_clock::time_point;
  std::optional<Time> deadline = {};                          ///< of the run; nullopt: none
  std::chrono::milliseconds longest = std::chrono::hours(1);  ///< of one wait

  /// Whether a wait that begins now ends in time.
  bool allows(std::chrono::milliseconds wait, Time now) const {
    return wait.count() == 0 || (wait <= longest && (!deadline || now + wait < *deadline));
  }
};

}  // namespace usher::http
