#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "connectors/recipe/recipe.hpp"

namespace usher::recipe {

/// How far one listing is. Small, and all there is: a listing goes on from it in another process.
struct ListingState {
  std::string token;       ///< cursor, link or last id; empty on the first page and where numbers do
  std::uint64_t seen = 0;  ///< items answered so far
  std::uint64_t pages = 0;

  // Two guards against a platform that goes in circles: the page before, and one further back that moves up
  // whenever the distance to it has doubled (Brent), so that a circle of any length is found with two texts.
  std::string previous, landmark;
  std::uint64_t walked = 0, reach = 1;

  bool operator==(const ListingState&) const = default;
};
nlohmann::json to_json(const ListingState& state);
/// Throws nlohmann::json::exception for anything to_json did not write.
ListingState listing_state(const nlohmann::json& json);

/// What paging needs to know of a page.
struct PageFacts {
  std::size_t items = 0;
  std::string digest;   ///< of the ids, in order
  std::string next;     ///< cursor or absolute link found in the reply; empty: none
  std::string last_id;  ///< of the last item
  std::optional<std::uint64_t> total;
  std::optional<bool> more;
};

/// The query parameters that ask for the page at `state`.
std::vector<std::pair<std::string, std::string>> page_query(const Paging& paging, const ListingState& state);

/// Where the listing goes on after a page; nullopt after its last one. The error is a sentence: the platform
/// goes in circles or does not heed what it is asked.
tl::expected<std::optional<ListingState>, std::string> after_page(const Paging& paging,
                                                                  const ListingState& state,
                                                                  const PageFacts& page);

/// The target of rel="next" in a Link header (RFC 8288); empty when there is none.
std::string next_of_link_header(std::string_view header);

}  // namespace usher::recipe
