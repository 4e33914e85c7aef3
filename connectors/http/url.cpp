#include "connectors/http/url.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace usher::http {
namespace {

struct UrlCleanup {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using UrlHandle = std::unique_ptr<CURLU, UrlCleanup>;

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
  std::string result = text;
  curl_free(text);
  return result;
}

std::string ascii_lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
  });
  return text;
}

int port_of(CURLU* url) {
  const std::string text = part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  int port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  return port;
}

std::string encode_except(std::string_view text, std::string_view kept) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                            c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved || kept.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

}  // namespace

std::string Base::origin() const {
  std::string text = scheme + "://" + host;
  if (port != (scheme == "https" ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

tl::expected<Base, std::string> parse_base(const std::string& text) {
  const UrlHandle url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return tl::unexpected(std::string("is not a URL: write it like https://api.example.com"));
  }
  if (!part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty()) {
    return tl::unexpected(std::string("must hold no user or password: use the options made for them"));
  }
  if (!part(url.get(), CURLUPART_QUERY).empty() || !part(url.get(), CURLUPART_FRAGMENT).empty()) {
    return tl::unexpected(std::string("must have no query and no fragment"));
  }
  Base base;
  base.scheme = ascii_lower(part(url.get(), CURLUPART_SCHEME));
  base.host = ascii_lower(part(url.get(), CURLUPART_HOST));
  base.port = port_of(url.get());
  base.path = part(url.get(), CURLUPART_PATH);
  while (base.path.ends_with('/')) base.path.pop_back();
  if (base.scheme != "http" && base.scheme != "https") {
    return tl::unexpected(std::string("must begin with https:// or http://"));
  }
  return base;
}

std::optional<std::string> follow(const Base& base, const std::string& current, const std::string& link) {
  const UrlHandle url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, current.c_str(), 0) != CURLUE_OK) return std::nullopt;
  if (curl_url_set(url.get(), CURLUPART_URL, link.c_str(), 0) != CURLUE_OK) return std::nullopt;
  const std::string scheme = ascii_lower(part(url.get(), CURLUPART_SCHEME));
  if (scheme != "http" && scheme != "https") return std::nullopt;
  if (!part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty())
    return std::nullopt;
  if (ascii_lower(part(url.get(), CURLUPART_HOST)) != base.host) return std::nullopt;
  // A server behind a proxy that ends TLS writes http:// into its links; the request goes to our own origin.
  const bool own_default_port = part(url.get(), CURLUPART_PORT).empty() && scheme != base.scheme;
  if (port_of(url.get()) != base.port && !own_default_port) return std::nullopt;
  const std::string query = part(url.get(), CURLUPART_QUERY);
  return base.origin() + part(url.get(), CURLUPART_PATH) + (query.empty() ? "" : "?" + query);
}

std::string encode(std::string_view text) {
  return encode_except(text, "");
}
std::string encode_path(std::string_view text) {
  return encode_except(text, "/:@!$&'()*+,;=");
}

}  // namespace usher::http
