#include "rules/cel/numbers.hpp"

#include <charconv>
#include <cmath>

namespace usher::cel {

std::string format_double(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  char text[32];
  const auto written = std::to_chars(std::begin(text), std::end(text), number);
  return {text, written.ptr};
}

}  // namespace usher::cel
