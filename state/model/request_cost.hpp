#pragma once

#include <cstdint>

namespace usher {

/// What a run of changes asks of one platform where nothing goes wrong.
struct RequestCost {
  std::uint64_t requests = 0;
  double rate = 0;   ///< requests a second that the platform is given at most; 0: no limit is known
  double burst = 0;  ///< requests that may leave at once before that

  /// How long they take at that rate, in seconds; 0 where no limit is known.
  double seconds() const {
    const double rest = static_cast<double>(requests) - burst;
    return rate > 0 && rest > 0 ? rest / rate : 0;
  }
  bool operator==(const RequestCost&) const = default;
};

}  // namespace usher
