#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cel/diagnostic.hpp"

namespace usher::cel {

/// One word of an expression.
struct Token {
  enum class Kind : std::uint8_t {
    end,
    identifier,
    quoted_identifier,  // `content-type` in backticks, after a dot
    integer,
    unsigned_integer,
    real,
    string,
    bytes,
    symbol,  // an operator, a bracket or another mark
  };
  Kind kind = Kind::end;
  std::uint32_t offset = 0, length = 0;
  /// What it says: an identifier's name, a symbol, a number's digits, a string with its escapes resolved.
  std::string text;

  bool is(std::string_view symbol) const { return kind == Kind::symbol && text == symbol; }
};

/// Splits a source into tokens; the last is always `end`. What cannot be a token becomes a mistake, and the
/// tokens end there.
std::vector<Token> tokenize(std::string_view source, std::vector<Diagnostic>& mistakes);

}  // namespace usher::cel
