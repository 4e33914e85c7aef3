#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/http/clock.hpp"
#include "connectors/registry.hpp"

namespace usher {

/// A small HTTP server on loopback whose answers a test writes.
class FakeApi {
 public:
  struct Call {
    std::string method, path, body;
    std::map<std::string, std::string> query, headers;  ///< header names in lower case
  };
  struct Reply {
    int status = 200;
    std::string body = "{}";
    std::map<std::string, std::string> headers = {};
    bool cut = false;  ///< close the connection in the middle of the body
  };
  explicit FakeApi(std::function<Reply(const Call&)> answer);
  ~FakeApi();

  std::string url() const;
  /// "GET /users?page=2" of every call so far, in order.
  std::vector<std::string> calls() const;

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

/// Stands still until it is told otherwise, and never waits.
class TestClock final : public http::Clock {
 public:
  std::chrono::steady_clock::time_point now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  bool sleep(std::chrono::milliseconds time, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    now_ += time;
    slept += time;
    return true;
  }
  void advance(std::chrono::seconds time) {
    const std::lock_guard lock(mutex_);
    now_ += time;
  }
  std::chrono::milliseconds slept{};

 private:
  mutable std::mutex mutex_;
  std::chrono::steady_clock::time_point now_ = std::chrono::steady_clock::now();
};

/// A connector made of a recipe's text; throws with all mistakes when there are any.
std::unique_ptr<Connector> connector_of(const std::string& recipe,
                                        const std::map<std::string, std::string>& options, http::Clock& clock,
                                        const ConnectorContext& context = {});

/// One operation and, after a create, what makes the account whole.
Outcome<Receipt> carry_out(Connector& connector, const Operation& operation, const Secret& secret);

/// All pages, in order.
Outcome<std::vector<Page>> all_pages(Connector& connector);

}  // namespace usher
