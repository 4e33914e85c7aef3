#include "state/model/sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace usher {

namespace {

void require(int result) {
  if (result != 1) throw std::runtime_error("SHA-256 is not to be had from libcrypto");
}

}  // namespace

struct Sha256::State {
  struct Free {
    void operator()(EVP_MD_CTX* made) const { EVP_MD_CTX_free(made); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  require(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;

void Sha256::add(std::string_view piece) {
  require(EVP_DigestUpdate(state_->context.get(), piece.data(), piece.size()));
}

std::string Sha256::hex() {
  constexpr const char* digits = "0123456789abcdef";
  std::array<unsigned char, 32> bytes{};
  require(EVP_DigestFinal_ex(state_->context.get(), bytes.data(), nullptr));
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string sha256(std::string_view text) {
  Sha256 digest;
  digest.add(text);
  return digest.hex();
}

}  // namespace usher
