#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "state/model/failure.hpp"

namespace usher::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One request as it goes on the wire.
struct Request {
  std::string method = "GET";
  std::string url;  ///< absolute; its host must be the client's
  Headers headers;
  std::string body;
  std::string shown;          ///< how messages name it, without secrets: "PATCH /users/7f…"
  bool login = false;         ///< begins or refreshes a session
  bool secret_reply = false;  ///< the reply holds a secret that nobody knows yet: no trace of it is kept

  /// GET and HEAD change nothing: they may be sent again whatever happened to them.
  bool reads() const { return method == "GET" || method == "HEAD"; }
};

/// One complete reply.
struct Response {
  int status = 0;
  Headers headers;   ///< names in lower case, in the order they came
  std::string body;  ///< has room for simdjson's padding behind it

  /// The first header of that name (lower case); empty when there is none.
  std::string_view header(std::string_view name) const;
};

/// Carries requests. Decorators add what every request needs: authentication, budget.
/// Threads: send() may be called from any number.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Any complete reply is a value, whatever its status; what never became a reply is a Failure of kind
  /// unreachable, cut, malformed or stopped (refused, from authentication).
  virtual Outcome<Response> send(const Request& request, std::stop_token stop) = 0;
};

/// A failure that concerns no particular status.
inline tl::unexpected<Failure> fail(FailureKind kind, std::string message, std::string request) {
  Failure failure;
  failure.kind = kind;
  failure.message = std::move(message);
  failure.request = std::move(request);
  return tl::unexpected(std::move(failure));
}

}  // namespace usher::http
