#include "tests/unit/connectors/fake_api.hpp"

#include <httplib.h>

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "connectors/recipe/make.hpp"

namespace usher {

struct FakeApi::Server {
  httplib::Server http;
  std::function<Reply(const Call&)> answer;
  mutable std::mutex mutex;
  std::vector<std::string> calls;
  int port = 0;
  std::jthread thread;

  void serve(const httplib::Request& request, httplib::Response& response) {
    Call call{
        .method = request.method, .path = request.path, .body = request.body, .query = {}, .headers = {}};
    for (const auto& [name, value] : request.params) call.query[name] = value;
    for (const auto& [name, value] : request.headers) {
      std::string lower = name;
      std::transform(lower.begin(), lower.end(), lower.begin(),
                     [](unsigned char c) { return std::tolower(c); });
      call.headers[lower] = value;
    }
    {
      const std::lock_guard lock(mutex);
      std::string target = request.target;
      calls.push_back(request.method + " " + target);
    }
    const Reply reply = answer(call);
    response.status = reply.status;
    for (const auto& [name, value] : reply.headers) response.set_header(name, value);
    if (reply.cut) {
      response.set_content_provider(reply.body.size() + 100, "application/json",
                                    [body = reply.body](std::size_t, std::size_t, httplib::DataSink& sink) {
                                      sink.write(body.data(), body.size());
                                      return false;
                                    });
    } else if (!reply.body.empty()) {
      response.set_content(reply.body, "application/json");
    }
  }
};

FakeApi::FakeApi(std::function<Reply(const Call&)> answer) : server_(std::make_unique<Server>()) {
  Server& server = *server_;
  server.answer = std::move(answer);
  const auto handler = [&server](const httplib::Request& request, httplib::Response& response) {
    server.serve(request, response);
  };
  server.http.Get(".*", handler);
  server.http.Post(".*", handler);
  server.http.Put(".*", handler);
  server.http.Patch(".*", handler);
  server.http.Delete(".*", handler);
  server.port = server.http.bind_to_any_port("127.0.0.1");
  server.thread = std::jthread([&server] { server.http.listen_after_bind(); });
  while (!server.http.is_running()) std::this_thread::yield();
}

FakeApi::~FakeApi() {
  server_->http.stop();
}

std::string FakeApi::url() const {
  return "http://127.0.0.1:" + std::to_string(server_->port);
}

std::vector<std::string> FakeApi::calls() const {
  const std::lock_guard lock(server_->mutex);
  return server_->calls;
}

std::unique_ptr<Connector> connector_of(const std::string& recipe,
                                        const std::map<std::string, std::string>& options, http::Clock& clock,
                                        const ConnectorContext& context) {
  const auto fail = [](const std::vector<Diagnostic>& mistakes) {
    std::string all;
    for (const Diagnostic& mistake : mistakes)
      all += mistake.place.to_string() + ": " + mistake.message + "\n";
    throw std::runtime_error(all);
  };
  const auto loaded = recipe::load(recipe, "test.yaml");
  if (!loaded) fail(loaded.error());
  Settings settings;
  settings.platform = "test";
  settings.connector = "test";
  for (const auto& [name, value] : options) settings.options[name].text = value;
  auto made = recipe::make(*loaded, settings, clock, context);
  if (!made) fail(made.error());
  return std::move(*made);
}

Outcome<Receipt> carry_out(Connector& connector, const Operation& operation, const Secret& secret) {
  auto done = connector.apply(operation, secret, {});
  if (!done || !done->unfinished) return done;
  return connector.finish(operation, *done, secret, {});
}

Outcome<std::vector<Page>> all_pages(Connector& connector) {
  std::vector<Page> pages;
  std::string cursor;
  do {
    auto page = connector.fetch(cursor, {});
    if (!page) return tl::unexpected(page.error());
    cursor = page->next;
    pages.push_back(std::move(*page));
  } while (!cursor.empty() && pages.size() < 1000);
  return pages;
}

}  // namespace usher
