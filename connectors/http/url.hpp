#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace usher::http {

/// The base address of a platform: requests go nowhere else.
struct Base {
  std::string scheme;  ///< "http" or "https"
  std::string host;    ///< lower case
  int port = 0;
  std::string path;  ///< "" or "/v2": no slash at its end

  /// "https://api.example.com" or, where the port is not the scheme's own, "http://127.0.0.1:9002".
  std::string origin() const;
  std::string url(std::string_view path_and_query) const {
    return origin() + path + std::string(path_and_query);
  }
};

/// Reads a base address. Credentials, query and fragment have no place in it. The error says what is wrong,
/// "must begin with …", and nothing of the text, which may be a secret.
tl::expected<Base, std::string> parse_base(const std::string& text);

/// Where a link of a reply leads, as an absolute URL on the base's own origin: the link may be absolute or
/// relative to `current` (absolute). nullopt when it leads to another host, where our credentials must not
/// go.
std::optional<std::string> follow(const Base& base, const std::string& current, const std::string& link);

/// Percent-encodes everything but unreserved characters (RFC 3986 §2.3).
std::string encode(std::string_view text);
/// Like encode, but leaves the characters a path is made of ('/', ':', '@', sub-delimiters) as they are.
std::string encode_path(std::string_view text);

}  // namespace usher::http
