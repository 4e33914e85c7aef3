#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace usher {

/// Why somebody's account is not to be used any more.
enum class WhyLeft : std::uint8_t {
  sources,   ///< no source has the person
  activity,  ///< a source has them, and they are not active
  scope,     ///< they are active, and out of the platform's scope
};

/// How the reason of a change begins that is made for it.
std::string_view beginning_of(WhyLeft why);

/// What the reason of a change, or the message of a note, says of it. nullopt: nothing.
std::optional<WhyLeft> why_left(std::string_view text);

}  // namespace usher
