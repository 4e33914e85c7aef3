#include "state/model/fingerprint.hpp"

#define XXH_INLINE_ALL
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <stdexcept>

namespace usher {

namespace {

Fingerprint canonical(XXH128_hash_t hash) {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, hash);
  return Fingerprint::from_bytes(bytes.digest, sizeof bytes.digest);
}

/// What may stand between parts: their lengths, so that ("ab","c") and ("a","bc") differ.
void update_part(XXH3_state_t& state, std::string_view part) {
  const std::uint64_t size = part.size();
  XXH3_128bits_update(&state, &size, sizeof size);
  XXH3_128bits_update(&state, part.data(), part.size());
}

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  throw std::invalid_argument("not a fingerprint: 32 lower-case hexadecimal digits are");
}

}  // namespace

std::string Fingerprint::hex() const {
  std::string text;
  text.reserve(32);
  for (const unsigned char byte : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", byte);
  return text;
}

Fingerprint Fingerprint::from_hex(std::string_view text) {
  Fingerprint result;
  if (text.size() != 2 * result.bytes.size()) throw std::invalid_argument("not a fingerprint: 32 digits are");
  for (std::size_t i = 0; i < result.bytes.size(); ++i) {
    result.bytes[i] = static_cast<unsigned char>(nibble(text[2 * i]) * 16 + nibble(text[2 * i + 1]));
  }
  return result;
}

Fingerprint Fingerprint::from_bytes(const void* data, std::size_t size) {
  Fingerprint result;
  if (data != nullptr) std::memcpy(result.bytes.data(), data, std::min(size, result.bytes.size()));
  return result;
}

Fingerprinter::Fingerprinter(std::span<const unsigned char> secret_seed) {
  if (secret_seed.size() < 16)
    throw std::invalid_argument("a fingerprint secret needs at least 16 random bytes");
  static_assert(XXH3_SECRET_SIZE_MIN <= 192);
  XXH3_generateSecret(secret_.data(), secret_.size(), secret_seed.data(), secret_seed.size());
}

Fingerprint Fingerprinter::of_id(std::string_view id) const {
  return canonical(XXH3_128bits_withSecret(id.data(), id.size(), secret_.data(), secret_.size()));
}

Fingerprint Fingerprinter::of_person(std::string_view id) const {
  return of({"person", id});
}

Fingerprint Fingerprinter::of(std::initializer_list<std::string_view> parts) const {
  // Nearly all content is short: at once is the same as in pieces, and needs no state of half a kilobyte.
  std::array<char, 1024> together;
  std::size_t used = 0;
  for (const std::string_view part : parts) used += sizeof(std::uint64_t) + part.size();
  if (used <= together.size()) {
    char* end = together.data();
    for (const std::string_view part : parts) {
      const std::uint64_t size = part.size();
      std::memcpy(end, &size, sizeof size);
      if (size > 0) std::memcpy(end + sizeof size, part.data(), size);
      end += sizeof size + size;
    }
    return canonical(XXH3_128bits_withSecret(together.data(), used, secret_.data(), secret_.size()));
  }
  XXH3_state_t state;
  XXH3_INITSTATE(&state);
  XXH3_128bits_reset_withSecret(&state, secret_.data(), secret_.size());
  for (const std::string_view part : parts) update_part(state, part);
  return canonical(XXH3_128bits_digest(&state));
}

std::string public_digest(std::string_view text) {
  return canonical(XXH3_128bits(text.data(), text.size())).hex();
}

struct PublicDigest::State {
  XXH3_state_t hash;
};

PublicDigest::PublicDigest() : state_(std::make_unique<State>()) {
  XXH3_INITSTATE(&state_->hash);
  XXH3_128bits_reset(&state_->hash);
}

PublicDigest::~PublicDigest() = default;

void PublicDigest::add(std::string_view piece) {
  XXH3_128bits_update(&state_->hash, piece.data(), piece.size());
}

std::string PublicDigest::hex() const {
  return canonical(XXH3_128bits_digest(&state_->hash)).hex();
}

}  // namespace usher
