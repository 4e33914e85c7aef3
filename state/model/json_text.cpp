#include "state/model/json_text.hpp"

#include <nlohmann/json.hpp>

namespace usher {

bool exceeds(std::string_view text, const JsonLimits& limits) {
  std::size_t level = 0, values = 1;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inside) {
      if (c == '\\') ++i;
      if (c == '"') inside = false;
      continue;
    }
    switch (c) {
      case '"':
        inside = true;
        break;
      case '[':
      case '{':
        ++values;
        if (++level > limits.levels) return true;
        break;
      case ']':
      case '}':
        if (level > 0) --level;
        break;
      case ',':
        ++values;
        break;
      default:
        break;
    }
    if (values > limits.values) return true;
  }
  return false;
}

nlohmann::json parse_json(std::string_view text, const JsonLimits& limits) {
  if (exceeds(text, limits)) return nlohmann::json(nlohmann::json::value_t::discarded);
  return nlohmann::json::parse(text, nullptr, false);
}

}  // namespace usher
