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

  std::string last;    ///< proof by overlap: id of the last item; the next page begins with it
  bool gap = false;    ///< …two pages could not overlap: the listing is read twice after all
  std::string chain;   ///< digest of all ids so far
  bool again = false;  ///< this is the second time; first_chain and first_seen tell of the first
  std::string first_chain;
  std::uint64_t first_seen = 0;
  bool later = false;       ///< the second time is somebody else's, later
  bool twice = false;       ///< proved by reading twice, whatever the recipe says
  std::uint64_t empty = 0;  ///< pages in a row without an item

  bool operator==(const ListingState&) const = default;
};
nlohmann::json to_json(const ListingState& state);
/// Throws nlohmann::json::exception for anything to_json did not write.
ListingState listing_state(const nlohmann::json& json);

/// What paging needs to know of a page.
struct PageFacts {
  std::size_t items = 0;
  std::string digest;             ///< of the ids; in order, where there are pages
  std::string next;               ///< cursor or absolute link found in the reply; empty: none
  std::string first_id, last_id;  ///< of the first and the last item
  std::optional<std::uint64_t> total, page_count;
  std::string no_total;  ///< why there is no total although the recipe names one
  std::optional<bool> more;
};

/// Where the page at `state` is: a number for offset and page, a text for a cursor or last id, null on the
/// first page of those and where links lead on.
nlohmann::json page_position(const Paging& paging, const ListingState& state);

/// How this listing is proved from here on.
PagingProof proof_of(const Paging& paging, const ListingState& state);

/// The query parameters that ask for the page at `state`.
std::vector<std::pair<std::string, std::string>> page_query(const Paging& paging, const ListingState& state);

/// What follows from a page.
struct AfterPage {
  std::optional<ListingState> next;  ///< where the listing goes on; nullopt: that was its last page
  std::size_t known = 0;             ///< how many items at its beginning the page before held already
  std::string moved;  ///< how items shifted while they were read, so that one may have been passed over
  std::string chain;  ///< after the last page: digest of all ids
};

/// The error is a sentence: the platform goes in circles or does not heed what it is asked.
tl::expected<AfterPage, std::string> after_page(const Paging& paging, const ListingState& state,
                                                const PageFacts& page);

/// The target of rel="next" in a Link header (RFC 8288); empty when there is none.
std::string next_of_link_header(std::string_view header);

}  // namespace usher::recipe
