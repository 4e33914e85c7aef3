#pragma once

#include <deque>
#include <nlohmann/json.hpp>

#include "connectors/json_view.hpp"
#include "connectors/recipe/recipe_connector.hpp"

// What the two halves of RecipeConnector that read share.
namespace usher::recipe {

/// One listing of a pull: entitlements of a kind, edges of a kind, or accounts.
struct RecipeConnector::Phase {
  enum class Kind { entitlements, edges, members, accounts } kind = Kind::accounts;
  std::size_t index = 0;  ///< of the entitlement kind or of the user listing
};

/// Where a pull is: all that its cursor says.
struct RecipeConnector::Position {
  std::size_t phase = 0;
  ListingState state;
  // Members of each group: how far the list of groups is, and the groups of its page that are still to be
  // read.
  ListingState groups;
  bool no_more_groups = false;
  std::deque<Entitlement> pending;

  std::string to_string() const;
  static std::optional<Position> from_string(const std::string& text);
};

/// A parsed page.
struct RecipeConnector::Listed {
  Reply reply;
  std::optional<simdjson::dom::array>
      elements;           ///< the items, where there are any; until the parser's next document
  std::size_t items = 0;  ///< those that each() answers
  std::size_t known = 0;  ///< items at the beginning that the page before held already
  bool again = false;     ///< the listing is only read a second time, to see whether it is still the same
  bool moved = false;     ///< it is not, or the pages do not fit together
  std::optional<std::uint64_t> total;
  std::optional<ListingState> next;

  /// What a page says of its listing.
  void tell(Page& page) const {
    page.items = items;
    page.total = total;
    page.moved = moved;
  }
  /// Every item that was not answered before, with its number on this page.
  template <class Read>
  void each(Read read) const {
    std::size_t number = 0;
    if (!elements || again) return;
    for (const simdjson::dom::element one : *elements) {
      if (number >= known) read(one, number);
      ++number;
    }
  }
};

struct RecipeConnector::Parser {
  simdjson::dom::parser parser;
  /// The document; fastest where the text has room for padding behind it, as Response::body has.
  Outcome<simdjson::dom::element> parse(const Reply& reply);
};

/// The text, number or boolean at a dotted path as text; empty when there is none.
std::string text_at(const simdjson::dom::element& item, const std::string& path);
Entitlement entitlement_in(const simdjson::dom::element& item, const EntitlementRecipe& kind);
/// The texts at a dotted path; none when the path is empty.
std::vector<std::string> details_at(const simdjson::dom::element& item, const std::string& path);

}  // namespace usher::recipe
