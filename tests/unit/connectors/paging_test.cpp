#include "connectors/recipe/paging.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

namespace usher::recipe {
namespace {

Paging by(PagingKind kind) {
  Paging paging;
  paging.by = kind;
  paging.parameter = "at";
  paging.size_parameter = "n";
  paging.size = 10;
  paging.first = kind == PagingKind::page ? 1 : 0;
  return paging;
}

PageFacts page(std::size_t items, const std::string& mark = "x") {
  PageFacts facts;
  facts.items = items;
  facts.digest = facts.next = facts.first_id = facts.last_id = mark;
  return facts;
}

using Query = std::vector<std::pair<std::string, std::string>>;

TEST(Paging, CountsWhatWasAnsweredNotWhatWasAskedFor) {
  const Paging paging = by(PagingKind::offset);
  EXPECT_EQ(page_query(paging, {}), (Query{{"n", "10"}, {"at", "0"}}));
  const auto second = after_page(paging, {}, page(4, "a"));  // the platform gives four at a time
  ASSERT_TRUE(second && second->next);
  EXPECT_EQ(page_query(paging, *second->next), (Query{{"n", "10"}, {"at", "4"}}));
  const auto end = after_page(paging, *second->next, page(0));
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->next);
}

TEST(Paging, AShortPageIsTheLastOneOnlyWithATotalOrByOrder) {
  Paging paging = by(PagingKind::page);
  PageFacts facts = page(3);
  EXPECT_TRUE(after_page(paging, {}, facts)->next);
  facts.total = 3;
  EXPECT_FALSE(after_page(paging, {}, facts)->next);
  facts.total = 100;  // a platform that caps its pages below what is asked for
  EXPECT_TRUE(after_page(paging, {}, facts)->next);
  facts.total.reset();
  paging.short_page_ends = true;
  EXPECT_FALSE(after_page(paging, {}, facts)->next);
}

TEST(Paging, AFullPageIsNeverTheLastOneWhateverTheTotalSays) {
  PageFacts facts = page(10);
  facts.total = 10;
  EXPECT_TRUE(after_page(by(PagingKind::offset), {}, facts)->next);
}

TEST(Paging, NamesThePageThatIsLikeTheOneBefore) {
  const Paging paging = by(PagingKind::offset);
  const auto second = after_page(paging, {}, page(10, "same"));
  const auto third = after_page(paging, *second->next, page(10, "same"));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error(), "page 2 is the same as the one before: the platform does not heed 'at'");
}

TEST(Paging, RefusesACursorThatNamesItself) {
  const Paging paging = by(PagingKind::cursor);
  const auto second = after_page(paging, {}, page(10, "c1"));
  ASSERT_TRUE(second && second->next);
  EXPECT_EQ(page_query(paging, *second->next), (Query{{"n", "10"}, {"at", "c1"}}));
  EXPECT_FALSE(after_page(paging, *second->next, page(10, "c1")));
  EXPECT_FALSE(after_page(paging, *second->next, page(10, ""))->next);  // no cursor: the end
}

TEST(Paging, MoreSaysWhetherThereIsMore) {
  PageFacts facts = page(0, "c1");
  facts.more = true;
  EXPECT_TRUE(after_page(by(PagingKind::cursor), {}, facts)->next);
  facts.more = false;
  EXPECT_FALSE(after_page(by(PagingKind::cursor), {}, facts)->next);
  facts.more = true;
  facts.next = facts.last_id = "";
  EXPECT_FALSE(after_page(by(PagingKind::cursor), {}, facts));
}

// The ids of a page, in order.
PageFacts page_of(const std::vector<std::string>& ids) {
  PageFacts facts;
  facts.items = ids.size();
  for (const std::string& id : ids) facts.digest += id + " ";
  if (!ids.empty()) {
    facts.first_id = ids.front();
    facts.last_id = ids.back();
  }
  return facts;
}

TEST(Paging, OverlappingPagesShowThatNothingMoved) {
  Paging paging = by(PagingKind::offset);
  paging.size = 3;
  paging.proof = PagingProof::overlap;
  const auto second = after_page(paging, {}, page_of({"a", "b", "c"}));
  EXPECT_EQ(page_query(paging, *second->next), (Query{{"n", "3"}, {"at", "2"}}));
  const auto third = after_page(paging, *second->next, page_of({"c", "d", "e"}));
  EXPECT_EQ(third->known, 1u);
  EXPECT_EQ(third->moved, "");
  EXPECT_EQ(third->next->seen, 5u);
  const auto end = after_page(paging, *third->next, page_of({"e"}));
  EXPECT_FALSE(end->next);
  EXPECT_EQ(end->moved, "");
  // "a" was deleted after the second page: "f" stands where "e" stood.
  EXPECT_NE(after_page(paging, *third->next, page_of({"f", "g", "h"}))->moved, "");
  EXPECT_NE(after_page(paging, *third->next, page_of({}))->moved, "");
}

