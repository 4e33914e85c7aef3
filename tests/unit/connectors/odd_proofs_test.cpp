#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/unit/connectors/odd_api.hpp"

// What shows that a listing held everybody, and what takes the proof away.
namespace usher {
namespace {

using nlohmann::json;

class OddProofs : public OddApi {
 protected:
  // Why the pages prove nothing; empty: they do.
  std::string doubt() {
    const auto pages = all_pages(*connector);
    if (!pages) return describe(pages.error());
    std::string found;
    for (const Page& page : *pages) {
      if (found.empty()) found = page.moved;
      if (found.empty()) found = page.no_total;
      for (const std::string& id : page.vanished) found += "vanished " + id;
    }
    return found;
  }
  json listed = users(0, 25);
  FakeApi::Reply some(std::size_t from, std::size_t count, json rest = json::object()) {
    json rows = json::array();
    for (std::size_t i = from; i < std::min(from + count, listed.size()); ++i) rows.push_back(listed[i]);
    rest["rows"] = rows;
    return {.body = rest.dump()};
  }
};

TEST_F(OddProofs, PagesLinksAndCursorsAreReadTwice) {
  int calls = 0;
  bool busy = true;
  serve([&](const FakeApi::Call& call) {
    const auto page = static_cast<std::size_t>(number(call, "at", 1));
    json rest = {{"total", listed.size()}};
    if (page * 10 < listed.size()) rest["next"] = std::to_string(page + 1);
    auto reply = some((page - 1) * 10, 10, rest);
    if (page * 10 < listed.size())
      reply.headers["Link"] = "</p?at=" + std::to_string(page + 1) + ">; rel=\"next\"";
    if (++calls == 1 && busy) {  // one goes and one comes: their number stays the same
      listed.erase(3);
      listed.push_back(user(99));
    }
    return reply;
  });
  for (const char* pages : {"{by: page, parameter: at, size: 10}", "{by: cursor, parameter: at, next: next}",
                            "{by: link-header}"}) {
    calls = 0;
    busy = true;
    const std::string list =
        std::string("{request: GET /p, items: rows, total: total, pages: ") + pages + "}";
    connect(with_list(list));
    EXPECT_NE(doubt(), "") << pages;
    busy = false;
    EXPECT_EQ(doubt(), "") << pages;
  }
  busy = true;
  calls = 0;
  connect(with_list(
      "{request: GET /p, items: rows, total: total, pages: {by: cursor, parameter: at, next: next, proof: "
      "{none: its cursors name rows}}}"));
  EXPECT_EQ(doubt(), "");
  EXPECT_EQ(calls, 3);
}

TEST_F(OddProofs, ATotalThatIsNamedHasToBeThere) {
  json total;
  bool there = true;
  serve([&](const FakeApi::Call&) { return some(0, 25, there ? json{{"total", total}} : json::object()); });
  connect(with_list("{request: GET /p, items: rows, total: total, pages: none}"));
  for (const auto& [value, said] : std::vector<std::pair<json, std::string>>{{json(), "'total' is null"},
                                                                             {-25, "'total' is -25"},
                                                                             {25.5, "'total' is 25.5"},
                                                                             {25, ""},
                                                                             {"25", ""}}) {
    total = value;
    EXPECT_EQ(doubt(), said);
  }
  there = false;
  EXPECT_EQ(doubt(), "the reply has no 'total'");
  listed = json::array();
  EXPECT_EQ(doubt(), "");  // some leave out a zero
}

TEST_F(OddProofs, PagesOfOneAreReadTwice) {
  int calls = 0;
  bool busy = true;
  listed = users(0, 4);
  serve([&](const FakeApi::Call& call) {
    auto reply = some(static_cast<std::size_t>(number(call, "skip", 0)), 1);
    if (++calls == 2 && busy) listed.erase(0);
    return reply;
  });
  connect(with_list("{request: GET /p, items: rows, pages: {by: offset, parameter: skip, size: 10}}"));
  EXPECT_NE(doubt(), "");
  busy = false;
  EXPECT_EQ(doubt(), "");
}

TEST_F(OddProofs, WhereOverlapIsNotHeededAllIsReadTwice) {
  serve([&](const FakeApi::Call& call) {  // pages begin where pages begin, whatever is asked
    const auto from = static_cast<std::size_t>(number(call, "skip", 0));
    return some((from + 9) / 10 * 10, 10);
  });
  connect(with_list("{request: GET /p, items: rows, pages: {by: offset, parameter: skip, size: 10}}"));
  EXPECT_EQ(
      doubt(),
      "page 2 begins with '10' and not with '9', the last one of the page before: somebody came or went "
      "meanwhile, or the platform does not keep to an order or to the offset it is asked for");
  EXPECT_TRUE(connector->prove_otherwise());
  EXPECT_EQ(doubt(), "");
  EXPECT_FALSE(connector->prove_otherwise());
}

// Whoever moves from a list that is read later to one that was read before would be in neither.
TEST_F(OddProofs, SeveralListingsAreHeldAgainstEachOther) {
  std::set<int> active{0, 1, 2}, suspended{3, 4};
  bool busy = true;
  serve([&](const FakeApi::Call& call) {
    json rows = json::array();
    for (const int one : call.path == "/suspended" ? suspended : active) rows.push_back(user(one));
    if (call.path == "/active" && std::exchange(busy, false)) {
      suspended.erase(3);
      active.insert(3);
    }
    return FakeApi::Reply{.body = rows.dump()};
  });
  connect(
      with_list("[{request: GET /active, pages: none, active: true}, {request: GET /suspended, pages: none, "
                "active: false}]"));
  EXPECT_NE(doubt().find("somebody may have moved between the listings"), std::string::npos);
  EXPECT_EQ(doubt(), "");
  EXPECT_EQ(pulled(), 5u);
}

TEST_F(OddProofs, AGroupThatIsMissingWhenItsMembersAreReadIsSeen) {
  int lists = 0;
  bool shy = true;
  serve([&](const FakeApi::Call& call) {
    if (call.path == "/groups") {
      const bool less = ++lists % 2 == 0 && shy;
      return FakeApi::Reply{.body = less ? R"([{"id":"g2","name":"Two"}])"
                                         : R"([{"id":"g1","name":"One"},{"id":"g2","name":"Two"}])"};
    }
    return FakeApi::Reply{.body = call.path == "/users" ? users(1, 2).dump() : R"([{"user":"1"}])"};
  });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none}
entitlements:
  group:
    list: {request: GET /groups, pages: none}
    memberships:
      per: group
      list: {request: "GET /groups/{entitlement.id}/members", pages: none}
      account: user
)");
  EXPECT_EQ(doubt(), "read a second time, there were 1 and not 2");
  shy = false;
  EXPECT_EQ(doubt(), "");
}

