#pragma once

#include <optional>
#include <string>
#include <vector>

#include "state/store/snapshots.hpp"

namespace usher {

/// A platform that people are declared from.
struct Source {
  std::string name;
  PlatformId platform{};
  bool is_file = true;  ///< a platform's accounts bring `id` and `active` into their records
};

/// Reads the records of people out of the sources' snapshots: of one source, or merged from several in order
/// of authority (a member that an earlier source has not empty wins). For one thread; the connection must
/// outlive it.
class Records {
 public:
  Records(Connection& connection, const std::vector<Source>& sources)
      : snapshots_(connection), sources_(sources) {}

  /// A record as it was found, with where its newest part comes from.
  struct Found {
    std::string text;
    std::string source;
    std::uint64_t generation = 0;  ///< that brought this version, in that source
  };
  /// The record with this key, merged; nullopt when no source has it.
  std::optional<Found> find(const Fingerprint& key);

  /// The record that `view` of source number `from` belongs to, merged with the others'.
  std::string of(const AccountView& view, std::size_t from);

  /// Whether a source before `from` has the record too: it is then evaluated there.
  bool has_earlier(const Fingerprint& key, std::size_t from);

 private:
  Snapshots snapshots_;
  const std::vector<Source>& sources_;
};

}  // namespace usher
