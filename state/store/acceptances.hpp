#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/store/database.hpp"

namespace usher {

/// That a person accepts, for a time, that something is not done.
struct Acceptance {
  std::string note;  ///< id_of() the note
  std::string kind, platform, subject, cause;
  std::string given_at;  ///< RFC 3339, UTC
  std::string until;     ///< RFC 3339, UTC: from then on the note asks for attention again
  std::string actor;     ///< user@host
  std::string reason;
  std::string revoked_at = {};  ///< empty: never
};

/// The acceptances. Facts: revoked, never erased. Writes are one transaction each, synced.
class Acceptances {
 public:
  explicit Acceptances(Connection& connection) : connection_(connection) {}

  /// Replaces one of the same note that holds.
  void give(const Acceptance& acceptance);
  /// Whether there was one that was not revoked yet.
  bool revoke(std::string_view note, std::string_view at);
  /// Until when the note is accepted as of `now` (RFC 3339); empty: it is not.
  std::string until(std::string_view note, std::string_view now);
  /// Newest first, revoked and expired ones included.
  std::vector<Acceptance> all();

 private:
  Connection& connection_;
};

}  // namespace usher