// A page of one cannot overlap: it would be the one we have, forever or as if it were the last.
TEST(Paging, PagesOfOneDoNotOverlap) {
  Paging paging = by(PagingKind::offset);
  paging.proof = PagingProof::overlap;
  const auto second = after_page(paging, {}, page_of({"a"}));
  EXPECT_EQ(page_query(paging, *second->next), (Query{{"n", "10"}, {"at", "1"}}));
  EXPECT_EQ(after_page(paging, *second->next, page_of({"b"}))->known, 0u);
}

TEST(Paging, ReadingTwiceShowsWhatMoved) {
  Paging paging = by(PagingKind::page);
  paging.size = 2;
  paging.short_page_ends = true;
  paging.proof = PagingProof::twice;
  const auto read = [&](const std::vector<std::vector<std::string>>& pages) {
    ListingState state;
    bool moved = false;
    for (const auto& ids : pages) {
      const auto after = after_page(paging, state, page_of(ids));
      if (!after) throw std::runtime_error(after.error());
      moved = !after->moved.empty();
      if (!after->next) return std::string(moved ? "moved" : "the same");
      state = *after->next;
    }
    return std::string("goes on");
  };
  EXPECT_EQ(read({{"a"}}), "the same");  // nobody can slip between the pages of one page
  EXPECT_EQ(read({{"a", "b"}, {"c"}}), "goes on");
  EXPECT_EQ(read({{"a", "b"}, {"c"}, {"a", "b"}, {"c"}}), "the same");
  EXPECT_EQ(read({{"a", "b"}, {"d"}, {"b", "c"}, {"d"}}), "moved");  // "a" was deleted, "c" was swallowed
}

TEST(Paging, EndsByTheNumberOfPagesAndByAnEmptyPageWhereTheRecipeSaysSo) {
  PageFacts facts = page(10, "a");
  facts.page_count = 1;
  EXPECT_FALSE(after_page(by(PagingKind::page), {}, facts)->next);
  facts.page_count = 2;
  EXPECT_TRUE(after_page(by(PagingKind::page), {}, facts)->next);
  Paging cursor = by(PagingKind::cursor);
  EXPECT_TRUE(after_page(cursor, {}, page(0, "c1"))->next);
  cursor.empty_page_ends = true;
  EXPECT_FALSE(after_page(cursor, {}, page(0, "c1"))->next);
}

TEST(Paging, SaysItsPositionToCallsThatPlaceItThemselves) {
  ListingState state;
  EXPECT_EQ(page_position(by(PagingKind::page), state), 1);
  EXPECT_EQ(page_position(by(PagingKind::cursor), state), nullptr);
  state.token = "c1";
  EXPECT_EQ(page_position(by(PagingKind::cursor), state), "c1");
}

// A circle of any length after a tail of any length is found, and soon.
RC_GTEST_PROP(Paging, FindsEveryCircle, ()) {
  const auto tail = *rc::gen::inRange(0, 40);
  const auto circle = *rc::gen::inRange(1, 40);
  const Paging paging = by(*rc::gen::element(PagingKind::cursor, PagingKind::offset, PagingKind::next_link));
  ListingState state;
  int walked = 0;
  while (true) {
    const int at = walked < tail ? walked : tail + (walked - tail) % circle;
    const auto next = after_page(paging, state, page(10, "mark" + std::to_string(at)));
    ++walked;
    if (!next) break;
    RC_ASSERT(next->next.has_value());
    RC_ASSERT(listing_state(to_json(*next->next)) == *next->next);
    state = *next->next;
    RC_ASSERT(walked < 6 * (tail + circle) + 10);
  }
  RC_ASSERT(walked > tail);
}

TEST(Paging, ReadsLinkHeaders) {
  EXPECT_EQ(next_of_link_header(R"(<https://a/x?page=2>; rel="next", <https://a/x?page=9>; rel="last")"),
            "https://a/x?page=2");
  EXPECT_EQ(next_of_link_header("</x?p=1>; rel=prev, </x?p=3>; title=\"t\"; rel=next"), "/x?p=3");
  EXPECT_EQ(next_of_link_header("<https://a/x?page=9>; rel=\"last\""), "");
  EXPECT_EQ(next_of_link_header("nonsense"), "");
  EXPECT_EQ(next_of_link_header(""), "");
}

TEST(ListingPosition, TakesOnlyWholeNumbersThatFit) {
  nlohmann::json kept = to_json(ListingState{});
  EXPECT_NO_THROW(listing_state(kept));
  for (const char* wrong : {"21e32", "1.5", "-1", "\"1\""}) {
    nlohmann::json other = kept;
    other.at(2) = nlohmann::json::parse(wrong);
    EXPECT_THROW(listing_state(other), nlohmann::json::exception) << wrong;
  }
}

}  // namespace
}  // namespace usher::recipe
