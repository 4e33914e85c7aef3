#pragma once

#include <optional>
#include <vector>

#include "state/store/database.hpp"

namespace usher {

/// The links of one platform by person, read at once: for where everybody is asked for. 32 bytes a link.
/// Immutable; safe from any thread.
class PersonLinks {
 public:
  struct Entry {
    Fingerprint person;   ///< Fingerprinter::of_person()
    Fingerprint account;  ///< its key
  };

  /// Reads on all threads.
  PersonLinks(const Database& database, PlatformId platform);

  /// The key of the account that the person has; nullopt: none.
  std::optional<Fingerprint> account_of(const Fingerprint& person) const;
  /// By person.
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace usher
