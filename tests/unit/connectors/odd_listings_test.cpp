#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/unit/connectors/odd_api.hpp"

// How users are listed on APIs that are in no recipe of ours.
namespace usher {
namespace {

using nlohmann::json;

class OddListings : public OddApi {};

TEST_F(OddListings, AListAndNothingElse) {
  serve([](const FakeApi::Call&) { return FakeApi::Reply{.body = users(0, 3).dump()}; });
  connect(with_list("{request: GET /people, pages: none}"));
  EXPECT_EQ(pulled(), 3u);
}

TEST_F(OddListings, OffsetWithSilentlyCappedPages) {
  serve([](const FakeApi::Call& call) {
    const int from = number(call, "skip", 0);
    return FakeApi::Reply{.body = users(from, std::clamp(25 - from, 0, 10)).dump()};
  });
  connect(with_list(
      "{request: GET /people, pages: {by: offset, parameter: skip, size-parameter: take, size: 1000}}"));
  EXPECT_EQ(pulled(), 25u);
}

TEST_F(OddListings, PagesCountedFromOneInsideAnEnvelope) {
  serve([](const FakeApi::Call& call) {
    const int page = number(call, "page", 1);
    return FakeApi::Reply{.body = json{{"data", {{"people", users((page - 1) * 10, page == 3 ? 5 : 10)}}},
                                       {"meta", {{"total", 25}}}}
                                      .dump()};
  });
  connect(
      with_list("{request: GET /people, items: data.people, total: meta.total, pages: {by: page, parameter: "
                "page, size: 10}}"));
  EXPECT_EQ(pulled(), 25u);
  EXPECT_EQ(api->calls().size(), 6u);  // all of it twice: that is the proof
}

TEST_F(OddListings, ParametersThatAreNotHeededAreFoundOut) {
  serve([](const FakeApi::Call&) { return FakeApi::Reply{.body = users(0, 30).dump()}; });
  connect(with_list(
      "{request: GET /people, pages: {by: offset, parameter: skip, size-parameter: take, size: 10}}"));
  EXPECT_EQ(pulled(), 0u);
  EXPECT_EQ(failure.kind, FailureKind::malformed);
  EXPECT_NE(failure.message.find("does not heed 'skip'"), std::string::npos) << failure.message;
}

TEST_F(OddListings, CursorInABodyAndInAHeader) {
  serve([](const FakeApi::Call& call) {
    const int from = number(call, "after", 0);
    const int next = from + 10;
    FakeApi::Reply reply;
    json body{{"items", users(from, 10)}, {"next", next < 30 ? json(std::to_string(next)) : json()}};
    reply.body = body.dump();
    if (next < 30) reply.headers["X-Next"] = std::to_string(next);
    return reply;
  });
  connect(with_list("{request: GET /p, items: items, pages: {by: cursor, parameter: after, next: next}}"));
  EXPECT_EQ(pulled(), 30u);
  connect(with_list(
      "{request: GET /p, items: items, pages: {by: cursor, parameter: after, next-header: X-Next}}"));
  EXPECT_EQ(pulled(), 30u);
}

TEST_F(OddListings, LinksAreFollowedAtHomeOnly) {
  std::string elsewhere;
  serve([&](const FakeApi::Call& call) {
    const int from = number(call, "from", 0);
    FakeApi::Reply reply;
    json body{{"items", users(from, 10)}};
    if (from < 20) body["next"] = elsewhere + "/p?from=" + std::to_string(from + 10);
    if (from < 20) reply.headers["Link"] = "</p?from=" + std::to_string(from + 10) + ">; rel=\"next\"";
    reply.body = body.dump();
    return reply;
  });
  elsewhere = api->url();
  const std::string by_body =
      with_list("{request: GET /p, items: items, pages: {by: next-link, next: next}}");
  connect(by_body);
  EXPECT_EQ(pulled(), 30u);
  connect(with_list("{request: GET /p, items: items, pages: {by: link-header}}"));
  EXPECT_EQ(pulled(), 30u);
  elsewhere = "https://evil.example";
  connect(by_body);
  EXPECT_EQ(pulled(), 0u);
  EXPECT_NE(failure.message.find("another host"), std::string::npos) << failure.message;
}

TEST_F(OddListings, KeysetByTheLastId) {
  serve([](const FakeApi::Call& call) {
    const int from = number(call, "since", -1) + 1;
    return FakeApi::Reply{.body = users(from, std::clamp(25 - from, 0, 10)).dump()};
  });
  connect(with_list("{request: GET /p, pages: {by: last-id, parameter: since, size: 10}}"));
  EXPECT_EQ(pulled(), 25u);
}

TEST_F(OddListings, AReplyWithoutItsListIsNotAnEmptyOne) {
  serve([](const FakeApi::Call&) { return FakeApi::Reply{.body = R"({"error":"maintenance"})"}; });
  connect(with_list("{request: GET /p, items: items, pages: none}"));
  EXPECT_EQ(pulled(), 0u);
  EXPECT_EQ(failure.kind, FailureKind::malformed);
  connect(with_list("{request: GET /p, items: items, items-optional: true, pages: none}"));
  failure = {};
  EXPECT_EQ(pulled(), 0u);
  EXPECT_TRUE(failure.message.empty());
}

TEST_F(OddListings, DisabledAccountsInAListOfTheirOwn) {
  serve([](const FakeApi::Call& call) {
    return FakeApi::Reply{.body = users(call.path == "/active" ? 0 : 10, 2).dump()};
  });
  connect(
      with_list("[{request: GET /active, pages: none, active: true}, {request: GET /gone, pages: none, "
                "active: false}]"));
  const auto pages = all_pages(*connector);
  ASSERT_TRUE(pages);
  EXPECT_TRUE(pages->at(0).accounts.at(0).active);
  EXPECT_FALSE(pages->at(1).accounts.at(0).active);
}

// What a search endpoint wants: the position in the body of a POST.
TEST_F(OddListings, ThePositionWhereTheRecipeReadsIt) {
  std::string seen;
  serve([&](const FakeApi::Call& call) {
    const json body = json::parse(call.body, nullptr, false);
    json page = json::object();
    if (call.path == "/search") {
      seen += call.body + " ";
      page = {{"hits", users(body.at("from").get<int>(), body.at("from") == 0 ? 10 : 5)}};
    } else if (call.path == "/graphql") {
      seen += body.at("variables").dump() + " ";
      const bool first = !body.at("variables").contains("after");
      json edges = json::array();
      for (const json& one : users(first ? 0 : 10, first ? 10 : 5)) edges.push_back({{"node", one}});
      page = {{"data",
               {{"users",
                 {{"edges", edges},
                  {"pageInfo", {{"hasNextPage", first}, {"endCursor", first ? "c10" : "c15"}}}}}}}};
    } else if (call.path == "/ranged") {
      const int from = std::stoi(call.headers.at("x-range").substr(6));
      seen += call.headers.at("x-range") + " ";
      return FakeApi::Reply{.status = from < 15 ? 206 : 416,
                            .body = from < 15 ? users(from, std::min(10, 15 - from)).dump() : "",
                            .headers = {{"Content-Range", "items " + std::to_string(from) + "-/15"}}};
    } else {
      seen += call.path + " ";
      page = {{"hits", users(call.path == "/page/1" ? 0 : 10, call.path == "/page/1" ? 10 : 5)}};
    }
    return FakeApi::Reply{.body = page.dump()};
  });
  connect(with_list(R"(
    request: POST /search
    body: {from: page.position, size: page.size, query: {match_all: {}}}
    items: hits
    pages: {by: offset, size: 10, short-page-ends: true, proof: none})"));
  EXPECT_EQ(pulled(), 15u) << describe(failure);
  EXPECT_EQ(
      seen,
      R"({"from":0,"query":{"match_all":{}},"size":10} {"from":10,"query":{"match_all":{}},"size":10} )");
  seen.clear();
  connect(with_list(R"(
    request: POST /graphql
    body: {query: '"query($n: Int, $after: String) { … }"', variables: {n: page.size, "after?": page.position}}
    items: data.users.edges
    object: node
    pages: {by: cursor, next: data.users.pageInfo.endCursor, more: data.users.pageInfo.hasNextPage, size: 10,
            proof: {none: a cursor names its row}})"));
  EXPECT_EQ(pulled(), 15u) << describe(failure);
  EXPECT_EQ(seen, R"({"n":10} {"after":"c10","n":10} )");
  seen.clear();
  connect(with_list(R"(
    request: GET /ranged
    headers: {X-Range: "items={page.position}-{page.position + page.size - 1}"}
    total-header: Content-Range
    items-optional: true
    errors: [{when: status == 416, is: done}]
    pages: {by: offset, size: 10, proof: none})"));
  EXPECT_EQ(pulled(), 15u) << describe(failure);
  EXPECT_EQ(seen, "items=0-9 items=10-19 ");
  seen.clear();
  connect(with_list(R"({request: "GET /page/{page.position}", items: hits, pages: {by: page, size: 10,
    short-page-ends: true, proof: none}})"));
  EXPECT_EQ(pulled(), 15u) << describe(failure);
  EXPECT_EQ(seen, "/page/1 /page/2 ");
}

// Past its last page a platform may say 404, or nothing at all, or give the last page again.
TEST_F(OddListings, WaysToEnd) {
  std::string way;
  serve([&](const FakeApi::Call& call) {
    const int page = number(call, "page", 1);
    if (page > 2 && way == "404")
      return FakeApi::Reply{.status = 404, .body = R"({"detail":"Invalid page."})"};
    if (page > 2 && way == "204") return FakeApi::Reply{.status = 204, .body = ""};
    const int shown = std::min(page, 2);
    return FakeApi::Reply{.body = json{{"rows", users((shown - 1) * 10, 10)}, {"pages", 2}}.dump()};
  });
  const std::string optional =
      "{request: GET /p, items: rows, items-optional: true, errors: [{when: status == 404, is: done}], "
      "pages: {by: page, parameter: page, size: 10, proof: none}}";
  for (const char* one : {"404", "204"}) {
    way = one;
    connect(with_list(optional));
    EXPECT_EQ(pulled(), 20u) << way << ": " << describe(failure);
  }
  way = "again";
  connect(with_list(
      "{request: GET /p, items: rows, pages: {by: page, parameter: page, size: 10, page-count: pages}}"));
  EXPECT_EQ(pulled(), 20u) << describe(failure);
  connect(with_list("{request: GET /p, items: rows, pages: {by: page, parameter: page, size: 10}}"));
  EXPECT_EQ(pulled(), 0u);  // the same page again is never believed
  EXPECT_EQ(failure.kind, FailureKind::malformed);
}

TEST_F(OddListings, ACursorThatIsThereOnTheEmptyLastPageToo) {
  serve([](const FakeApi::Call& call) {
    const int from = number(call, "after", 0);
    return FakeApi::Reply{.body = json{{"rows", users(from, std::clamp(25 - from, 0, 10))},
                                       {"cursor", std::to_string(std::min(from + 10, 25))}}
                                      .dump()};
  });
  connect(
      with_list("{request: GET /p, items: rows, pages: {by: cursor, parameter: after, next: cursor, "
                "empty-page-ends: true}}"));
  EXPECT_EQ(pulled(), 25u) << describe(failure);
}

TEST_F(OddListings, EachListingHasItsAccountsWhereItSays) {
  serve([](const FakeApi::Call& call) {
    if (call.path == "/active") return FakeApi::Reply{.body = users(0, 2).dump()};
    return FakeApi::Reply{.body = "[{\"user\":" + user(10).dump() +
                                  R"(},{"user":{"id":"11","mail":"11\ud83e@x.example"}}])"};
  });
  connect(
      with_list("[{request: GET /active, pages: none, active: true}, {request: GET /gone, pages: none, "
                "object: user, active: false}]"));
  const auto pages = all_pages(*connector);
  ASSERT_TRUE(pages) << describe(pages.error());
  ASSERT_EQ(pages->at(1).accounts.size(), 1U) << pages->at(1).bad.at(0).why;
  EXPECT_EQ(pages->at(1).accounts[0].id, "10");
  ASSERT_EQ(pages->at(1).bad.size(), 1U);
  EXPECT_EQ(pages->at(1).bad[0].id, "11");
  EXPECT_EQ(pages->at(1).bad[0].why, "'mail': a text or number that cannot be read");
}

}  // namespace
}  // namespace usher
