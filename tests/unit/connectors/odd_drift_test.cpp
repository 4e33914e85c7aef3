#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/unit/connectors/odd_api.hpp"

// Somebody works on the platform while it is read.
namespace usher {
namespace {

using nlohmann::json;

// Somebody is deleted, and somebody else made, between two pages: their number stays the same.
class OddDrift : public OddApi {
 protected:
  void SetUp() override {
    for (int i = 10; i < 35; ++i) held.push_back(i);
    serve([this](const FakeApi::Call& call) {
      const auto from = static_cast<std::size_t>(
          call.query.count("page") > 0 ? (number(call, "page", 1) - 1) * 10 : number(call, "skip", 0));
      json rows = json::array();
      for (std::size_t i = from; i < std::min(from + 10, held.size()); ++i) rows.push_back(user(held[i]));
      if (++calls == 2) {
        held.erase(held.begin());
        held.push_back(50 + calls);
      }
      return FakeApi::Reply{.body = json{{"rows", rows}, {"total", held.size()}}.dump()};
    });
  }
  // Whether the pages say themselves that they do not fit together.
  bool moved() {
    const auto pages = all_pages(*connector);
    if (!pages) ADD_FAILURE() << describe(pages.error());
    ids.clear();
    bool any = false;
    for (const Page& page : *pages) {
      any = any || !page.moved.empty();
      for (const Account& account : page.accounts) ids.push_back(account.id);
    }
    return any;
  }

  std::vector<int> held;
  int calls = 0;
  std::vector<std::string> ids;
};

TEST_F(OddDrift, IsSeenByPagesThatOverlap) {
  const std::string list =
      "{request: GET /p, items: rows, total: total, pages: {by: offset, parameter: skip, size: 10";
  connect(with_list(list + "}}"));
  EXPECT_TRUE(moved());
  calls = 10;  // nobody works there any more
  EXPECT_FALSE(moved());
  EXPECT_EQ(ids.size(), 25u);
  calls = 0;
  connect(with_list(list + ", proof: none}}"));
  EXPECT_FALSE(moved());  // what the default is there for
}

TEST_F(OddDrift, IsSeenByReadingTwice) {
  connect(with_list("{request: GET /p, items: rows, pages: {by: page, parameter: page, size: 10}}"));
  EXPECT_TRUE(moved());
  EXPECT_EQ(ids.size(), 25u);  // as many as there are, and yet
  EXPECT_EQ(std::count(ids.begin(), ids.end(), "30"), 0) << "who was swallowed";
  calls = 10;
  EXPECT_FALSE(moved());
  EXPECT_EQ(ids.size(), 25u);
}

}  // namespace
}  // namespace usher
