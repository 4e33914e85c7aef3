#pragma once

#include <span>
#include <string_view>

#include "rules/cel/context.hpp"

namespace usher::cel {

/// `"%s has %d".format(["she", 3])`: %s any value, %d integers, %f %e numbers (with `.3` digits after the
/// point), %b binary, %o octal, %x %X hexadecimal (of numbers, strings and bytes), %% a percent sign.
Value format(Context& context, std::string_view pattern, std::span<const Value> arguments);

}  // namespace usher::cel