TEST_F(OddProofs, ListedAndNotFoundAloneIsTold) {
  serve([](const FakeApi::Call& call) {
    if (call.path == "/users") return FakeApi::Reply{.body = users(1, 3).dump()};
    if (call.path == "/users/2") return FakeApi::Reply{.status = 404, .body = "{}"};
    return FakeApi::Reply{.body = user(std::stoi(call.path.substr(7))).dump()};
  });
  connect(head + R"(auth: none
user:
  attributes: {mail: {}}
  list: {request: GET /users, pages: none, summary: true}
  get: {request: "GET /users/{account.id}"}
)");
  EXPECT_EQ(doubt(), "vanished 2");
}

TEST_F(OddProofs, NotKnowingWhoWeAreIsARemark) {
  serve([](const FakeApi::Call& call) {
    if (call.path == "/me") return FakeApi::Reply{.status = 404, .body = "{}"};
    return FakeApi::Reply{.body = users(1, 2).dump()};
  });
  connect(with_list("{request: GET /users, pages: none}\n  self: {request: GET /me}"));
  const auto pages = all_pages(*connector);
  ASSERT_TRUE(pages) << describe(pages.error());
  EXPECT_EQ(pages->front().self, "");
  ASSERT_EQ(pages->front().remarks.size(), 1u);
  EXPECT_EQ(pages->front().remarks[0].find("which account usher logs in with is unknown"), 0u)
      << pages->front().remarks[0];
  EXPECT_TRUE(connector->probe({}, {}));
}

TEST_F(OddProofs, WhoWeAreIsSaidOnce) {
  serve([](const FakeApi::Call& call) {
    if (call.path == "/me") return FakeApi::Reply{.body = R"({"id": "1", "id": "admin"})"};
    return FakeApi::Reply{.body = users(1, 2).dump()};
  });
  connect(with_list("{request: GET /users, pages: none}\n  self: {request: GET /me}"));
  const auto pages = all_pages(*connector);
  ASSERT_FALSE(pages);
  EXPECT_EQ(pages.error().message, "'id' stands twice in the reply that says who we are");
  EXPECT_FALSE(connector->probe({}, {}));
}

TEST_F(OddProofs, EmptyPagesEndSomewhere) {
  int calls = 0;
  serve([&](const FakeApi::Call&) {
    return FakeApi::Reply{.body = json{{"rows", json::array()}, {"next", std::to_string(++calls)}}.dump()};
  });
  connect(with_list("{request: GET /p, items: rows, pages: {by: cursor, parameter: at, next: next}}"));
  EXPECT_NE(doubt().find("100 pages in a row were empty"), std::string::npos);
}

}  // namespace
}  // namespace usher
