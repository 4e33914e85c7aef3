#include "connectors/recipe/listing.hpp"

#include <algorithm>
#include <unordered_set>

#include "connectors/canonical.hpp"
#include "connectors/json_view.hpp"
#include "connectors/member_twice.hpp"
#include "connectors/recipe/item.hpp"
#include "connectors/recipe/prefetch.hpp"
#include "state/model/fingerprint.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;
using simdjson::dom::element;

std::optional<std::uint64_t> number_of(const std::string& text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos || text.size() > 18)
    return std::nullopt;
  return std::stoull(text);
}

// Fills in how many the platform says there are, or why nobody can tell although the recipe names a place.
void read_total(const Listing& listing, const element& document, const http::Response& response,
                PageFacts& facts) {
  if (!listing.total_header.empty()) {
    const std::string text(response.header(listing.total_header));
    facts.total = number_of(text.substr(text.rfind('/') + 1));  // "items 0-24/319", as Content-Range says it
    if (!facts.total)
      facts.no_total = text.empty() ? "the reply has no header '" + listing.total_header + "'"
                                    : "the header '" + listing.total_header + "' is '" + text + "'";
    return;
  }
  if (listing.total.empty() || listing.count) return;
  element found;
  if (!element_at(document, listing.total, found)) {
    // Nothing is counted where there is nothing: some leave out a zero.
    if (facts.items > 0) facts.no_total = "the reply has no '" + listing.total + "'";
    return;
  }
  facts.total = number_of(scalar_text(found).value_or(""));
  if (facts.total) return;
  std::string shown;
  append_canonical(shown, found);
  facts.no_total = "'" + listing.total + "' is " + (shown.size() > 40 ? "no number" : shown);
}

/// The name of a member that stands twice on the way to what a reply is read for.
std::optional<std::string> twice_in_page(const Listing& listing, const element& document) {
  const Paging& paging = listing.paging;
  const std::string total = listing.count ? std::string() : listing.total;
  for (const std::string_view path :
       {std::string_view(listing.items), std::string_view(total), std::string_view(paging.more),
        std::string_view(paging.page_count), std::string_view(paging.next)})
    if (auto twice = twice_on_the_way(document, path)) return twice;
  return std::nullopt;
}

bool goes_by_link(const Paging& paging) {
  return paging.by == PagingKind::next_link || paging.by == PagingKind::link_header;
}

PageRequest page_request(const Paging& paging, const ListingState& state) {
  PageRequest extra;
  if (goes_by_link(paging) && !state.token.empty()) {
    extra.url = state.token;
  } else {
    extra.query = page_query(paging, state);
  }
  if (paging.parameter.empty() && paging.by != PagingKind::none)
    extra.page = {{"position", page_position(paging, state)}, {"size", paging.size}};
  return extra;
}

void sort_lines(std::string& text) {
  std::vector<std::string_view> lines;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find('\n') + 1;
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  if (std::is_sorted(lines.begin(), lines.end())) return;
  std::sort(lines.begin(), lines.end());
  std::string sorted;
  sorted.reserve(text.size());
  for (const std::string_view line : lines) sorted += line;
  text = std::move(sorted);
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

Outcome<std::uint64_t> count(const RecipePlatform& platform, const Listing& listing, Scope& scope,
                             const std::stop_token& stop) {
  auto reply = platform.get(*listing.count, scope, {}, stop);
  if (!reply) return tl::unexpected(std::move(reply.error()));
  ReplyParser parser;
  const auto document = parser.parse(*reply);
  if (!document) return tl::unexpected(document.error());
  if (const auto twice = twice_on_the_way(*document, listing.total))
    return http::fail(FailureKind::malformed, "'" + *twice + "' stands twice in the reply", reply->shown);
  const auto total = number_of(text_at(*document, listing.total));
  if (total) return *total;
  return http::fail(FailureKind::malformed, "the reply is no number of items", reply->shown);
}

}  // namespace

