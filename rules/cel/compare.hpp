#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>

#include "rules/cel/value.hpp"

namespace usher::cel {

/// What may still be spent on one evaluation. Spending more than there is leaves it exhausted for good.
class Budget {
 public:
  explicit Budget(std::int64_t steps) : left_(steps) {}

  /// False once there is no more.
  bool spend(std::size_t steps) {
    left_ -= static_cast<std::int64_t>(steps);
    return left_ >= 0;
  }
  bool exhausted() const { return left_ < 0; }

 private:
  std::int64_t left_;
};

/// Whether two texts are the same bytes. Made for short ones, for which a call costs more than the
/// comparison.
inline bool same_text(std::string_view left, std::string_view right) {
  const std::size_t size = left.size();
  if (size != right.size()) return false;
  const char* a = left.data();
  const char* b = right.data();
  auto differ = [](const char* one, const char* other, auto word) {
    auto second = word;
    std::memcpy(&word, one, sizeof word);
    std::memcpy(&second, other, sizeof second);
    return word != second;
  };
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8) {
      if (differ(a + at, b + at, std::uint64_t{})) return false;
    }
    return !differ(a + size - 8, b + size - 8, std::uint64_t{});
  }
  if (size >= 4) {
    return !differ(a, b, std::uint32_t{}) && !differ(a + size - 4, b + size - 4, std::uint32_t{});
  }
  for (std::size_t at = 0; at < size; ++at) {
    if (a[at] != b[at]) return false;
  }
  return true;
}

/// Equality across types: numbers by their value, lists and maps by what they hold; values of kinds that have
/// nothing in common are unequal, NaN is unequal to itself. Stops, with either answer, when the budget ends.
bool equal(const Value& left, const Value& right, Budget& budget);

/// Equality of values that may be keys of a map: bool, int, uint, string.
bool equal_keys(const Value& left, const Value& right);

/// The order of two numbers, strings, bytes, bools, timestamps or durations; nothing for kinds that have no
/// order. An unordered result means that a NaN is among them.
std::optional<std::partial_ordering> order(const Value& left, const Value& right);

}  // namespace usher::cel
