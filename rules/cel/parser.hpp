#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "rules/cel/diagnostic.hpp"
#include "rules/cel/syntax.hpp"

namespace usher::cel {

/// How deep expressions may nest, and how long a chain of operators or selections may get.
constexpr std::uint16_t deepest_nesting = 200;
/// The longest source in bytes.
constexpr std::size_t longest_source = 100'000;

/// Reads a source into a tree. Text of literals lives in the arena. A source that is no expression gives
/// nothing and one mistake at the place where it stopped making sense.
std::optional<Expression> parse(std::string_view source, Arena& arena, std::vector<Diagnostic>& mistakes);

}  // namespace usher::cel
