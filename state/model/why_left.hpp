#pragma once

#include <cstdint>

namespace usher {

/// Why somebody's account is not to be used any more.
enum class WhyLeft : std::uint8_t {
  sources,   ///< no source has the person
  activity,  ///< a source has them, and they are not active
  scope,     ///< they are active, and out of the platform's scope
};

}  // namespace usher
