#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "state/store/rows.hpp"

namespace usher {

/// What a platform refused for its content, and what of it was known then.
struct Refusal {
  std::string platform;
  std::optional<Fingerprint> account;  ///< digest of the account as it was; nullopt: it was a create
  std::uint64_t generation = 0;        ///< of the platform's snapshot
  std::string at;                      ///< RFC 3339, UTC
  std::string message;
};

/// Refusals by the id of their operation. Facts, each for a day. Writes join the caller's transaction or are
/// one each, synced.
class Refusals {
 public:
  explicit Refusals(Connection& connection) : connection_(connection) {}

  void put(std::string_view operation, const Refusal& refusal);
  void forget(std::string_view operation);
  /// Those not older than `since`.
  std::map<std::string, Refusal> all(std::string_view since);

 private:
  Connection& connection_;
};

}  // namespace usher
