#include "engine/plan/why_left.hpp"

#include <string>

namespace usher {

std::string_view beginning_of(WhyLeft why) {
  switch (why) {
    case WhyLeft::sources:
      return "is no longer in ";
    case WhyLeft::activity:
      return "is not active any more in ";
    case WhyLeft::scope:
      return "is out of scope: ";
  }
  return "";
}

std::optional<WhyLeft> why_left(std::string_view text) {
  const bool renumbered = text.starts_with("was ");  // "was E1 and is no longer in hr"
  std::optional<WhyLeft> found;
  std::size_t first = std::string_view::npos;
  for (const WhyLeft why : {WhyLeft::sources, WhyLeft::activity, WhyLeft::scope}) {
    if (text.starts_with(beginning_of(why))) return why;
    const std::size_t at = renumbered ? text.find(" and " + std::string(beginning_of(why))) : first;
    if (at >= first) continue;
    first = at;
    found = why;
  }
  return found;
}

}  // namespace usher
