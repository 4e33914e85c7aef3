#include "engine/migrate/source_attribute.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace usher {

bool is_identifier(std::string_view name) {
  if (name.empty() || (name.front() >= '0' && name.front() <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump();
}

std::string read(const SourceAttribute& origin, const std::string& otherwise) {
  const auto step = [](const std::string& name) {
    return is_identifier(name) ? ".?" + name : "[?" + quoted(name) + "]";
  };
  std::string text = "record";
  if (origin.column) return text + step(origin.path) + ".orValue(" + otherwise + ")";
  for (std::size_t at = 0; at <= origin.path.size();) {
    const std::size_t end = std::min(origin.path.find('.', at), origin.path.size());
    text += step(origin.path.substr(at, end - at));
    at = end + 1;
  }
  return text + ".orValue(" + otherwise + ")";
}

}  // namespace usher
