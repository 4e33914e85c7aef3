#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace usher::sandbox {

/// The sandbox's time. Tokens live by the real clock plus whatever it was advanced by. Records are stamped by
/// the same clock, or, when an epoch is given, by a counted one (a millisecond a stamp) so that the same
/// calls give the same bytes. Not locked: used under the lock of its platform.
class Clock {
 public:
  Clock() = default;
  /// `epoch`: microseconds since 1970 at which stamps begin.
  explicit Clock(std::optional<std::int64_t> epoch) : counted_(epoch) {}

  /// Seconds since 1970, for tokens.
  std::int64_t seconds() const { return micros() / 1'000'000; }
  /// Microseconds since 1970, never the same twice, for records.
  std::int64_t stamp();
  void advance(std::int64_t seconds);

 private:
  std::int64_t micros() const;

  std::optional<std::int64_t> counted_;
  std::int64_t advanced_ = 0;
  std::int64_t last_ = 0;
};

/// Microseconds since 1970 as "2024-01-31T10:20:30.12Z": UTC, no trailing zeros in the fraction. Zero or less
/// is "0001-01-01T00:00:00Z", as Go writes a time that was never set.
std::string rfc3339(std::int64_t micros);
/// The reverse; nothing when the text is no such time.
std::optional<std::int64_t> parse_rfc3339(const std::string& text);

}  // namespace usher::sandbox
