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

  /// Whether a wait that begins now ends in time. Up to a second more than the longest is allowed: a wait
  /// that a platform asks for is made longer by so much, that not everybody comes back at once.
  bool allows(std::chrono::milliseconds wait, Time now) const {
    const bool is_short = wait <= longest + std::chrono::seconds(1);
    return wait.count() == 0 || (is_short && (!deadline || now + wait < *deadline));
  }
};

}  // namespace usher::http
