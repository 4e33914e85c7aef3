#pragma once

#include <functional>
#include <memory>
#include <string>

#include "examples/sandbox/call.hpp"

namespace usher::sandbox {

/// An HTTP/1.1 listener on one port: turns bytes into calls and replies into bytes, and cuts replies short
/// where the reply says so. Connections are kept alive without a limit, each served by a thread of its own.
class Listener {
 public:
  /// Called from many threads at once.
  using Handler = std::function<Reply(const Call&)>;

  /// Binds and starts to listen; port 0 is any free one. Throws std::runtime_error naming host and port when
  /// it cannot.
  Listener(const std::string& host, int port, Handler handler);
  /// Stops.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const;
  /// Closes every connection and the port, and waits for the threads. May be called twice.
  void stop();

 private:
  class Http;
  std::unique_ptr<Http> http_;
};

}  // namespace usher::sandbox
