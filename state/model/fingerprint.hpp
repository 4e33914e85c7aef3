#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace usher {

/// 16 bytes that stand for an id (a key) or for content (a digest); ordered as bytes, as SQLite orders BLOBs.
struct Fingerprint {
  std::array<unsigned char, 16> bytes{};

  bool operator==(const Fingerprint&) const = default;
  std::strong_ordering operator<=>(const Fingerprint& other) const {
    const auto order = word(0) <=> other.word(0);
    return order != 0 ? order : word(8) <=> other.word(8);
  }
  /// 32 lower-case hexadecimal digits.
  std::string hex() const;
  /// Reads what hex() wrote; throws std::invalid_argument for anything else.
  static Fingerprint from_hex(std::string_view text);
  /// Copies 16 bytes, as a SQLite BLOB column gives them; fewer bytes leave the rest zero.
  static Fingerprint from_bytes(const void* data, std::size_t size);

 private:
  /// Eight bytes as one number of the same order.
  std::uint64_t word(std::size_t offset) const {
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data() + offset, sizeof number);
    return std::endian::native == std::endian::little ? __builtin_bswap64(number) : number;
  }
};

/// Makes fingerprints with XXH3-128 under a secret of the store, so that nobody outside can choose colliding
/// ids. Immutable after construction; safe from any thread.
class Fingerprinter {
 public:
  /// secret_seed: at least 16 random bytes, drawn once per store.
  explicit Fingerprinter(std::span<const unsigned char> secret_seed);

  /// The key of an account, record or entitlement id.
  Fingerprint of_id(std::string_view id) const;
  /// The key of a person; never equal to of_id of the same text.
  Fingerprint of_person(std::string_view id) const;
  /// The digest of canonical content made of several parts; part boundaries count.
  Fingerprint of(std::initializer_list<std::string_view> parts) const;

 private:
  std::array<unsigned char, 192> secret_{};
};

/// A digest that is the same in every store, for plans and rules: unkeyed XXH3-128 as 32 hexadecimal digits.
/// It shows that a text changed; it does not protect against somebody who wants two texts of one digest.
std::string public_digest(std::string_view text);

/// The same of a text that comes in pieces.
class PublicDigest {
 public:
  PublicDigest();
  ~PublicDigest();
  PublicDigest(const PublicDigest&) = delete;
  PublicDigest& operator=(const PublicDigest&) = delete;

  void add(std::string_view piece);
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace usher
