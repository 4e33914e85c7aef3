#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>
#include <set>
#include <thread>

#include "connectors/http/auth.hpp"
#include "connectors/http/budget.hpp"
#include "connectors/http/client.hpp"
#include "connectors/http/retry.hpp"
#include "connectors/http/url.hpp"
#include "tests/unit/connectors/closing_server.hpp"
#include "tests/unit/connectors/fake_api.hpp"

namespace usher::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Request request(const std::string& method, const std::string& url) {
  Request result;
  result.method = method;
  result.url = url;
  result.shown = method + " somewhere";
  return result;
}

TEST(Url, ReadsABase) {
  const Base base = *parse_base("https://API.example.com/v2/");
  EXPECT_EQ(base.url("/users"), "https://api.example.com/v2/users");
  EXPECT_EQ(parse_base("http://127.0.0.1:9002")->origin(), "http://127.0.0.1:9002");
  for (const char* wrong :
       {"", "users", "ftp://x.example", "https://user:hunter2@x.example", "https://x.example/?a=b"}) {
    EXPECT_FALSE(parse_base(wrong)) << wrong;
  }
  EXPECT_EQ(parse_base("https://user:hunter2@x.example").error().find("hunter2"), std::string::npos);
}

TEST(Url, FollowsLinksOnlyAtHome) {
  const Base base = *parse_base("https://api.example.com/v2");
  const std::string here = "https://api.example.com/v2/users/?limit=1";
  EXPECT_EQ(follow(base, here, "/v2/users/?offset=1"), "https://api.example.com/v2/users/?offset=1");
  EXPECT_EQ(follow(base, here, "?offset=1"), "https://api.example.com/v2/users/?offset=1");
  EXPECT_EQ(follow(base, here, "https://API.example.com:443/v2/x?a=b"), "https://api.example.com/v2/x?a=b");
  EXPECT_EQ(follow(base, here, "http://api.example.com/v2/x"), "https://api.example.com/v2/x");
  for (const char* foreign :
       {"https://evil.example/v2/users", "//evil.example/x", "https://api.example.com:8443/x",
        "https://api.example.com@evil.example/", "file:///etc/passwd", "https://me:word@api.example.com/x"}) {
    EXPECT_FALSE(follow(base, here, foreign)) << foreign;
  }
}

TEST(Url, Encodes) {
  EXPECT_EQ(encode("a b/c?d=ä"), "a%20b%2Fc%3Fd%3D%C3%A4");
  EXPECT_EQ(encode_path("/a b/c?d"), "/a%20b/c%3Fd");
}

