#include "engine/desired/account_text.hpp"

#include "connectors/canonical.hpp"

namespace usher {

std::string_view text_at(simdjson::dom::element attributes, std::string_view path) {
  simdjson::dom::element found;
  std::string_view text;
  const bool is_text = element_at(attributes, path, found) && found.get(text) == simdjson::SUCCESS;
  return is_text ? text : std::string_view();
}

}  // namespace usher
