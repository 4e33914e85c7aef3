// Reads any bytes as the state of a listing and goes on from it. What is read is written the same again.

#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "connectors/recipe/paging.hpp"
#include "state/model/json_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace usher::recipe;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const nlohmann::json json = usher::parse_json(text);
  if (json.is_discarded()) return 0;
  ListingState state;
  try {
    state = listing_state(json);
  } catch (const nlohmann::json::exception&) {
    return 0;
  }
  if (!(listing_state(to_json(state)) == state)) std::abort();
  for (const PagingKind kind : {PagingKind::none, PagingKind::offset, PagingKind::page, PagingKind::cursor,
                                PagingKind::next_link, PagingKind::last_id}) {
    Paging paging;
    paging.by = kind;
    paging.parameter = "at";
    paging.proof = kind == PagingKind::offset ? PagingProof::overlap : PagingProof::twice;
    page_query(paging, state);
    PageFacts facts;
    facts.items = 2;
    facts.digest = facts.next = facts.last_id = "b";
    facts.first_id = "a";
    if (const auto after = after_page(paging, state, facts); after && after->next)
      page_query(paging, *after->next);
  }
  return 0;
}
