#include "state/model/attribute_path.hpp"

#include <algorithm>
#include <charconv>

namespace usher {

std::string_view take_step(std::string_view& path) {
  const std::size_t close = path.starts_with('[') ? path.find(']') : std::string_view::npos;
  const bool bracketed = close != std::string_view::npos;
  const std::size_t end = bracketed ? close + 1 : std::min(path.find_first_of(".[", 1), path.size());
  const std::string_view step = bracketed ? path.substr(1, close - 1) : path.substr(0, end);
  path.remove_prefix(end);
  if (path.starts_with('.')) path.remove_prefix(1);
  return step;
}

std::optional<std::pair<std::string_view, std::string_view>> list_choice(std::string_view step) {
  const std::size_t equal = step.find('=');
  if (equal == 0 || equal == std::string_view::npos) return std::nullopt;
  return std::pair(step.substr(0, equal), step.substr(equal + 1));
}

std::optional<std::size_t> list_index(std::string_view step) {
  if (step.empty() || step.size() > 2 || step.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  std::size_t index = 0;
  std::from_chars(step.data(), step.data() + step.size(), index);
  return index;
}

}  // namespace usher
