#include "rules/cel/compare.hpp"

#include <algorithm>

namespace usher::cel {

namespace {

constexpr double int_limit = 0x1p63;
constexpr double uint_limit = 0x1p64;

std::partial_ordering order_mixed(std::int64_t left, std::uint64_t right) {
  if (left < 0) return std::partial_ordering::less;
  return static_cast<std::uint64_t>(left) <=> right;
}

// A double beyond the integers' range is beyond every integer; within it the integer is rounded to a double,
// so that 9223372036854775807 equals 9223372036854775808.0 as the specification has it.
std::partial_ordering order_mixed(std::int64_t left, double right) {
  if (right > int_limit) return std::partial_ordering::less;
  if (right < -int_limit) return std::partial_ordering::greater;
  return static_cast<double>(left) <=> right;
}

std::partial_ordering order_mixed(std::uint64_t left, double right) {
  if (right > uint_limit) return std::partial_ordering::less;
  if (right < 0) return std::partial_ordering::greater;
  return static_cast<double>(left) <=> right;
}

std::partial_ordering order_numbers(const Value& left, const Value& right) {
  switch (left.kind()) {
    case Kind::integer:
      if (right.is_int()) return left.as_int() <=> right.as_int();
      if (right.is_uint()) return order_mixed(left.as_int(), right.as_uint());
      return order_mixed(left.as_int(), right.as_double());
    case Kind::unsigned_integer:
      if (right.is_uint()) return left.as_uint() <=> right.as_uint();
      if (right.is_int()) return 0 <=> order_mixed(right.as_int(), left.as_uint());
      return order_mixed(left.as_uint(), right.as_double());
    default:
      if (right.is_double()) return left.as_double() <=> right.as_double();
      if (right.is_int()) return 0 <=> order_mixed(right.as_int(), left.as_double());
      return 0 <=> order_mixed(right.as_uint(), left.as_double());
  }
}

bool equal_lists(std::span<const Value> left, std::span<const Value> right, Budget& budget) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&budget](const Value& a, const Value& b) { return equal(a, b, budget); });
}

bool equal_maps(const Value& left, const Value& right, Budget& budget) {
  if (left.size() != right.size()) return false;
  return left.each_entry([&](const Value& key, const Value& value) {
    const Value* other = right.find(key);
    return other != nullptr && equal(value, *other, budget);
  });
}

}  // namespace

bool equal(const Value& left, const Value& right, Budget& budget) {
  if (left.is_string() && right.is_string()) return same_text(left.as_string(), right.as_string());
  if (!budget.spend(1)) return false;
  if (left.is_number() && right.is_number()) return order_numbers(left, right) == 0;
  if (left.is_map() && right.is_map()) return equal_maps(left, right, budget);
  if (left.kind() != right.kind()) return false;
  switch (left.kind()) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return left.as_bool() == right.as_bool();
    case Kind::bytes:
    case Kind::type:
      return left.as_string() == right.as_string();
    case Kind::timestamp:
      return left.as_timestamp() == right.as_timestamp();
    case Kind::duration:
      return left.as_duration() == right.as_duration();
    case Kind::list:
      return equal_lists(left.as_list(), right.as_list(), budget);
    case Kind::optional: {
      const Value* a = left.as_optional();
      const Value* b = right.as_optional();
      return a != nullptr && b != nullptr ? equal(*a, *b, budget) : a == b;
    }
    default:
      return false;
  }
}

bool equal_keys(const Value& left, const Value& right) {
  if (left.is_string() && right.is_string()) return left.as_string() == right.as_string();
  if (left.is_number() && right.is_number()) return order_numbers(left, right) == 0;
  return left.is_bool() && right.is_bool() && left.as_bool() == right.as_bool();
}

std::optional<std::partial_ordering> order(const Value& left, const Value& right) {
  if (left.is_number() && right.is_number()) return order_numbers(left, right);
  if (left.kind() != right.kind()) return std::nullopt;
  switch (left.kind()) {
    case Kind::boolean:
      return left.as_bool() <=> right.as_bool();
    case Kind::string:
    case Kind::bytes:
      return left.as_string() <=> right.as_string();  // UTF-8 sorts as its code points do
    case Kind::timestamp:
      return left.as_timestamp() <=> right.as_timestamp();
    case Kind::duration:
      return left.as_duration() <=> right.as_duration();
    default:
      return std::nullopt;
  }
}

}  // namespace usher::cel
