#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "state/store/scan.hpp"

namespace usher {

/// One declared person, derived from the sources and the rules.
struct PersonRow {
  Fingerprint key;  ///< Fingerprinter::of_person(id)
  std::string id;
  Fingerprint record;  ///< key of the record in its source
  bool active = true;
  std::string error;          ///< why no account can be derived; empty: none
  std::string became = {};    ///< the key that the record names by now; empty: still this one
  std::string turns_at = {};  ///< when time alone may change what follows; RFC 3339, empty: never
};

class Database;

/// Whether anybody of this key is declared, or has an account on any platform.
bool is_somebody(Database& database, const std::string& person);

/// The declared people: a derived table, filled by the engine. Writes join the caller's transaction or are
/// one each; rows sorted by key are written several times faster than unsorted ones.
class People {
 public:
  explicit People(Connection& connection) : connection_(connection) {}

  void clear();
  /// Adds, or replaces those of the same key.
  void put(std::span<const PersonRow> people);
  void erase(std::span<const Fingerprint> keys);

  std::optional<PersonRow> find(const Fingerprint& key);
  /// Those for whom time alone may have changed something by then, in key order.
  std::vector<PersonRow> turned_by(const std::string& time);
  std::uint64_t count();
  /// Those whose keys lie in a range, in key order. The row lives until the next one.
  void for_each_in(const KeySlice& slice, const std::function<void(const PersonRow&)>& visit);
  /// In key order.
  void for_each(const std::function<void(const PersonRow&)>& visit);

 private:
  Connection& connection_;
};

}  // namespace usher
