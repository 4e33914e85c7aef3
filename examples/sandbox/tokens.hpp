#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace usher::sandbox {

/// What a token says.
struct Claims {
  std::string subject;
  std::string identity;
  std::string type;  ///< "access" or "refresh"
  std::int64_t issued = 0;
  std::int64_t expires = 0;
  std::string id{};  ///< "jti", left out when empty
};

/// Issues and reads tokens in the shape of a JWT: three base64url parts, the middle one JSON that anybody can
/// decode. The signature has the length of the real one and is checked, but it is no cryptography.
class Tokens {
 public:
  /// `algorithm` as in the header ("HS512"), `signature_bytes` its length.
  Tokens(std::uint64_t seed, std::string algorithm, std::size_t signature_bytes, std::string issuer);

  std::string issue(const Claims& claims) const;
  /// Nothing when the token is garbled, not from here, of a time before `expire_all`, or over at `now`.
  std::optional<Claims> read(std::string_view token, std::int64_t now) const;
  /// No token issued so far is valid any more.
  void expire_all() { ++generation_; }

 private:
  std::string signature(std::string_view text) const;

  std::uint64_t seed_;
  std::string head_;
  std::size_t signature_bytes_;
  std::string issuer_;
  std::uint64_t generation_ = 0;
};

/// The token of an Authorization header that begins with exactly `prefix`; empty when it does not.
std::string_view bearer(std::string_view authorization, std::string_view prefix = "Bearer ");

/// The login and password of an Authorization header of the Basic scheme; nothing when it is of another.
std::optional<std::pair<std::string, std::string>> basic(std::string_view authorization);

}  // namespace usher::sandbox
