#include "examples/sandbox/random.hpp"

#include <fmt/format.h>

namespace usher::sandbox {
namespace {

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

}  // namespace

std::uint64_t Random::next() {
  return mix(state_ += 0x9e3779b97f4a7c15ULL);
}

std::string Random::uuid() {
  const std::uint64_t high = next(), low = next();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xfff,
                     0x8000 | ((low >> 48) & 0x3fff), low & 0xffffffffffff);
}

std::string Random::word(std::size_t length, std::string_view alphabet) {
  std::string result(length, ' ');
  for (char& letter : result) letter = alphabet[below(alphabet.size())];
  return result;
}

std::uint64_t digest(std::string_view text, std::uint64_t seed) {
  std::uint64_t state = seed ^ 0xcbf29ce484222325ULL;
  for (const char letter : text) state = (state ^ static_cast<unsigned char>(letter)) * 0x100000001b3ULL;
  return mix(state);
}

}  // namespace usher::sandbox
