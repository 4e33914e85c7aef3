#pragma once

#include <compare>
#include <cstdint>
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

/// Equality across types: numbers by their value, lists and maps by what they hold; values of kinds that have
/// nothing in common are unequal, NaN is unequal to itself. Stops, with either answer, when the budget ends.
bool equal(const Value& left, const Value& right, Budget& budget);

/// Equality of values that may be keys of a map: bool, int, uint, string.
bool equal_keys(const Value& left, const Value& right);

/// The order of two numbers, strings, bytes, bools, timestamps or durations; nothing for kinds that have no
/// order. An unordered result means that a NaN is among them.
std::optional<std::partial_ordering> order(const Value& left, const Value& right);

}  // namespace usher::cel
