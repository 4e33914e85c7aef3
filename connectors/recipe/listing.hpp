#pragma once

#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "connectors/connector.hpp"
#include "connectors/recipe/paging.hpp"
#include "connectors/recipe/platform.hpp"
#include "connectors/recipe/reply_parser.hpp"

namespace usher::recipe {

class Prefetch;

/// One parsed page of a listing, fitted to the pages before it.
struct ListingPage {
  Reply reply;
  std::optional<simdjson::dom::array>
      elements;           ///< the items, where there are any; until the parser's next document
  std::size_t items = 0;  ///< those that each() answers
  std::size_t known = 0;  ///< items at the beginning that the page before held already
  /// The same items with what had to be repaired marked; nothing where nothing had to be.
  std::optional<simdjson::dom::array> marked;
  /// Items with a member that stands twice in an object: their number, and its name.
  std::map<std::size_t, std::string> twice;
  bool again = false;      ///< the listing is only read a second time, to see whether it is still the same
  std::string moved;       ///< how it is not, or how the pages do not fit together
  std::string chain;       ///< after the last page: digest of all ids
  std::uint64_t seen = 0;  ///< items so far, this page among them
  std::optional<std::uint64_t> total;
  std::string no_total;
  std::optional<ListingState> next;

  /// What the page says of its listing.
  void tell(Page& page) const {
    page.items = items;
    page.total = total;
    page.no_total = no_total;
    page.moved = moved;
  }
  /// Every item that was not answered before, with its number on this page.
  template <class Read>
  void each(Read read) const {
    if (!again) each_here(read);
  }
  /// The same, also the second time.
  template <class Read>
  void each_here(Read read) const {
    std::size_t number = 0;
    if (!elements) return;
    for (const simdjson::dom::element one : *elements) {
      if (number >= known) read(one, number);
      ++number;
    }
  }
  /// Whether what is read from an item is as the platform wrote it: the same where repairs are marked.
  template <class Read>
  bool is_whole(std::size_t number, const simdjson::dom::element& one, Read read) const {
    simdjson::dom::element other;
    if (!marked || marked->at(number).get(other) != simdjson::SUCCESS) return true;
    return read(one) == read(other);
  }
};

/// What stands for an item in the search for circles, and in the digest of a listing.
using ItemId = std::function<std::string(const simdjson::dom::element&)>;

/// Asks for the page of a listing at `state`. ahead: where the page after it begins to be read at once; null:
/// nothing is read ahead. REQUIRES: the platform and the listing outlive `ahead`.
Outcome<ListingPage> read_page(const RecipePlatform& platform, const Listing& listing, Scope& scope,
                               const ListingState& state, const ItemId& id_of, ReplyParser& parser,
                               const std::stop_token& stop, Prefetch* ahead = nullptr);

/// Reads every item of all pages of a listing. Pages that do not fit together are a failure.
Outcome<std::monostate> walk(const RecipePlatform& platform, const Listing& listing, Scope& scope,
                             const ItemId& id_of,
                             const std::function<void(const simdjson::dom::element&)>& read,
                             const std::stop_token& stop);

}  // namespace usher::recipe