RC_GTEST_PROP(Retry, WaitsWithinItsBounds, ()) {
  const RetryPolicy policy;
  const int attempt = *rc::gen::inRange(1, 100);
  const double random = *rc::gen::inRange(0, 1000) / 1000.0;
  const auto kind = *rc::gen::element(FailureKind::cut, FailureKind::throttled, FailureKind::unavailable);
  const auto wait = delay(attempt, kind, std::nullopt, random, policy);
  RC_ASSERT(wait.count() >= 0 && wait <= policy.ceiling);
  const milliseconds floor(*rc::gen::inRange(0, 600'000));
  const auto asked = delay(attempt, kind, floor, random, policy);
  RC_ASSERT(asked >= floor && asked <= floor + seconds(1));
}

TEST(Retry, GrowsAndSparesTheThrottled) {
  const RetryPolicy policy;
  EXPECT_EQ(delay(1, FailureKind::cut, {}, 0.999999, policy), milliseconds(499));
  EXPECT_EQ(delay(3, FailureKind::cut, {}, 0.5, policy), milliseconds(1000));
  EXPECT_EQ(delay(1, FailureKind::throttled, {}, 0.5, policy), milliseconds(1000));
}

TEST(Retry, RepeatsWritesOnlyWhenTheySurelyDidNotHappen) {
  Failure failure;
  for (const auto kind : {FailureKind::unreachable, FailureKind::throttled, FailureKind::unavailable}) {
    failure.kind = kind;
    failure.may_have_happened = false;
    EXPECT_TRUE(surely_not_happened(failure, 1));
    failure.may_have_happened = true;
    EXPECT_FALSE(surely_not_happened(failure, 1));
  }
  failure.may_have_happened = false;
  for (const auto kind : {FailureKind::denied, FailureKind::gone, FailureKind::conflict, FailureKind::invalid,
                          FailureKind::refused, FailureKind::stopped, FailureKind::already_so}) {
    failure.kind = kind;
    EXPECT_FALSE(surely_not_happened(failure, 1));
  }
}

TEST(Budget, LetsABurstGoAndThenKeepsTheRate) {
  Bucket bucket({.rate = 10, .burst = 3});
  const Bucket::Time start{seconds(1000)};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bucket.take(start).count(), 0);
  EXPECT_EQ(bucket.take(start), milliseconds(100));
  EXPECT_EQ(bucket.take(start), milliseconds(200));
  EXPECT_EQ(bucket.take(start + seconds(1)).count(), 0);
}

TEST(Budget, HalvesOnThrottlingAndRecovers) {
  Bucket bucket({.rate = 8, .burst = 1});
  Bucket::Time now{seconds(1000)};
  bucket.throttled(now, seconds(5));
  EXPECT_DOUBLE_EQ(bucket.rate(), 4);
  EXPECT_GE(bucket.take(now), seconds(5));
  bucket.throttled(now + milliseconds(10), std::nullopt);  // the same burst
  EXPECT_DOUBLE_EQ(bucket.rate(), 4);
  bucket.answered(now + seconds(59));
  EXPECT_DOUBLE_EQ(bucket.rate(), 4);
  bucket.answered(now + seconds(61));
  EXPECT_DOUBLE_EQ(bucket.rate(), 8);
}

TEST(Budget, ReadsRetryAfter) {
  const auto now = std::chrono::system_clock::from_time_t(784111777);  // Sun, 06 Nov 1994 08:49:37 GMT
  EXPECT_EQ(retry_after("7", now), milliseconds(7000));
  EXPECT_EQ(retry_after("0.5", now), milliseconds(500));
  EXPECT_EQ(retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now), milliseconds(10'000));
  EXPECT_EQ(retry_after("Sun, 06 Nov 1994 08:49:07 GMT", now), milliseconds(0));
  EXPECT_EQ(retry_after("86400", now), std::chrono::hours(24));
  EXPECT_EQ(retry_after("999999999", now), std::chrono::hours(24 * 365));
  EXPECT_FALSE(retry_after("soon", now));
  EXPECT_FALSE(retry_after("-3", now));
  EXPECT_FALSE(retry_after("", now));
}

// Counts logins; the token is the number of the login.
SessionProtocol counting(std::atomic<int>& logins, std::optional<seconds> life) {
  SessionProtocol protocol;
  protocol.login = [&logins, life](Transport&, std::stop_token) -> Outcome<Tokens> {
    return Tokens{.token = Secret(std::to_string(++logins)), .refresh_token = {}, .life = life};
  };
  protocol.headers = [](const Tokens& tokens) {
    return std::vector<SecretHeader>{{"Authorization", tokens.token}};
  };
  return protocol;
}

TEST(Auth, ProvesItself) {
  EXPECT_EQ(basic("Aladdin", "open sesame").value.reveal(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(bearer("abc").value.reveal(), "Bearer abc");
}

TEST(Auth, TakesNoLifeThatNobodyCanMean) {
  constexpr double month = 30 * 24 * 3600;
  EXPECT_EQ(token_life(900), seconds(900));
  for (const double far : {1e308, 9.3e18, 253402300799.0, std::numeric_limits<double>::infinity()})
    EXPECT_EQ(token_life(far), seconds(static_cast<int>(month))) << far;
  for (const double none : {0.0, -5.0, -1e308, std::nan("")}) EXPECT_FALSE(token_life(none)) << none;
  EXPECT_EQ(token_life(0.4), seconds(5));
}

TEST(Auth, LogsInOnceWhateverTheLifeIsSaidToBe) {
  FakeApi api([](const FakeApi::Call&) { return FakeApi::Reply{}; });
  for (const double said : {1e308, 9.3e18, 253402300799.0, -5.0, 0.0, 0.4}) {
    std::atomic<int> logins = 0;
    TestClock clock;
    Authenticated session(std::make_unique<Client>(*parse_base(api.url()), ClientOptions{}),
                          counting(logins, token_life(said)), clock);
    for (int i = 0; i < 6; ++i) EXPECT_TRUE(session.send(request("GET", api.url() + "/x"), {}));
    EXPECT_EQ(logins, 1) << said;
  }
}

TEST(Auth, TriesARefusedLoginOnce) {
  std::atomic<int> logins = 0;
  FakeApi api([](const FakeApi::Call&) { return FakeApi::Reply{}; });
  SessionProtocol refusing = counting(logins, {});
  refusing.login = [&logins](Transport&, std::stop_token) -> Outcome<Tokens> {
    ++logins;
    return fail(FailureKind::refused, "no", "POST /login");
  };
  TestClock clock;
  Authenticated session(std::make_unique<Client>(*parse_base(api.url()), ClientOptions{}), refusing, clock);
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < 8; ++i)
      workers.emplace_back(
          [&] { EXPECT_EQ(session.send(request("GET", api.url() + "/x"), {}).error().message, "no"); });
  }
  EXPECT_EQ(logins, 1);
}

TEST(Auth, ReadsTheLifeOfAToken) {
  const auto now = std::chrono::system_clock::from_time_t(1'000'000);
  // {"exp":1000900,"iat":1000000} and {"exp":1000900}
  EXPECT_EQ(jwt_life("e30.eyJleHAiOjEwMDA5MDAsImlhdCI6MTAwMDAwMH0.x", now + seconds(500)), seconds(900));
  EXPECT_EQ(jwt_life("e30.eyJleHAiOjEwMDA5MDB9.x", now), seconds(900));
  for (const char* none : {"", "abc", "a.b", "e30.e30.x", "e30.!!!.x", "..", "e30.eyJleHAiOiJ4In0.x"}) {
    EXPECT_FALSE(jwt_life(none, now)) << none;
  }
}

TEST(Auth, AllThreadsWaitForOneLogin) {
  std::atomic<int> logins = 0;
  FakeApi api([](const FakeApi::Call& call) {
    return FakeApi::Reply{.status = call.headers.at("authorization") == "1" ? 200 : 500};
  });
  TestClock clock;
  Authenticated session(std::make_unique<Client>(*parse_base(api.url()), ClientOptions{}),
                        counting(logins, {}), clock);
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        const auto response = session.send(request("GET", api.url() + "/x"), {});
        good += response && response->status == 200 ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(good, 8);
  EXPECT_EQ(logins, 1);
}

TEST(Auth, RenewsBeforeTheTokenLapsesAndOnceWhenThePlatformSaysSo) {
  std::atomic<int> logins = 0;
  std::atomic<int> refused = 0;
  FakeApi api([&](const FakeApi::Call& call) {
    return FakeApi::Reply{.status = call.headers.at("authorization") == "3" ? 200
                                    : ++refused > 0                         ? 401
                                                                            : 200};
  });
  TestClock clock;
  Authenticated session(std::make_unique<Client>(*parse_base(api.url()), ClientOptions{}),
                        counting(logins, seconds(900)), clock);
  EXPECT_EQ(session.send(request("GET", api.url() + "/x"), {})->status, 401);  // tokens 1 and 2
  EXPECT_EQ(logins, 2);
  EXPECT_EQ(refused, 2);
  clock.advance(seconds(850));  // fifty seconds before its end
  EXPECT_EQ(session.send(request("GET", api.url() + "/x"), {})->status, 200);
  EXPECT_EQ(logins, 3);
}

TEST(HttpClient, TellsUnreachableFromCut) {
  std::string url;
  {
    FakeApi api([](const FakeApi::Call&) { return FakeApi::Reply{}; });
    url = api.url();
  }
  Client client(*parse_base(url), ClientOptions{});
  const auto nobody = client.send(request("POST", url + "/x"), {});
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind, FailureKind::unreachable);
  EXPECT_FALSE(nobody.error().may_have_happened);

  FakeApi cutting(
      [](const FakeApi::Call&) { return FakeApi::Reply{.status = 200, .body = "{\"a\":", .cut = true}; });
  Client other(*parse_base(cutting.url()), ClientOptions{});
  const auto read = other.send(request("GET", cutting.url() + "/x"), {});
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, FailureKind::cut);
  EXPECT_FALSE(read.error().may_have_happened);
  const auto written = other.send(request("POST", cutting.url() + "/x"), {});
  ASSERT_FALSE(written);
  EXPECT_TRUE(written.error().may_have_happened);
}

