#include "connectors/http/trust.hpp"

#include <array>
#include <system_error>

namespace usher::http {

std::filesystem::path trusted_certificates(const std::filesystem::path& root) {
  constexpr std::array files{
      "etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine
      "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Red Hat
      "etc/pki/tls/certs/ca-bundle.crt",                   // Red Hat, as older programs know it
      "etc/ssl/ca-bundle.pem",                             // SUSE
  };
  std::error_code none;
  for (const char* file : files)
    if (std::filesystem::is_regular_file(root / file, none)) return root / file;
  return {};
}

}  // namespace usher::http
