#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"

namespace usher {

/// Finds a listing that never ends: page after page with nobody new, or far more than the platform says it
/// has. About one byte for each account, membership and entitlement. For one thread.
class ListingBounds {
 public:
  /// Takes note of a page; answers why the pull ends here, if so.
  std::optional<Failure> add(const Page& page);

 private:
  /// A set of texts that never forgets one, and takes about one in twenty of others for known.
  class Seen {
   public:
    /// False when it is known already, or looks so.
    bool add(std::string_view text);

   private:
    struct Layer {
      std::vector<std::uint64_t> bits;
      std::uint64_t room = 0;
    };
    std::vector<Layer> layers_;
  };

  bool brings_something(const Page& page);

  Seen seen_;
  std::map<std::string, std::uint64_t> items_;  // of each listing
  std::uint64_t stale_ = 0;                     // pages in a row that brought nothing new
  std::uint64_t useless_ = 0;                   // pages in a row of which nothing could be used
};

}  // namespace usher