Outcome<ListingPage> read_page(const RecipePlatform& platform, const Listing& listing, Scope& scope,
                               const ListingState& state, const ItemId& id_of, ReplyParser& parser,
                               const std::stop_token& stop, Prefetch* ahead) {
  const bool link = goes_by_link(listing.paging);
  const PageRequest extra = page_request(listing.paging, state);
  auto begun = ahead != nullptr ? ahead->take(listing, extra) : std::nullopt;
  auto reply = begun ? std::move(*begun) : platform.get(listing.call, scope, extra, stop);
  if (!reply) return tl::unexpected(std::move(reply.error()));
  ListingPage listed;
  listed.reply = std::move(*reply);
  if (listing.items_optional && is_blank(listed.reply.response.body)) listed.reply.response.body = "null";
  const auto document = parser.parse(listed.reply);
  if (!document) return tl::unexpected(document.error());
  const auto malformed = [&](std::string why) {
    return http::fail(FailureKind::malformed, std::move(why), listed.reply.shown);
  };

  if (const auto twice = twice_in_page(listing, *document))
    return malformed("'" + *twice + "' stands twice in the reply");
  PageFacts facts;
  std::string ids;
  element items;
  const bool there = element_at(*document, listing.items, items) && !items.is_null();
  if (!there && !listing.items_optional) return malformed("the reply has no '" + listing.items + "'");
  if (there && !items.is_array()) {
    return malformed(listing.items.empty() ? "the reply is no list" : "'" + listing.items + "' is no list");
  }
  if (there) {
    listed.elements = view::items(items);
    if (element other;
        parser.marked() && element_at(*parser.marked(), listing.items, other) && other.is_array())
      listed.marked = view::items(other);
    for (const element one : *listed.elements) {
      if (auto twice = member_twice(one)) listed.twice.emplace(facts.items, std::move(*twice));
      facts.last_id = id_of(one);
      if (facts.items++ == 0) facts.first_id = facts.last_id;
      ids += facts.last_id;
      ids += '\n';
    }
    // The order of what comes on one page says nothing.
    if (listing.paging.by == PagingKind::none) sort_lines(ids);
  }
  const http::Response& response = listed.reply.response;
  facts.digest = public_digest(ids);
  read_total(listing, *document, response, facts);
  if (listing.count && state.pages == 0) {
    auto counted = count(platform, listing, scope, stop);
    if (!counted) return tl::unexpected(std::move(counted.error()));
    facts.total = *counted;
  }
  if (element more;
      !listing.paging.more.empty() && element_at(*document, listing.paging.more, more) && more.is_bool()) {
    facts.more = view::number<bool>(more);
  }
  if (!listing.paging.page_count.empty())
    facts.page_count = number_of(text_at(*document, listing.paging.page_count));
  if (!listing.paging.next.empty()) facts.next = text_at(*document, listing.paging.next);
  if (!listing.paging.next_header.empty()) facts.next = response.header(listing.paging.next_header);
  if (listing.paging.by == PagingKind::link_header) facts.next = next_of_link_header(response.header("link"));
  if (link && !facts.next.empty()) {
    const auto url = http::follow(platform.base(), listed.reply.url, facts.next);
    if (!url)
      return malformed("the next page is said to be on another host, where our credentials must not go");
    facts.next = *url;
  }
  auto after = after_page(listing.paging, state, facts);
  if (!after) return malformed(after.error());
  if (ahead != nullptr && after->next) {
    const PageRequest following = page_request(listing.paging, *after->next);
    const auto send = [&platform, &listing, following](const std::stop_token& stopped) {
      Scope own = platform.scope();
      return platform.get(listing.call, own, following, stopped);
    };
    ahead->begin(listing, following, send, stop);
  }
  listed.items = state.again ? 0 : facts.items - after->known;
  listed.known = after->known;
  listed.again = state.again;
  listed.moved = after->moved.empty() ? std::string() : platform.clean(after->moved);
  listed.chain = after->chain;
  listed.seen = state.seen + facts.items - after->known;
  listed.total = facts.total;
  listed.no_total = platform.clean(facts.no_total);
  listed.next = std::move(after->next);
  return listed;
}

Outcome<std::monostate> walk(const RecipePlatform& platform, const Listing& listing, Scope& scope,
                             const ItemId& id_of, const std::function<void(const element&)>& read,
                             const std::stop_token& stop) {
  constexpr std::size_t most_stale_pages = 20;
  ReplyParser parser;
  ListingState state;
  std::unordered_set<std::size_t> seen;  // hashes: a page of nothing but known items is what counts
  std::size_t stale = 0;
  std::uint64_t items = 0;
  std::optional<std::uint64_t> total;
  while (true) {
    auto listed = read_page(platform, listing, scope, state, id_of, parser, stop);
    if (!listed) return tl::unexpected(std::move(listed.error()));
    if (!listed->moved.empty())
      return http::fail(FailureKind::malformed, "items moved while they were read: " + listed->moved,
                        listed->reply.shown);
    if (!listed->twice.empty())
      return http::fail(FailureKind::malformed,
                        platform.clean("'" + listed->twice.begin()->second + "' stands twice in an item"),
                        listed->reply.shown);
    bool fresh = listed->items == 0;
    listed->each([&](const element& one, std::size_t) {
      fresh |= seen.insert(std::hash<std::string>{}(id_of(one))).second;
      read(one);
    });
    items += listed->items;
    if (listed->total) total = listed->total;
    if (!listed->next && total && *total != items) {
      return http::fail(FailureKind::malformed,
                        "the platform says that there are " + std::to_string(*total) + ", and answered " +
                            std::to_string(items),
                        listed->reply.shown);
    }
    if (!listed->next) return std::monostate{};
    stale = fresh ? 0 : stale + 1;
    if (stale >= most_stale_pages)
      return http::fail(FailureKind::malformed,
                        "the listing does not end: page after page brought nothing new", listed->reply.shown);
    state = *listed->next;
  }
}

}  // namespace usher::recipe
