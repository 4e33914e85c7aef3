#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "rules/cel/compare.hpp"
#include "rules/cel/value.hpp"

namespace usher::cel {

/// Answers whether a value is held by somebody else already.
using Taken = std::function<bool(std::string_view candidate)>;

/// What operators and functions may use while they run: memory, the budget, and a way to fail at the place in
/// the source that is being evaluated.
class Context {
 public:
  Context(Arena& arena, std::int64_t steps, const Taken* taken)
      : arena_(arena), budget_(steps), taken_(taken) {}

  Arena& arena() { return arena_; }
  Budget& budget() { return budget_; }
  /// Null when nobody answers.
  const Taken* taken() const { return taken_; }

  /// Text that outlives the call, in the arena.
  Value text(std::string_view content) { return Value::string(arena_.copy(content)); }
  /// An error at the current place.
  Value error(std::string_view message) {
    return Value::error(*arena_.make(Failure{arena_.copy(message), offset_, length_}));
  }
  /// Says that in so many seconds, and not before, something may come out otherwise by time alone.
  void turns_in(std::int64_t seconds) { turn_ = std::min(turn_.value_or(seconds), seconds); }
  const std::optional<std::int64_t>& turn() const { return turn_; }
  void at(std::uint32_t begin, std::uint32_t end) {
    offset_ = begin;
    length_ = end - begin;
  }

 private:
  Arena& arena_;
  Budget budget_;
  const Taken* taken_;
  std::uint32_t offset_ = 0, length_ = 0;
  std::optional<std::int64_t> turn_;
};

}  // namespace usher::cel
