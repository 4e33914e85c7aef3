#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "rules/cel/value.hpp"

namespace usher::cel {

/// One node of the tree a source parses to: what was written, with nothing yet known of what it means.
struct Expression {
  enum class Form : std::uint8_t {
    literal,      // `literal` says which
    name,         // `text`; a leading dot is kept
    select,       // operand `.text`
    index,        // operand `[` operand `]`
    call,         // `text(` operands `)`
    method,       // operand `.text(` the other operands `)`
    operation,    // `text` is the operator: one operand or two; `&&` and `||` take any number
    conditional,  // operand `?` operand `:` operand
    list,
    map,         // keys and values in turn
    if_present,  // `?` before an element or key: the operand is an optional
  };
  Form form = Form::literal;
  bool optional = false;                // `.?` and `[?`
  std::uint16_t depth = 1;              // how many levels the tree below has
  std::uint32_t begin = 0, end = 0;     // the part of the source it was written as
  std::uint32_t at = 0, at_length = 0;  // the word that makes it what it is: the operator, the field's name
  std::string text;
  Value literal;
  std::vector<Expression> operands;
};

}  // namespace usher::cel
