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
  facts.digest = facts.next = facts.last_id = mark;
  return facts;
}

using Query = std::vector<std::pair<std::string, std::string>>;

TEST(Paging, CountsWhatWasAnsweredNotWhatWasAskedFor) {
  const Paging paging = by(PagingKind::offset);
  EXPECT_EQ(page_query(paging, {}), (Query{{"n", "10"}, {"at", "0"}}));
  const auto second = after_page(paging, {}, page(4, "a"));  // the platform gives four at a time
  ASSERT_TRUE(second && *second);
  EXPECT_EQ(page_query(paging, **second), (Query{{"n", "10"}, {"at", "4"}}));
  const auto end = after_page(paging, **second, page(0));
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST(Paging, AShortPageIsTheLastOneOnlyWithATotalOrByOrder) {
  Paging paging = by(PagingKind::page);
  PageFacts facts = page(3);
  EXPECT_TRUE(*after_page(paging, {}, facts));
  facts.total = 3;
  EXPECT_FALSE(*after_page(paging, {}, facts));
  facts.total = 100;  // a platform that caps its pages below what is asked for
  EXPECT_TRUE(*after_page(paging, {}, facts));
  facts.total.reset();
  paging.short_page_ends = true;
  EXPECT_FALSE(*after_page(paging, {}, facts));
}

TEST(Paging, AFullPageIsNeverTheLastOneWhateverTheTotalSays) {
  PageFacts facts = page(10);
  facts.total = 10;
  EXPECT_TRUE(*after_page(by(PagingKind::offset), {}, facts));
}

TEST(Paging, NamesThePageThatIsLikeTheOneBefore) {
  const Paging paging = by(PagingKind::offset);
  const auto second = after_page(paging, {}, page(10, "same"));
  const auto third = after_page(paging, **second, page(10, "same"));
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error(), "page 2 is the same as the one before: the platform does not heed 'at'");
}

TEST(Paging, RefusesACursorThatNamesItself) {
  const Paging paging = by(PagingKind::cursor);
  const auto second = after_page(paging, {}, page(10, "c1"));
  ASSERT_TRUE(second && *second);
  EXPECT_EQ(page_query(paging, **second), (Query{{"n", "10"}, {"at", "c1"}}));
  EXPECT_FALSE(after_page(paging, **second, page(10, "c1")));
  EXPECT_FALSE(*after_page(paging, **second, page(10, "")));  // no cursor: the end
}

TEST(Paging, MoreSaysWhetherThereIsMore) {
  PageFacts facts = page(0, "c1");
  facts.more = true;
  EXPECT_TRUE(*after_page(by(PagingKind::cursor), {}, facts));
  facts.more = false;
  EXPECT_FALSE(*after_page(by(PagingKind::cursor), {}, facts));
  facts.more = true;
  facts.next = facts.last_id = "";
  EXPECT_FALSE(after_page(by(PagingKind::cursor), {}, facts));
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
    RC_ASSERT(next->has_value());
    RC_ASSERT(listing_state(to_json(**next)) == **next);
    state = **next;
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

}  // namespace
}  // namespace usher::recipe
