#include "rules/cel/nearest.hpp"

#include <vector>

#include "state/model/schema.hpp"

namespace usher::cel {

std::string suggestion(std::string_view written, std::span<const std::string_view> names) {
  const std::string near = nearest(written, std::vector<std::string>(names.begin(), names.end()));
  return near.empty() ? std::string() : "; did you mean '" + near + "'?";
}

}  // namespace usher::cel
