#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/desired/entitlement_names.hpp"
#include "state/model/capabilities.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

/// A platform that people are declared from. A file's records are what stands in the file. A platform's
/// accounts bring into theirs, beside their attributes, `id`, `active`, for each kind of entitlement the
/// sorted names of those they are in or have (`groups`, `profiles`), and where memberships have details,
/// `memberships`: kind -> name -> details. An attribute of such a name takes precedence.
struct Source {
  std::string name;
  PlatformId platform{};
  bool is_file = true;
  std::vector<std::string> kinds = {};                       ///< of entitlements that records tell, sorted
  std::vector<std::string> detailed = {};                    ///< of entitlements whose details they tell
  std::shared_ptr<const EntitlementNames> names = {};        ///< null for a file
  std::shared_ptr<const std::set<std::string>> locked = {};  ///< accounts that usher locked; null for a file
  const Capabilities* can = nullptr;                         ///< null for a file
};

/// What `record` holds of a platform as its last pull left it. capabilities must outlive it.
Source source_of(const std::string& name, PlatformId platform, const Capabilities& capabilities,
                 Connection& connection);

/// The record of one account, a JSON object. `active` is false in it of an account that is disabled or
/// locked.
std::string record_text(const Source& source, std::string_view id, bool active, std::string_view attributes,
                        std::string_view memberships);

/// Reads the records of people out of the sources' snapshots: of one source, or merged from several in order
/// of authority (a member that an earlier source has not empty wins). For one thread; the connection must
/// outlive it.
class SourceRecords {
 public:
  SourceRecords(Connection& connection, const std::vector<Source>& sources)
      : snapshots_(connection), sources_(sources) {}

  /// A record as it was found, with where its newest part comes from.
  struct Found {
    std::string text;
    std::string source;
    std::uint64_t generation = 0;  ///< that brought this version, in that source
    std::string sources;           ///< all that have it: "hr, contractors"
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
