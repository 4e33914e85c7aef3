#include "state/model/attribute_path.hpp"

#include <charconv>

namespace usher {

std::string_view take_step(std::string_view& path) {
  const std::size_t close = path.starts_with('[') ? path.find(']') : std::string_view::npos;
  const bool bracketed = close != std::string_view::npos;
  const std::size_t dot = path.find('.', bracketed ? close : 0);
  const std::string_view step = bracketed ? path.substr(1, close - 1) : path.substr(0, dot);
  path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  return step;
}

std::optional<std::size_t> list_index(std::string_view step) {
  if (step.empty() || step.size() > 2 || step.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  std::size_t index = 0;
  std::from_chars(step.data(), step.data() + step.size(), index);
  return index;
}

}  // namespace usher
