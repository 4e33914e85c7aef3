#include "engine/check/test_values.hpp"

#include <algorithm>
#include <cctype>

#include "state/model/normalise.hpp"

namespace usher {

using nlohmann::json;

bool TestValues::looks_powerful(std::string path) {
  std::transform(path.begin(), path.end(), path.begin(), [](unsigned char c) { return std::tolower(c); });
  for (const char* word : {"admin", "super", "root", "owner", "staff", "privileg", "role", "permission"})
    if (path.find(word) != std::string::npos) return true;
  return false;
}

std::string TestValues::text(const std::string& path, const std::string& end) const {
  std::string text = stamp_ + end;
  for (const Account& sample : pulled_.samples) {
    const std::string value = attribute_text(sample, path);
    if (const std::size_t at = value.find('@'); at != std::string::npos) return text + value.substr(at);
  }
  return text;
}

json TestValues::first(const Attribute& attribute) const {
  switch (attribute.type) {
    case AttributeType::string:
      return text(attribute.path, "");
    case AttributeType::boolean:
      return false;
    case AttributeType::integer:
    case AttributeType::number:
      return 0;
    case AttributeType::list:
    case AttributeType::set:
      return nullptr;  // what somebody holds there may be a role
    case AttributeType::object:
    case AttributeType::timestamp:
      break;
  }
  if (looks_powerful(attribute.path)) return nullptr;
  for (const Account& sample : pulled_.samples) {
    const json held = json::parse(sample.attributes);
    if (const json& value = at_path(held, attribute.path); !value.is_null()) return value;
  }
  return nullptr;
}

json TestValues::optional(const Attribute& attribute) const {
  if (looks_powerful(attribute.path)) return nullptr;
  switch (attribute.type) {
    case AttributeType::string:
    case AttributeType::boolean:
    case AttributeType::integer:
    case AttributeType::number:
      return first(attribute);
    case AttributeType::list:
    case AttributeType::set:
      return json::array({"usher-test"});
    case AttributeType::object:
    case AttributeType::timestamp:
      break;
  }
  return nullptr;
}

std::optional<json> TestValues::other(const Attribute& attribute, const json& held) const {
  if (const auto found = given_.find(attribute.path); found != given_.end()) return *found;
  switch (attribute.type) {
    case AttributeType::string:
      if (held.is_string() && attribute.path != can_.natural_key &&
          held.get_ref<const std::string&>().find('@') == std::string::npos)
        return held.get<std::string>() + " 2";
      return text(attribute.path, "-2");
    case AttributeType::boolean:
      return !(held.is_boolean() && held.get<bool>());
    case AttributeType::integer:
    case AttributeType::number:
      return held.is_number() ? held.get<std::int64_t>() + 1 : 1;
    case AttributeType::list:
    case AttributeType::set:
      return json::array({"usher-test"});
    case AttributeType::object:
      return json{{"usher", "test"}};
    case AttributeType::timestamp:
      break;
  }
  return std::nullopt;
}

}  // namespace usher
