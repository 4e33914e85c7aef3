#include "connectors/recipe/paging.hpp"

#include <nlohmann/json.hpp>

#include "state/model/fingerprint.hpp"

namespace usher::recipe {
namespace {

constexpr std::uint64_t most_empty_pages = 100;

bool numbered(PagingKind by) {
  return by == PagingKind::offset || by == PagingKind::page;
}

// What stands for this page in the search for circles; empty: nothing does.
std::string mark_of(const Paging& paging, const PageFacts& page) {
  if (numbered(paging.by)) return page.items > 0 ? page.digest : std::string();
  return paging.by == PagingKind::last_id ? page.last_id : page.next;
}

bool ends(const Paging& paging, const ListingState& now, const PageFacts& page, std::size_t fresh) {
  if (paging.by == PagingKind::none) return true;
  if (page.more) return !*page.more;
  if (page.page_count) return now.pages >= *page.page_count;
  if (paging.by == PagingKind::last_id || numbered(paging.by)) {
    if (fresh == 0) return true;
    // A full page may have more behind it whatever the total says; a short one may be short because the
    // platform gives fewer at a time than it is asked for.
    const bool is_short = page.items < paging.size;
    return is_short && (paging.short_page_ends || (page.total && now.seen >= *page.total));
  }
  return page.next.empty() || (page.items == 0 && paging.empty_page_ends);
}

// What the last page proves, or that the listing has to be read once more to know.
AfterPage at_the_end(const Paging& paging, ListingState now, AfterPage after) {
  after.chain = now.chain;
  if (now.again) {
    if (now.chain != now.first_chain) {
      after.moved = now.seen == now.first_seen
                        ? "read a second time, they came in another order or were others"
                        : "read a second time, there were " + std::to_string(now.seen) + " and not " +
                              std::to_string(now.first_seen);
    }
    return after;
  }
  const bool once_more = proof_of(paging, now) == PagingProof::twice || now.gap;
  if (!once_more || now.later || now.pages < 2 || !after.moved.empty()) return after;
  after.next.emplace();
  after.next->again = true;
  after.next->twice = now.twice;
  after.next->first_chain = std::move(now.chain);
  after.next->first_seen = now.seen;
  return after;
}

// What is wrong with a page that should begin where the one before ended; empty: nothing.
std::string no_overlap(const ListingState& state, const PageFacts& page) {
  const std::string number = std::to_string(state.pages + 1);
  if (page.items == 0)
    return "page " + number + " is empty and should begin with the last one of the page before";
  if (page.first_id == state.last) return {};
  return "page " + number + " begins with '" + page.first_id + "' and not with '" + state.last +
         "', the last one of the page before: somebody came or went meanwhile, or the platform does not keep "
         "to an order or to the offset it is asked for";
}

}  // namespace

nlohmann::json to_json(const ListingState& state) {
  return {state.token, state.seen,       state.pages, state.previous,    state.landmark, state.walked,
          state.reach, state.last,       state.chain, state.first_chain, state.again,    state.gap,
          state.later, state.first_seen, state.twice, state.empty};
}

namespace {

/// get_to() would also take a fraction, and what is beyond 64 bits.
void read_count(const nlohmann::json& json, std::uint64_t& count) {
  count = json.get_ref<const nlohmann::json::number_unsigned_t&>();
}

}  // namespace

ListingState listing_state(const nlohmann::json& json) {
  ListingState state;
  json.at(0).get_to(state.token);
  read_count(json.at(1), state.seen);
  read_count(json.at(2), state.pages);
  json.at(3).get_to(state.previous);
  json.at(4).get_to(state.landmark);
  read_count(json.at(5), state.walked);
  read_count(json.at(6), state.reach);
  json.at(7).get_to(state.last);
  json.at(8).get_to(state.chain);
  json.at(9).get_to(state.first_chain);
  json.at(10).get_to(state.again);
  json.at(11).get_to(state.gap);
  json.at(12).get_to(state.later);
  read_count(json.at(13), state.first_seen);
  json.at(14).get_to(state.twice);
  read_count(json.at(15), state.empty);
  return state;
}

PagingProof proof_of(const Paging& paging, const ListingState& state) {
  return state.twice && paging.by != PagingKind::none ? PagingProof::twice : paging.proof;
}

nlohmann::json page_position(const Paging& paging, const ListingState& state) {
  switch (paging.by) {
    case PagingKind::offset:
      return paging.first + static_cast<std::int64_t>(state.seen) - (state.last.empty() ? 0 : 1);
    case PagingKind::page:
      return paging.first + static_cast<std::int64_t>(state.pages);
    case PagingKind::cursor:
    case PagingKind::last_id:
      return state.token.empty() ? nlohmann::json() : nlohmann::json(state.token);
    default:
      return nullptr;
  }
}

std::vector<std::pair<std::string, std::string>> page_query(const Paging& paging, const ListingState& state) {
  std::vector<std::pair<std::string, std::string>> query;
  if (!paging.size_parameter.empty()) query.emplace_back(paging.size_parameter, std::to_string(paging.size));
  const nlohmann::json position = page_position(paging, state);
  if (paging.parameter.empty() || position.is_null()) return query;
  query.emplace_back(paging.parameter, position.is_string() ? position.get<std::string>() : position.dump());
  return query;
}

tl::expected<AfterPage, std::string> after_page(const Paging& paging, const ListingState& state,
                                                const PageFacts& page) {
  AfterPage after;
  if (!state.last.empty()) {
    after.moved = no_overlap(state, page);
    after.known = after.moved.empty() ? 1 : 0;
  }
  ListingState next = state;
  next.seen += page.items - after.known;
  ++next.pages;
  next.empty = page.items == 0 ? next.empty + 1 : 0;
  next.chain = public_digest(next.chain + page.digest);
  if (ends(paging, next, page, page.items - after.known)) return at_the_end(paging, std::move(next), after);
  if (next.again && next.seen > next.first_seen) return at_the_end(paging, std::move(next), after);
  if (next.empty >= most_empty_pages) {
    return tl::unexpected(std::to_string(next.empty) +
                          " pages in a row were empty and named a next one: the listing does not end");
  }
  const std::string mark = mark_of(paging, page);
  const std::string page_number = std::to_string(next.pages);
  if (!numbered(paging.by)) {
    if (mark.empty()) return tl::unexpected("page " + page_number + " says there is more, but not where");
    if (mark == state.token) return tl::unexpected("page " + page_number + " names itself as the next page");
  }
  if (numbered(paging.by) && !mark.empty() && mark == state.previous) {
    return tl::unexpected(
        "page " + page_number + " is the same as the one before: the platform does not heed " +
        (paging.parameter.empty() ? "which page it is asked for" : "'" + paging.parameter + "'"));
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
  // A platform that gives one at a time would give only the one we have.
  if (proof_of(paging, next) == PagingProof::overlap) {
    next.last = page.items > 1 ? page.last_id : std::string();
    next.gap = next.gap || next.last.empty();
  }
  after.next = std::move(next);
  return after;
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