TEST(HttpClient, LimitsRepliesFollowsNothingAndStaysAtHome) {
  FakeApi api([](const FakeApi::Call& call) {
    if (call.path == "/moved")
      return FakeApi::Reply{.status = 302, .body = "", .headers = {{"Location", "/x"}}};
    return FakeApi::Reply{
        .status = 200, .body = std::string(5000, ' '), .headers = {{"X-Some-Thing", " a b "}}};
  });
  ClientOptions small;
  small.max_body = 4000;
  Client client(*parse_base(api.url()), small);
  const auto large = client.send(request("GET", api.url() + "/x"), {});
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().kind, FailureKind::malformed);
  Client roomy(*parse_base(api.url()), ClientOptions{});
  const auto fine = roomy.send(request("GET", api.url() + "/x"), {});
  EXPECT_EQ(fine->header("x-some-thing"), "a b");
  EXPECT_EQ(roomy.send(request("GET", api.url() + "/moved"), {})->status, 302);
  EXPECT_EQ(roomy.send(request("GET", "http://127.0.0.1:1/x"), {}).error().kind, FailureKind::malformed);
  EXPECT_EQ(roomy.send(request("GET", api.url() + "1/x"), {}).error().kind, FailureKind::malformed);
  EXPECT_EQ(api.calls().size(), 3u);
}

