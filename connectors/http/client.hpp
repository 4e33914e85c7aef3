#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "connectors/http/message.hpp"
#include "connectors/http/url.hpp"

namespace usher::http {

/// How a client treats the network.
struct ClientOptions {
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds stall_timeout{30'000};  ///< no byte for so long ends a request; whole seconds
  std::chrono::milliseconds total_timeout{120'000};
  std::size_t max_body = std::size_t{64} << 20;  ///< bytes of a reply
  std::string proxy;                             ///< empty: what the environment says (https_proxy, no_proxy)
  std::string ca_file;                           ///< empty: the system's certificates
  bool compressed = true;                        ///< asks for gzip
  std::string user_agent = "usher";
};

/// libcurl behind Transport: certificates are verified, redirects are not followed, connections are kept, and
/// nothing but the base's own host is asked. A write leaves at most once, also where libcurl by itself would
/// send it again on a new connection.
///
/// A server may close a connection after its reply without saying so, and a write on such a connection is cut
/// with an unknown outcome. Once a connection was found closed that had just been used, writes of this client
/// go on connections of their own.
///
/// A stop ends a read and a login at once; a write that has left is waited for, because its outcome counts.
///
/// Threads: any number; each request borrows a handle of the pool, so each thread keeps its connection.
class Client final : public Transport {
 public:
  Client(Base base, ClientOptions options);
  ~Client() override;

  Outcome<Response> send(const Request& request, std::stop_token stop) override;

 private:
  struct Pool;
  /// A reply that the platform did not write: of a proxy, or of a port that speaks TLS.
  std::optional<Failure> not_of_platform(const Response& response, const Request& request) const;

  Base base_;
  ClientOptions options_;
  std::unique_ptr<Pool> pool_;
  std::atomic<bool> closes_silently_{false};
  std::atomic<bool> answered_{false};  ///< the address is that of a server that speaks HTTP
};

}  // namespace usher::http
