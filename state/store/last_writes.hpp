#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "state/store/connection.hpp"

namespace usher {

/// What usher wrote last to one attribute of an account.
struct LastWrite {
  std::optional<nlohmann::json> value;  ///< nullopt: nobody knows whether it was written
  std::int64_t run = 0;
  std::string sent_at;  ///< RFC 3339, UTC
};

/// The last writes to these attributes of an account that the journal remembers, by path. A create that
/// leaves an attribute out writes null to it.
std::map<std::string, LastWrite> last_writes(Connection& connection, std::string_view platform,
                                             std::string_view account, std::span<const std::string> paths);

}  // namespace usher
