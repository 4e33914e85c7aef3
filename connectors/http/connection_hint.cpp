#include "connectors/http/connection_hint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "connectors/http/curl_handle.hpp"

namespace usher::http {
namespace {

constexpr std::chrono::milliseconds longest_greeting{5'000};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

bool speaks_tls(const Base& base, const ClientOptions& options) {
  const CurlHandle handle(curl_easy_init());
  if (!handle) return false;
  CURL* curl = handle.get();
  const std::string url = "https://" + base.host + ":" + std::to_string(base.port) + "/";
  const auto wait = std::min(options.connect_timeout, longest_greeting);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);  // nothing follows the greeting
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(wait.count()));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);  // whoever it is: nothing is sent
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
  if (!options.proxy.empty()) curl_easy_setopt(curl, CURLOPT_PROXY, options.proxy.c_str());
  return curl_easy_perform(curl) == CURLE_OK;
}

std::string certificate_hint(const std::string& detail) {
  if (contains(detail, "subject name")) return "; write 'url' with the name that the certificate is for";
  if (contains(detail, "self-signed") || contains(detail, "self signed") || contains(detail, "issuer"))
    return "; if it is the right one, trust it with 'ca-file', a file that holds it or its issuer's "
           "certificate";
  return {};
}

/// "Failed to connect to 127.0.0.1 port 3128 after 0 ms: …" names whom libcurl asked.
bool asked_somebody_else(const std::string& detail, const Base& base) {
  return detail.starts_with("Failed to connect to ") &&
         !contains(detail, "to " + base.host + " port " + std::to_string(base.port) + " ");
}

constexpr const char* look_at_proxy = "check 'proxy', or https_proxy and no_proxy in the environment";

}  // namespace

ConnectionHint connection_hint(const NoAnswer& answer, const Base& base, const ClientOptions& options) {
  const std::string& detail = answer.detail;
  switch (answer.code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return {certificate_hint(detail)};
    case CURLE_SSL_CACERT_BADFILE:
      return {options.ca_file.empty() ? "" : "; 'ca-file' names it: a file of certificates (PEM)"};
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return {fmt::format("; {}", look_at_proxy)};
    case CURLE_COULDNT_CONNECT:
      return {asked_somebody_else(detail, base) ? fmt::format("; that is the proxy: {}", look_at_proxy) : ""};
    default:
      break;
  }
  if (contains(detail, "CONNECT tunnel failed") || contains(detail, "from proxy after CONNECT"))
    return {contains(detail, "407") ? fmt::format("; {}", proxy_asks_text)
                                    : fmt::format("; the proxy refuses to lead there: {}", look_at_proxy)};
  if (contains(detail, "wrong version number"))  // OpenSSL's words for a reply in clear
    return {"; what listens there does not speak TLS: is it http://, or another port?"};
  const bool silent = answer.code == CURLE_GOT_NOTHING || answer.code == CURLE_RECV_ERROR ||
                      answer.code == CURLE_WEIRD_SERVER_REPLY || answer.code == CURLE_UNSUPPORTED_PROTOCOL;
  if (base.scheme == "http" && silent && speaks_tls(base, options))
    return {fmt::format("; {}", speaks_tls_text), true};
  return {};
}

bool is_answer_of_tls_port(int status, const std::string& body, const Base& base,
                           const ClientOptions& options) {
  return status == 400 && base.scheme == "http" && (contains(body, "HTTPS") || contains(body, "SSL")) &&
         speaks_tls(base, options);
}

}  // namespace usher::http
