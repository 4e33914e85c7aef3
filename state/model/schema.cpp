#include "state/model/schema.hpp"

#include <algorithm>

namespace usher {

const char* to_string(AttributeType type) {
  switch (type) {
    case AttributeType::string:
      return "string";
    case AttributeType::integer:
      return "integer";
    case AttributeType::number:
      return "number";
    case AttributeType::boolean:
      return "boolean";
    case AttributeType::list:
      return "list";
    case AttributeType::set:
      return "set";
    case AttributeType::object:
      return "object";
    case AttributeType::timestamp:
      return "timestamp";
  }
  return "string";
}

const Attribute* Schema::find(std::string_view path) const {
  const auto found = std::lower_bound(attributes.begin(), attributes.end(), path,
                                      [](const Attribute& a, std::string_view p) { return a.path < p; });
  return found != attributes.end() && found->path == path ? &*found : nullptr;
}

}  // namespace usher
