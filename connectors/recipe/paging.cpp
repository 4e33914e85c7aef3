#include "connectors/recipe/paging.hpp"

#include <nlohmann/json.hpp>

namespace usher::recipe {
namespace {

bool numbered(PagingKind by) {
  return by == PagingKind::offset || by == PagingKind::page;
}

// What stands for this page in the search for circles; empty: nothing does.
std::string mark_of(const Paging& paging, const PageFacts& page) {
  if (numbered(paging.by)) return page.items > 0 ? page.digest : std::string();
  return paging.by == PagingKind::last_id ? page.last_id : page.next;
}

bool ends(const Paging& paging, const ListingState& now, const PageFacts& page) {
  if (paging.by == PagingKind::none) return true;
  if (page.more) return !*page.more;
  if (paging.by == PagingKind::last_id || numbered(paging.by)) {
    if (page.items == 0) return true;
    // A full page may have more behind it whatever the total says; a short one may be short because the
    // platform gives fewer at a time than it is asked for.
    const bool is_short = page.items < paging.size;
    return is_short && (paging.short_page_ends || (page.total && now.seen >= *page.total));
  }
  return page.next.empty();
}

}  // namespace

nlohmann::json to_json(const ListingState& state) {
  return {state.token, state.seen, state.pages, state.previous, state.landmark, state.walked, state.reach};
}

ListingState listing_state(const nlohmann::json& json) {
  ListingState state;
  json.at(0).get_to(state.token);
  json.at(1).get_to(state.seen);
  json.at(2).get_to(state.pages);
  json.at(3).get_to(state.previous);
  json.at(4).get_to(state.landmark);
  json.at(5).get_to(state.walked);
  json.at(6).get_to(state.reach);
  return state;
}

std::vector<std::pair<std::string, std::string>> page_query(const Paging& paging, const ListingState& state) {
  std::vector<std::pair<std::string, std::string>> query;
  if (!paging.size_parameter.empty()) query.emplace_back(paging.size_parameter, std::to_string(paging.size));
  switch (paging.by) {
    case PagingKind::offset:
      query.emplace_back(paging.parameter,
                         std::to_string(paging.first + static_cast<std::int64_t>(state.seen)));
      break;
    case PagingKind::page:
      query.emplace_back(paging.parameter,
                         std::to_string(paging.first + static_cast<std::int64_t>(state.pages)));
      break;
    case PagingKind::cursor:
    case PagingKind::last_id:
      if (!state.token.empty()) query.emplace_back(paging.parameter, state.token);
      break;
    default:
      break;
  }
  return query;
}

tl::expected<std::optional<ListingState>, std::string> after_page(const Paging& paging,
                                                                  const ListingState& state,
                                                                  const PageFacts& page) {
  ListingState next = state;
  next.seen += page.items;
  ++next.pages;
  if (ends(paging, next, page)) return std::nullopt;
  const std::string mark = mark_of(paging, page);
  const std::string page_number = std::to_string(next.pages);
  if (!numbered(paging.by)) {
    if (mark.empty()) return tl::unexpected("page " + page_number + " says there is more, but not where");
    if (mark == state.token) return tl::unexpected("page " + page_number + " names itself as the next page");
  }
  if (numbered(paging.by) && !mark.empty() && mark == state.previous) {
    return tl::unexpected("page " + page_number +
                          " is the same as the one before: the platform does not heed '" + paging.parameter +
                          "'");
  }
  if (!mark.empty() && mark == state.landmark) {
    return tl::unexpected("page " + page_number + " was answered before: the listing goes in circles");
  }
  next.previous = numbered(paging.by) ? mark : std::string();
  if (++next.walked >= next.reach) {
    next.landmark = mark;
    next.walked = 0;
    next.reach *= 2;
  }
  if (!numbered(paging.by)) next.token = mark;
  return next;
}

std::string next_of_link_header(std::string_view header) {
  while (!header.empty()) {
    const std::size_t open = header.find('<');
    const std::size_t close = header.find('>', open);
    if (open == std::string_view::npos || close == std::string_view::npos) return {};
    const std::string_view target = header.substr(open + 1, close - open - 1);
    header.remove_prefix(close + 1);
    const std::size_t end = header.find('<');
    std::string parameters;
    for (const char c : header.substr(0, end)) {
      if (c != ' ' && c != '"' && c != '\'')
        parameters += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    if (parameters.find(";rel=next") != std::string::npos) return std::string(target);
    if (end == std::string_view::npos) return {};
    header.remove_prefix(end);
  }
  return {};
}

}  // namespace usher::recipe
