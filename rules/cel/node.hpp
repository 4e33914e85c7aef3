#pragma once

#include <re2/re2.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/cel/library.hpp"
#include "rules/cel/value.hpp"

namespace usher::cel {

/// What the evaluator can do. Names are resolved: variables, fields and what macros bind are slots.
enum class Op : std::uint8_t {
  constant,      // `constant`
  variable,      // variable number `slot`
  local,         // what a macro bound as number `slot`
  field,         // field number `slot` of an object; `constant` is its name
  select,        // what a map has under `constant`
  select_maybe,  // the same as an optional: `.?`
  has,           // whether it has it
  index,         // element of a list, value of a map
  index_maybe,   // the same as an optional: `[?`
  negate,
  invert,  // `!`
  all_of,  // `&&`
  any_of,  // `||`
  conditional,
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  contained,  // `in`
  add,
  subtract,
  multiply,
  divide,
  modulo,
  list,
  map,
  present,           // an element of a list or map that may be missing
  call,              // the first of `overloads` that takes the operands
  matches,           // `pattern`, read when the expression was compiled
  lookup,            // `table`
  bind,              // cel.bind: local `slot` is the first operand while the second is evaluated
  map_optional,      // optMap
  flatten_optional,  // optFlatMap
  // Loops: the first operand is gone through, local `slot` holds the element or key (with `two_names`, `slot`
  // the index or key and `slot` + 1 the element or value), the second is the condition, the third what to
  // collect.
  for_all,
  exists,
  exists_one,
  collect,  // map() and transformList(): the condition comes second when there are three operands
  filter,
  collect_map,      // transformMap()
  collect_entries,  // transformMapEntry()
};

using Table = std::unordered_map<std::string_view, std::string_view>;

/// One operation of a compiled expression, with the operations that give its operands. Constant once
/// compiled.
struct Node {
  static constexpr std::uint32_t no_variable = UINT32_MAX;

  Op op = Op::constant;
  bool two_names = false;
  /// Of a comparison: how much faster than `now` its left side grows than its right one; 0: `now` is in
  /// neither.
  std::int8_t drift = 0;
  std::uint32_t begin = 0, end = 0;  // the part of the source it stands for
  std::uint32_t slot = 0;
  std::uint32_t variable = no_variable;  // of a field: the variable whose field it is, where it is one's
  const void* object = nullptr;          // and the identity of that variable's type
  std::vector<Node> operands;
  Value constant;
  std::span<const Overload> overloads;
  const re2::RE2* pattern = nullptr;
  const Table* table = nullptr;
  Type type = Type::dyn();
};

}  // namespace usher::cel
