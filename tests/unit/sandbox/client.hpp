#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "examples/sandbox/server.hpp"

namespace usher::sandbox {

/// What came back over the wire.
struct Answer {
  bool whole = false;  ///< false: the connection ended before the reply did
  int status = 0;      ///< 0: there was no reply
  std::string body;
  std::map<std::string, std::string> headers;

  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

/// One call on a connection of its own; a body that is not empty goes as JSON.
Answer call(const std::string& url, const std::string& method, const std::string& path,
            const std::string& body = {}, const std::string& authorization = {});

/// A platform played, and a client that is logged in as its administrator.
class Played {
 public:
  explicit Played(const std::string& platform, std::size_t users = 30);
  Played(const std::string& platform, Options options);

  Answer get(const std::string& path) { return call(url, "GET", path, {}, authorization); }
  Answer send(const std::string& method, const std::string& path, const nlohmann::json& body = nullptr) {
    return call(url, method, path, body.is_null() ? "" : body.dump(), authorization);
  }
  nlohmann::json world() const { return server.world(platform); }
  nlohmann::json journal() const { return server.journal(platform); }
  void log_in();

  std::string platform;
  Server server;
  std::string url;
  std::string authorization;
  std::string refresh_token;
};

/// Base64 of "identity:secret" as a Basic authorization.
std::string basic_of(const std::string& identity, const std::string& secret);

}  // namespace usher::sandbox
