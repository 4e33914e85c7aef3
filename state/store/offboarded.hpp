#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "state/store/database.hpp"

namespace usher {

/// That a person was offboarded and is kept out although a source still has them.
struct Offboarded {
  std::string person;
  std::string since;  ///< RFC 3339, UTC
  std::string until;  ///< RFC 3339, UTC; empty: until the sources say that the person has left
  std::int64_t run = 0;
  std::string actor;   ///< user@host
  std::string reason;  ///< as it was given; empty: none
  bool left = false;   ///< the sources said since that the person has left

  /// "was offboarded in run 58 by ada@host (reason)"
  std::string text() const;
};

/// Who is kept out. Facts: ended, never erased. Writes join the caller's transaction or are one each, synced.
class OffboardedPeople {
 public:
  explicit OffboardedPeople(Connection& connection) : connection_(connection) {}

  /// Replaces what was said of the same person. `left` is not read.
  void put(const Offboarded& offboarded);
  /// Whether the person was kept out as of `now`.
  bool end(std::string_view person, std::string_view now);
  /// The sources say that the person has left.
  void mark_left(std::string_view person, std::string_view at);
  /// The person has another key by now; the sources have not said yet that they left under it.
  void renumber(std::string_view from, std::string_view to);

  /// Those who are kept out as of `now` (RFC 3339), by person.
  std::vector<Offboarded> all(std::string_view now);
  /// Of whom an offboarding was ended since then though no source had said that they left; they may have been
  /// offboarded again.
  std::set<std::string> ended_since(std::string_view at);
  std::optional<Offboarded> find(std::string_view person, std::string_view now);
  /// The last offboarding of everybody who ever was, by person. `until`: when it ended, or will; empty: it
  /// holds.
  std::map<std::string, Offboarded> last();

 private:
  Connection& connection_;
};

}  // namespace usher
