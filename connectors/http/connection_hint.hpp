#pragma once

#include <string>

#include "connectors/http/client.hpp"

namespace usher::http {

/// What libcurl says when a request found nobody who answers it.
struct NoAnswer {
  int code = 0;        ///< CURLcode
  std::string detail;  ///< libcurl's own words
};

/// What to do about it, to be added to those words: "; trust it with 'ca-file', …". Empty: nothing is known.
/// May ask the server whether it speaks TLS, with one connection that sends nothing else.
std::string connection_hint(const NoAnswer& answer, const Base& base, const ClientOptions& options);

/// Whether a reply in clear is that of a port that speaks TLS: many servers answer 400 and say so.
bool is_answer_of_tls_port(int status, const std::string& body, const Base& base,
                           const ClientOptions& options);

/// What is said of such a port.
inline constexpr const char* speaks_tls_text = "what listens there speaks TLS: write https://";

}  // namespace usher::http
