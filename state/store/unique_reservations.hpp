#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "state/store/database.hpp"

namespace usher {

/// A value that unique() chose: it is that person's on that platform, and nobody else is given it.
struct UniqueReservation {
  std::string attribute;  ///< path
  std::string value;      ///< JSON, normalised as the platform does
  std::string person;     ///< id
};

/// What unique() chose so far. A fact: it stays while its person is declared or linked. Writes join the
/// caller's transaction or are one each.
class UniqueReservations {
 public:
  explicit UniqueReservations(Connection& connection) : connection_(connection) {}

  /// What a person holds.
  std::optional<std::string> value(PlatformId platform, std::string_view attribute, std::string_view person);
  /// Who holds a value.
  std::optional<std::string> holder(PlatformId platform, std::string_view attribute, std::string_view value);
  /// Adds, or replaces those of the same person and attribute. Throws StoreError(failed) when somebody else
  /// holds a value.
  void put(PlatformId platform, std::span<const UniqueReservation> claims);
  /// What people hold who are neither declared nor linked any more becomes free.
  void free_abandoned(PlatformId platform);

 private:
  Connection& connection_;
};

}  // namespace usher
