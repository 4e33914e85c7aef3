#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usher::sandbox {

/// One HTTP request as a platform sees it: already decoded, headers reduced to the few a platform looks at.
struct Call {
  std::string method;
  std::string path;    ///< percent-decoded, without the query
  std::string target;  ///< as sent, with the query
  std::multimap<std::string, std::string> query;
  std::string authorization;
  std::string content_type;
  std::string referer;
  std::string host;
  std::string body;

  /// The segments of the path: "/users/x/tags" is {"users", "x", "tags"}. Views into `path`.
  std::vector<std::string_view> segments() const;
  /// The value of a query parameter, or `fallback` when it was not sent.
  std::string parameter(const std::string& name, std::string fallback = {}) const;
  bool has(const std::string& name) const { return query.contains(name); }
};

/// How much of a reply reaches the client: a fault decides, a platform always answers whole.
enum class Delivery : std::uint8_t {
  whole,
  nothing,     ///< the connection closes without a byte
  cut_length,  ///< Content-Length of the whole body, `delivered` bytes of it, then the connection closes
  cut_chunk,   ///< chunked, one chunk of `delivered` bytes, no last chunk, then the connection closes
};

/// One HTTP reply, and what the sandbox keeps about it.
struct Reply {
  int status = 200;
  std::string body;
  /// With its charset, as most services say it; httplib would compress the bare type, which costs it more
  /// than all else.
  std::string content_type = "application/json; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;

  /// The route it was for, as "/users/{id}": what requests are counted by. Refers to a literal.
  std::string_view route = "(none)";
  /// The name of the array of a page, empty when the reply is no page. Refers to a literal.
  std::string_view items;
  /// What was changed, as "user.create"; empty when nothing was. A reply with an effect enters the journal.
  std::string_view effect;
  /// The id of what was changed.
  std::string subject;

  Delivery delivery = Delivery::whole;
  std::size_t delivered = 0;
  /// The reply leaves so many milliseconds after the platform made it.
  std::int64_t delay_ms = 0;
  /// What the platform does when that time is over; null: nothing.
  std::function<void()> late;
  /// The connection is closed after the reply, which does not say so, this many milliseconds later; negative:
  /// it stays open.
  std::int64_t closes_after_ms = -1;
};

/// A reply of `status` with a JSON body.
Reply json_reply(int status, const nlohmann::json& body);
/// A reply of `status` with no body and no content type.
Reply empty_reply(int status);

}  // namespace usher::sandbox
