#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace usher {

/// How the link of a person and an account came about.
struct LinkOrigin {
  enum class Kind : std::uint8_t {
    created,
    created_unusable,  ///< made for somebody who may not log in: "created disabled"
    matched,
    was,      ///< the person has a new key: "was C77"
    by_hand,  ///< "linked by hand"
  };
  Kind kind = Kind::created;
  std::string by = {};  ///< matched: path of the attribute that found the account; was: the key before

  bool operator==(const LinkOrigin&) const = default;
};
const char* to_string(LinkOrigin::Kind kind);
/// "created", "matched credentials.identity".
std::string to_string(const LinkOrigin& origin);
/// Reads what to_string wrote; throws std::invalid_argument for anything else.
LinkOrigin link_origin(std::string_view text);

}  // namespace usher
