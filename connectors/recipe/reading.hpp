#pragma once

#include <deque>
#include <nlohmann/json.hpp>

#include "connectors/json_view.hpp"
#include "connectors/recipe/recipe_connector.hpp"

// What the two halves of RecipeConnector that read share.
namespace usher::recipe {

/// One listing of a pull: entitlements of a kind, edges of a kind, or accounts.
struct RecipeConnector::Phase {
  /// accounts_again: where accounts stand in several listings, one who moves from one to another meanwhile
  /// may be in neither; all but the last are read again at the end.
  enum class Kind { entitlements, edges, members, accounts, accounts_again } kind = Kind::accounts;
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
  /// What listings were when they were read the first time, for those that are read again later.
  struct Chain {
    std::string of;  ///< the kind of entitlement, or the number of the user listing
    std::string digest;
    std::uint64_t items = 0;
  };
  std::vector<Chain> chains;

  void remember(std::string listing, std::string digest, std::uint64_t items);
  /// The state in which a listing that was remembered is read again.
  ListingState second_reading(std::string_view listing) const;

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
  /// The same items with what had to be repaired marked; nothing where nothing had to be.
  std::optional<simdjson::dom::array> marked;
  bool again = false;      ///< the listing is only read a second time, to see whether it is still the same
  std::string moved;       ///< how it is not, or how the pages do not fit together
  std::string chain;       ///< after the last page: digest of all ids
  std::uint64_t seen = 0;  ///< items so far, this page among them
  std::optional<std::uint64_t> total;
  std::string no_total;
  std::optional<ListingState> next;

  /// What a page says of its listing.
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
};

/// Whether what is read from an item is as the platform wrote it: the same where repairs are marked.
template <class Read>
bool is_whole(const RecipeConnector::Listed& listed, std::size_t number, const simdjson::dom::element& one,
              Read read) {
  simdjson::dom::element other;
  if (!listed.marked || listed.marked->at(number).get(other) != simdjson::SUCCESS) return true;
  return read(one) == read(other);
}

struct RecipeConnector::Parser {
  simdjson::dom::parser parser;
  simdjson::dom::parser of_marked;
  std::optional<simdjson::dom::element> marked;  ///< of the last reply, where single values were repaired

  /// The document; fastest where the text has room for padding behind it, as Response::body has. Values that
  /// cannot be read are repaired, see RepairedJson.
  Outcome<simdjson::dom::element> parse(const Reply& reply);
};

/// Whether an item counts.
bool passes(const ItemFilter& filter, const simdjson::dom::element& item, Scope& scope);
/// The text, number or boolean at a dotted path as text; empty when there is none.
std::string text_at(const simdjson::dom::element& item, const std::string& path);
Entitlement entitlement_in(const simdjson::dom::element& item, const EntitlementRecipe& kind);
/// The texts at a dotted path; none when the path is empty, nullopt when something else stands there.
std::optional<std::vector<std::string>> details_at(const simdjson::dom::element& item,
                                                   const std::string& path);

}  // namespace usher::recipe
