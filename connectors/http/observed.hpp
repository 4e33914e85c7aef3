#pragma once

#include <memory>

#include "connectors/http/message.hpp"
#include "connectors/observer.hpp"

namespace usher::http {

/// Tells of every request with status and time, and where that is wanted writes down the whole exchange. Of
/// the reply to a login, and of others that hold a secret, only the status is written down; headers that hold
/// credentials are left out.
class Observed final : public Transport {
 public:
  Observed(std::unique_ptr<Transport> inner, PlatformWatch watch)
      : inner_(std::move(inner)), watch_(std::move(watch)) {}

  Outcome<Response> send(const Request& request, std::stop_token stop) override;

 private:
  std::unique_ptr<Transport> inner_;
  PlatformWatch watch_;
};

}  // namespace usher::http
