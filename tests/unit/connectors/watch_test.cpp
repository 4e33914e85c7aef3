#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>

#include "connectors/observer.hpp"
#include "tests/unit/connectors/odd_api.hpp"

// What is told of the way to a platform, and which waits are made.
namespace usher {
namespace {

using nlohmann::json;
using Kind = PlatformEvent::Kind;

class Recording final : public Observer {
 public:
  explicit Recording(bool traces) : traces_(traces) {}
  void happened(const PlatformEvent& event) noexcept override {
    const std::lock_guard lock(mutex_);
    events.push_back(event);
  }
  bool traces() const override { return traces_; }
  void exchanged(std::string_view text) noexcept override {
    const std::lock_guard lock(mutex_);
    trace += text;
  }
  long count(Kind kind) const {
    return std::count_if(events.begin(), events.end(),
                         [kind](const PlatformEvent& event) { return event.kind == kind; });
  }
  const PlatformEvent& first(Kind kind) const {
    return *std::find_if(events.begin(), events.end(),
                         [kind](const PlatformEvent& event) { return event.kind == kind; });
  }

  std::vector<PlatformEvent> events;
  std::string trace;

 private:
  std::mutex mutex_;
  const bool traces_;
};

class Watch : public OddApi {
 protected:
  void connect(const std::string& recipe, bool traces = false,
               std::optional<std::chrono::steady_clock::time_point> deadline = {}) {
    observer = std::make_shared<Recording>(traces);
    connector = connector_of(recipe, {{"url", api->url()}, {"key", "s3cret-key-0123"}}, clock,
                             {.recipe_folders = {}, .observer = observer, .deadline = deadline});
  }
  std::shared_ptr<Recording> observer;
};

const std::string bearer_list =
    with_list("{request: GET /users, pages: none}", R"({bearer: "{config.key}"})");

TEST_F(Watch, TellsRequestsRetriesAndPauses) {
  int asked = 0;
  serve([&](const FakeApi::Call&) {
    if (++asked == 1) return FakeApi::Reply{.status = 503};
    if (asked == 2) return FakeApi::Reply{.status = 429, .headers = {{"Retry-After", "40"}}};
    return FakeApi::Reply{.body = users(0, 2).dump()};
  });
  connect(bearer_list);
  EXPECT_EQ(pulled(), 2u);
  EXPECT_EQ(observer->count(Kind::request), 3);
  EXPECT_EQ(observer->count(Kind::retry), 2);
  EXPECT_EQ(observer->count(Kind::wait), 1);
  EXPECT_EQ(observer->count(Kind::login), 0);
  const PlatformEvent& pause = observer->first(Kind::wait);
  EXPECT_EQ(pause.platform, "test");
  EXPECT_EQ(pause.request, "GET /users");
  EXPECT_EQ(pause.time, std::chrono::seconds(40));
  EXPECT_EQ(observer->first(Kind::retry).attempt, 2);
  EXPECT_EQ(observer->first(Kind::retry).status, 503);
}

TEST_F(Watch, LeavesAWaitThatIsTooLongForTheNextRun) {
  serve([](const FakeApi::Call&) {
    return FakeApi::Reply{
        .status = 429, .body = R"({"message":"daily quota"})", .headers = {{"Retry-After", "86400"}}};
  });
  connect(bearer_list);
  EXPECT_EQ(pulled(), 0u);
  EXPECT_EQ(failure.kind, FailureKind::stopped);
  EXPECT_GE(failure.retry_after, std::chrono::hours(24));
  EXPECT_NE(failure.message.find("daily quota"), std::string::npos);
  EXPECT_NE(failure.message.find("left for the next run"), std::string::npos);
  EXPECT_EQ(observer->count(Kind::given_up), 1);
  EXPECT_EQ(pulled(), 0u);  // nobody asks a platform again that wants to be left alone
  EXPECT_EQ(failure.kind, FailureKind::stopped);
  EXPECT_EQ(api->calls().size(), 1u);
  EXPECT_EQ(clock.slept.count(), 0);
}

TEST_F(Watch, WaitsNotBeyondTheDeadline) {
  serve([](const FakeApi::Call&) {
    return FakeApi::Reply{.status = 503, .headers = {{"Retry-After", "600"}}};
  });
  connect(bearer_list, false, clock.now() + std::chrono::minutes(5));
  EXPECT_EQ(pulled(), 0u);
  EXPECT_EQ(failure.kind, FailureKind::stopped);
  EXPECT_EQ(api->calls().size(), 1u);
  connect(bearer_list, false, clock.now() + std::chrono::hours(5));
  EXPECT_EQ(pulled(), 0u);
  EXPECT_EQ(failure.kind, FailureKind::unavailable);
  EXPECT_GE(clock.slept, std::chrono::seconds(4 * 600));
}

TEST_F(Watch, ATraceHasWholeExchangesAndNoSecret) {
  const std::string token = "opaque-token-7f3e9a";
  serve([&](const FakeApi::Call& call) {
    if (call.path == "/login") return FakeApi::Reply{.body = json{{"t", token}}.dump()};
    if (call.method == "POST")
      return FakeApi::Reply{.status = 201, .body = R"({"id":"7","made":"made-by-the-platform"})"};
    return FakeApi::Reply{.body = json{{"id", "1"},
                                       {"mail", "1@x.example"},
                                       {"password_hash", "00ff"},
                                       {"echo", call.headers.at("authorization")}}
                                      .dump(),
                          .headers = {{"Set-Cookie", "sid=cookie-value"}}};
  });
  connect(head + R"(
auth: {session: {login: {request: POST /login, body: {k: config.key}}, token: t}}
user:
  attributes: {mail: {}}
  key: mail
  list: {request: GET /users, pages: none}
  get: {request: "GET /users/{account.id}"}
  create: {request: POST /users, answers: made}
)",
          true);
  ASSERT_TRUE(connector->read({.id = "1"}, {}));
  Operation create;
  create.kind = OperationKind::create;
  create.after = {{"mail", "a@x.example"}};
  ASSERT_TRUE(connector->apply(create, {}, {}));
  const std::string& trace = observer->trace;
  for (const char* shown : {"> POST /login", "> GET /users/1", "1@x.example", "< 200",
                            R"({"mail":"a@x.example"})", "< 201", "the reply holds a secret"})
    EXPECT_NE(trace.find(shown), std::string::npos) << shown << "\n" << trace;
  for (const std::string& secret :
       {std::string("s3cret-key-0123"), token, std::string("made-by-the-platform"),
        std::string("cookie-value"), std::string("00ff")})
    EXPECT_EQ(trace.find(secret), std::string::npos) << secret << "\n" << trace;
  EXPECT_EQ(observer->count(Kind::login), 1);
}

}  // namespace
}  // namespace usher
