#include "rules/cel/time_dependence.hpp"

#include <algorithm>
#include <optional>

#include "rules/cel/moment.hpp"

namespace usher::cel {

namespace {

bool is_now(const Node& node) {
  return node.op == Op::variable && node.constant.is_string() && node.constant.as_string() == "now";
}

bool mentions_now(const Node& node) {
  return is_now(node) || std::any_of(node.operands.begin(), node.operands.end(), mentions_now);
}

/// By how much a span or moment grows in a second of `now`; nothing where that is not known.
std::optional<int> growth(const Node& node) {
  if (is_now(node)) return 1;
  if (!mentions_now(node)) return 0;
  if (node.op == Op::negate) {
    const auto of = growth(node.operands[0]);
    return of ? std::optional(-*of) : std::nullopt;
  }
  if (node.op != Op::add && node.op != Op::subtract) return std::nullopt;
  const auto left = growth(node.operands[0]), right = growth(node.operands[1]);
  if (!left || !right) return std::nullopt;
  return node.op == Op::add ? *left + *right : *left - *right;
}

bool orders(Op op) {
  return op == Op::less || op == Op::less_or_equal || op == Op::greater || op == Op::greater_or_equal;
}

/// Whether `now` stands in comparisons only.
bool mark(Node& node) {
  if (is_now(node)) return false;
  if (orders(node.op) && mentions_now(node)) {
    const auto left = growth(node.operands[0]), right = growth(node.operands[1]);
    const int drift = left && right ? *left - *right : 0;
    if (left && right && drift >= -4 && drift <= 4) {
      node.drift = static_cast<std::int8_t>(drift);
      return true;
    }
  }
  bool all = true;
  for (Node& operand : node.operands) all = mark(operand) && all;
  return all;
}

/// left - right in nanoseconds; nothing for other values, or where that is too far.
std::optional<std::int64_t> ahead(const Value& left, const Value& right) {
  if (left.kind() == Kind::timestamp && right.kind() == Kind::timestamp)
    return span_between(right.as_timestamp(), left.as_timestamp());
  std::int64_t span = 0;
  const bool spans = left.kind() == Kind::duration && right.kind() == Kind::duration &&
                     !__builtin_sub_overflow(left.as_duration(), right.as_duration(), &span);
  return spans ? std::optional(span) : std::nullopt;
}

}  // namespace

TimeDependence mark_comparisons(Node& root) {
  if (!mentions_now(root)) return TimeDependence::none;
  return mark(root) ? TimeDependence::compared : TimeDependence::free;
}

void tell_turn(Context& context, const Node& comparison, const Value& left, const Value& right) {
  const auto distance = ahead(left, right);
  if (!distance) return;  // no comparison at all, or hundreds of years away: told again long before
  const std::int64_t turn = -(*distance / comparison.drift);
  if (turn >= 0) context.turns_in(turn / nanoseconds_per_second);
}

}  // namespace usher::cel
