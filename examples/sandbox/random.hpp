#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace usher::sandbox {

/// A deterministic stream of numbers (splitmix64): the same seed gives the same numbers everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  /// A number below `bound`, which is above 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  bool chance(unsigned percent) { return below(100) < percent; }

  /// A version 4 UUID.
  std::string uuid();
  /// `length` characters of `alphabet`.
  std::string word(std::size_t length, std::string_view alphabet);
  /// `length` hexadecimal digits.
  std::string hex(std::size_t length) { return word(length, "0123456789abcdef"); }

 private:
  std::uint64_t state_;
};

/// A number that depends on every byte of `text` and on `seed`. No cryptography: the sandbox guards nothing.
std::uint64_t digest(std::string_view text, std::uint64_t seed = 0);

constexpr std::string_view base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

}  // namespace usher::sandbox
