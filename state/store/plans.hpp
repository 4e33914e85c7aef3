#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/store/database.hpp"

namespace usher {

/// A kept plan.
struct StoredPlan {
  std::string digest;
  std::string created_at;  ///< RFC 3339, UTC
  std::string json;
};

/// Plans, kept by their digest.
class Plans {
 public:
  explicit Plans(Connection& connection) : connection_(connection) {}

  /// A plan that is there already gets the new time.
  void put(const StoredPlan& plan);
  /// By the beginning of a digest; more than one: it is ambiguous and none is returned by load().
  std::vector<std::string> find(std::string_view prefix);
  std::optional<StoredPlan> load(std::string_view digest);
  /// The one created last.
  std::optional<StoredPlan> latest();

 private:
  Connection& connection_;
};

}  // namespace usher
