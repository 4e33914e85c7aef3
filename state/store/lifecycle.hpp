#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "state/store/database.hpp"

namespace usher {

/// What has to be remembered of people who leave and of their accounts: no platform tells since when somebody
/// is gone, and few show that an account is locked. Facts: never rebuilt. Times are RFC 3339 in UTC. Writes
/// join the caller's transaction or are one each, synced.
class Lifecycle {
 public:
  explicit Lifecycle(Connection& connection) : connection_(connection) {}

  /// Whether anything is remembered of this platform.
  bool any(PlatformId platform);

  /// The `now` of the first plan that saw the person gone from this platform's scope; nullopt: is not gone,
  /// or no rule ever asked.
  std::optional<std::string> gone_since(PlatformId platform, std::string_view person);
  /// Keeps what was remembered before, unless it is later.
  void remember_gone(PlatformId platform, std::string_view person, std::string_view since);
  /// The person is back, or the account is no more.
  void forget_gone(PlatformId platform, std::string_view person);

  /// When this program locked the account; nullopt: it is not locked.
  std::optional<std::string> locked_since(PlatformId platform, std::string_view account);
  /// All accounts that this program locked there.
  std::set<std::string> locked(PlatformId platform);
  void remember_locked(PlatformId platform, std::string_view account, std::string_view since);
  void forget_locked(PlatformId platform, std::string_view account);

 private:
  Connection& connection_;
};

}  // namespace usher
