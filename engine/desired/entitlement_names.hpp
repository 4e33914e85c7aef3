#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "state/model/account.hpp"

namespace usher {

/// The entitlements of one platform by name and id. Immutable; safe from any thread.
class EntitlementNames {
 public:
  /// former: what those that are gone or renamed were called, oldest first; only name_of() knows them.
  explicit EntitlementNames(const std::vector<Entitlement>& entitlements,
                            const std::vector<Entitlement>& former = {});

  /// The id behind what a rule says: a name, `scope/name`, or an id. An error says that there is none (with
  /// the nearest name) or that there are several.
  tl::expected<std::string, std::string> id_of(std::string_view kind, const std::string& said) const;

  bool has(std::string_view kind, const std::string& id) const;

  /// The name of an id, the last it had where it is gone, or the id itself when it is not known.
  std::string name_of(std::string_view kind, const std::string& id) const;

  /// Changes when an entitlement comes, goes or is renamed.
  std::string digest() const;

 private:
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> ids_;  // kind, name -> ids
  std::map<std::pair<std::string, std::string>, std::string> names_;             // kind, id -> name
  std::map<std::pair<std::string, std::string>, std::string> former_;            // likewise
};

}  // namespace usher