// Each change is a read and a write, as an apply makes them.
TEST(HttpClient, WritesToAServerThatClosesWithoutSayingSo) {
  for (const int microseconds : {0, 300, 2'000, 20'000}) {
    ClosingServer server{std::chrono::microseconds(microseconds)};
    Client client(*parse_base(server.url()), ClientOptions{});
    int doubts = 0;
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(client.send(request("GET", server.url() + "/x"), {}));
      const auto written = client.send(request("PATCH", server.url() + "/x"), {});
      doubts += written ? 0 : 1;
    }
    EXPECT_LE(doubts, 1) << microseconds;  // from the first cut on it is known
    EXPECT_EQ(server.answered(), 40 - doubts) << microseconds;
  }
}

TEST(HttpClient, KeepsTheConnectionsOfAServerThatKeepsThem) {
  std::set<std::string> ports;
  std::mutex mutex;
  FakeApi api([&](const FakeApi::Call& call) {
    const std::lock_guard lock(mutex);
    ports.insert(call.headers.at("remote_port"));
    return FakeApi::Reply{};
  });
  Client client(*parse_base(api.url()), ClientOptions{});
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(client.send(request("GET", api.url() + "/x"), {}));
    ASSERT_TRUE(client.send(request("PATCH", api.url() + "/x"), {}));
  }
  EXPECT_LE(ports.size(), 5u);  // the test's server itself ends a connection after a number of requests
}

TEST(HttpClient, SendsThePathAsItIs) {
  FakeApi api([](const FakeApi::Call&) { return FakeApi::Reply{}; });
  Client client(*parse_base(api.url()), ClientOptions{});
  ASSERT_TRUE(client.send(request("GET", api.url() + "/a/../b/./c"), {}));
  EXPECT_EQ(api.calls(), std::vector<std::string>{"GET /a/../b/./c"});
}

TEST(HttpClient, WaitsForAWriteThatHasLeft) {
  std::stop_source stop;
  FakeApi api([&](const FakeApi::Call&) {
    stop.request_stop();
    std::this_thread::sleep_for(milliseconds(50));  // long enough for libcurl to look whether to stop
    return FakeApi::Reply{};
  });
  Client client(*parse_base(api.url()), ClientOptions{});
  EXPECT_TRUE(client.send(request("PATCH", api.url() + "/x"), stop.get_token()));
}

TEST(HttpClient, StopsWhenAsked) {
  FakeApi api([](const FakeApi::Call&) { return FakeApi::Reply{}; });
  Client client(*parse_base(api.url()), ClientOptions{});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(client.send(request("GET", api.url() + "/x"), stop.get_token()).error().kind,
            FailureKind::stopped);
  EXPECT_TRUE(api.calls().empty());
}

TEST(BudgetTest, ARequestThatBreaksOffGivesItsPlaceBack) {
  class Broken : public http::Transport {
   public:
    Outcome<http::Response> send(const http::Request&, std::stop_token) override {
      if (++sent == 1) throw std::bad_alloc();
      return http::Response{};
    }
    int sent = 0;
  };
  TestClock clock;
  http::Budgeted budgeted(std::make_unique<Broken>(), {.concurrency = 1}, clock);
  EXPECT_THROW(static_cast<void>(budgeted.send({}, {})), std::bad_alloc);
  std::stop_source stop;
  stop.request_stop();  // a place that is lost is waited for: that ends here as stopped
  EXPECT_TRUE(budgeted.send({}, stop.get_token()));
}

}  // namespace
}  // namespace usher::http
