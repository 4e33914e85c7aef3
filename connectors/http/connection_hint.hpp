#pragma once

#include <string>

#include "connectors/http/client.hpp"

namespace usher::http {

/// What libcurl says when a request found nobody who answers it.
struct NoAnswer {
  int code = 0;        ///< CURLcode
  std::string detail;  ///< libcurl's own words
};

/// What is known of why nobody answered.
struct ConnectionHint {
  std::string text;         ///< to be added to those words: "; trust it with 'ca-file', …"; empty: nothing
  bool speaks_tls = false;  ///< it was asked in clear, and what listens there speaks TLS
};

/// May ask the server whether it speaks TLS, with one connection that sends nothing else.
ConnectionHint connection_hint(const NoAnswer& answer, const Base& base, const ClientOptions& options);

/// Whether a reply in clear is that of a port that speaks TLS: many servers answer 400 and say so.
bool is_answer_of_tls_port(int status, const std::string& body, const Base& base,
                           const ClientOptions& options);

/// What is said of such a port.
inline constexpr const char* speaks_tls_text = "what listens there speaks TLS: write https://";

/// What is said of a proxy that answers 407.
inline constexpr const char* proxy_asks_text =
    "the proxy asks who we are: write 'proxy' with a name and a password, http://NAME:PASSWORD@HOST:PORT";

}  // namespace usher::http
