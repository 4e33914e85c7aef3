#include "examples/sandbox/tokens.hpp"

#include <nlohmann/json.hpp>

#include "examples/sandbox/random.hpp"
#include "examples/sandbox/text.hpp"

namespace usher::sandbox {

using nlohmann::json;

Tokens::Tokens(std::uint64_t seed, std::string algorithm, std::size_t signature_bytes, std::string issuer)
    : seed_(seed),
      head_(base64url(json{{"alg", std::move(algorithm)}, {"typ", "JWT"}}.dump())),
      signature_bytes_(signature_bytes),
      issuer_(std::move(issuer)) {}

std::string Tokens::issue(const Claims& claims) const {
  json payload{{"iss", issuer_},
               {"sub", claims.subject},
               {"type", claims.type},
               {"iat", claims.issued},
               {"exp", claims.expires}};
  if (!claims.identity.empty()) payload["identity"] = claims.identity;
  if (!claims.id.empty()) payload["jti"] = claims.id;
  const std::string text = head_ + '.' + base64url(payload.dump());
  return text + '.' + signature(text);
}

std::optional<Claims> Tokens::read(std::string_view token, std::int64_t now) const {
  const std::size_t second = token.rfind('.');
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos || first == second) return std::nullopt;
  const std::string_view text = token.substr(0, second);
  if (token.substr(second + 1) != signature(text)) return std::nullopt;
  const json payload = json::parse(base64_decode(text.substr(first + 1)), nullptr, false);
  if (!payload.is_object()) return std::nullopt;
  Claims claims{payload.value("sub", ""),
                payload.value("identity", ""),
                payload.value("type", ""),
                payload.value("iat", std::int64_t{0}),
                payload.value("exp", std::int64_t{0}),
                payload.value("jti", "")};
  if (claims.expires <= now) return std::nullopt;
  return claims;
}

std::string Tokens::signature(std::string_view text) const {
  Random random(digest(text, seed_ + generation_ * 0x9e3779b9));
  std::string bytes(signature_bytes_, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  return base64url(bytes);
}

std::string_view bearer(std::string_view authorization, std::string_view prefix) {
  return authorization.starts_with(prefix) ? authorization.substr(prefix.size()) : std::string_view();
}

std::optional<std::pair<std::string, std::string>> basic(std::string_view authorization) {
  const std::string_view coded = bearer(authorization, "Basic ");
  const std::string plain = base64_decode(coded);
  const std::size_t colon = plain.find(':');
  if (coded.empty() || colon == std::string::npos) return std::nullopt;
  return std::pair(plain.substr(0, colon), plain.substr(colon + 1));
}

}  // namespace usher::sandbox
