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
      elements;  ///< the items, where there are any; until the parser's next document
  std::size_t items = 0;
  std::optional<std::uint64_t> total;
  std::optional<ListingState> next;
};

struct RecipeConnector::Parser {
  simdjson::dom::parser parser;
  /// The document; the text must have room for padding behind it, as Response::body has.
  Outcome<simdjson::dom::element> parse(const Reply& reply);
};

/// The text, number or boolean at a dotted path as text; empty when there is none.
std::string text_at(const simdjson::dom::element& item, const std::string& path);

}  // namespace usher::recipe
