#include "connectors/secret_shapes.hpp"

#include <algorithm>
#include <array>

namespace usher {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// How a secret of a kind begins, what it goes on with beside letters and digits, and how long it is at
/// least.
struct Shape {
  std::string_view begins;
  std::string_view signs;
  std::size_t shortest;
  bool alone = true;  ///< no letter or digit stands before it
};

constexpr std::string_view hash_signs = "./+=,$_-:@";
constexpr std::string_view token_signs = "-_.";
constexpr std::array shapes{
    Shape{"eyJ", "-_.+/=", 20, false},
    Shape{"$argon2", hash_signs, 20, false},
    Shape{"$2a$", hash_signs, 20, false},
    Shape{"$2b$", hash_signs, 20, false},
    Shape{"$2x$", hash_signs, 20, false},
    Shape{"$2y$", hash_signs, 20, false},
    Shape{"$1$", hash_signs, 12, false},
    Shape{"$5$", hash_signs, 20, false},
    Shape{"$6$", hash_signs, 20, false},
    Shape{"$7$", hash_signs, 20, false},
    Shape{"$y$", hash_signs, 20, false},
    Shape{"$gy$", hash_signs, 20, false},
    Shape{"$scrypt$", hash_signs, 20, false},
    Shape{"$pbkdf2", hash_signs, 20, false},
    Shape{"$apr1$", hash_signs, 16, false},
    Shape{"$P$", hash_signs, 20, false},
    Shape{"pbkdf2_", hash_signs, 24},
    Shape{"pbkdf2:", hash_signs, 24},
    Shape{"scrypt:", hash_signs, 24},
    Shape{"scrypt$", hash_signs, 24},
    Shape{"argon2$", hash_signs, 24},
    Shape{"bcrypt$", hash_signs, 24},
    Shape{"bcrypt_sha256$", hash_signs, 24},
    Shape{"ghp_", token_signs, 20},
    Shape{"gho_", token_signs, 20},
    Shape{"ghu_", token_signs, 20},
    Shape{"ghs_", token_signs, 20},
    Shape{"ghr_", token_signs, 20},
    Shape{"github_pat_", token_signs, 24},
    Shape{"glpat-", token_signs, 18},
    Shape{"xoxa-", token_signs, 16},
    Shape{"xoxb-", token_signs, 16},
    Shape{"xoxp-", token_signs, 16},
    Shape{"xoxr-", token_signs, 16},
    Shape{"xoxs-", token_signs, 16},
    Shape{"sk_live_", token_signs, 20},
    Shape{"rk_live_", token_signs, 20},
    Shape{"sk_test_", token_signs, 20},
    Shape{"npm_", token_signs, 24},
    Shape{"hvs.", token_signs, 20},
    Shape{"AKIA", "", 20},
    Shape{"ASIA", "", 20},
    Shape{"AIza", token_signs, 30},
    Shape{"ya29.", token_signs, 20},
};
constexpr std::array<std::string_view, 2> schemes{"Basic ", "Bearer "};

std::size_t end_of_run(std::string_view text, std::size_t at, std::string_view signs) {
  while (at < text.size() && (is_letter_or_digit(text[at]) || signs.find(text[at]) != std::string_view::npos))
    ++at;
  return at;
}

/// "{SSHA}…", "{CRYPT}…", as directories keep passwords.
std::size_t end_of_scheme_hash(std::string_view text, std::size_t at) {
  std::size_t close = at + 1;
  while (close < text.size() && ((text[close] >= 'A' && text[close] <= 'Z') || text[close] == '-' ||
                                 text[close] == '_' || (text[close] >= '0' && text[close] <= '9')))
    ++close;
  if (close == at + 1 || close >= text.size() || text[close] != '}') return at;
  const std::size_t end = end_of_run(text, close + 1, hash_signs);
  return end - close > 13 ? end : at;
}

std::size_t end_of_key(std::string_view text, std::size_t at) {
  if (text.substr(at, 60).find("PRIVATE KEY-----") == std::string_view::npos) return at;
  const std::size_t end = text.find("-----END", at);
  if (end == std::string_view::npos) return text.size();
  const std::size_t dashes = text.find("-----", end + 8);
  return dashes == std::string_view::npos ? text.size() : dashes + 5;
}

}  // namespace

void mark_secret_shapes(std::string_view text, std::vector<std::pair<std::size_t, std::size_t>>& found) {
  const auto find_all = [&](std::string_view begins, auto&& end_at) {
    for (std::size_t at = text.find(begins); at != std::string_view::npos;) {
      const std::size_t end = end_at(at);
      if (end > at) found.emplace_back(at, end);
      at = text.find(begins, std::max(end, at + begins.size()));
    }
  };
  for (const Shape& shape : shapes) {
    find_all(shape.begins, [&](std::size_t at) {
      if (shape.alone && at > 0 && is_letter_or_digit(text[at - 1])) return at;  // before its run is read
      const std::size_t end = end_of_run(text, at, shape.signs);
      return end - at >= shape.shortest ? end : at;
    });
  }
  find_all("{", [&](std::size_t at) { return end_of_scheme_hash(text, at); });
  find_all("-----BEGIN", [&](std::size_t at) { return end_of_key(text, at); });
  for (const std::string_view scheme : schemes) {
    for (std::size_t at = text.find(scheme); at != std::string_view::npos; at = text.find(scheme, at + 1)) {
      const std::size_t begin = at + scheme.size();
      const std::size_t end = end_of_run(text, begin, "-_.+/=~");
      // "Basic authentication failed" holds no secret.
      const bool is_word = std::all_of(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                       text.begin() + static_cast<std::ptrdiff_t>(end),
                                       [](char c) { return c >= 'a' && c <= 'z'; });
      if (end - begin >= 8 && !is_word) found.emplace_back(begin, end);
    }
  }
}

}  // namespace usher
