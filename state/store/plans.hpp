#pragma once

#include <cstdint>
#include <functional>
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
  std::string content;     ///< JSON
};

/// Plans, kept by their digest.
class Plans {
 public:
  /// Hands a plan's content on piece by piece to what it is given.
  using Writer = std::function<void(const std::function<void(std::string_view)>&)>;

  explicit Plans(Connection& connection) : connection_(connection) {}

  /// Answers the SHA-256 of the content, by which it is kept. One that is there already gets the new
  /// time.
  std::string put(std::string_view created_at, const Writer& write);
  /// By the beginning of a digest, sorted.
  std::vector<std::string> find(std::string_view prefix);
  /// Digests of at most so many, newest first.
  std::vector<std::string> newest(std::size_t limit);
  std::optional<StoredPlan> load(std::string_view digest);
  /// When it was made last, RFC 3339, UTC; empty: it is not kept.
  std::string created_at(std::string_view digest);

 private:
  std::int64_t begin(std::string_view created_at);
  std::string put_content(std::int64_t plan, const Writer& write);

  Connection& connection_;
};

}  // namespace usher
