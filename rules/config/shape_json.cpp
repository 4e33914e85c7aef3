#include <map>
#include <nlohmann/json.hpp>

#include "rules/config/shape.hpp"

namespace usher {
namespace {

using Definitions = std::map<std::string, nlohmann::json>;

nlohmann::json describe(const Shape& shape, Definitions& definitions);

/// The shape in place, or a reference to its one definition when it has a name.
nlohmann::json refer(const Shape& shape, Definitions& definitions) {
  if (shape.name.empty()) return describe(shape, definitions);
  if (definitions.emplace(shape.name, nlohmann::json()).second) {
    nlohmann::json made = describe(shape, definitions);
    definitions[shape.name] = std::move(made);
  }
  return {{"$ref", "#/$defs/" + shape.name}};
}

nlohmann::json describe_object(const Shape& shape, Definitions& definitions) {
  nlohmann::json made = {{"type", "object"}, {"properties", nlohmann::json::object()}};
  nlohmann::json required = nlohmann::json::array();
  for (const Key& key : shape.keys) {
    nlohmann::json property = refer(*key.shape, definitions);
    if (!key.about.empty()) property["description"] = key.about;
    made["properties"][key.name] = std::move(property);
    if (key.required) required.push_back(key.name);
    if (!key.with.empty()) made["dependentRequired"][key.name] = {key.with};
  }
  if (!shape.never.empty()) made["properties"][shape.never] = false;
  if (!required.empty()) made["required"] = std::move(required);
  made["additionalProperties"] =
      shape.rest == nullptr ? nlohmann::json(false) : refer(*shape.rest, definitions);
  if (!shape.rest_names.empty()) {
    nlohmann::json names = {{"pattern", "^(" + shape.rest_names + ")$"}};
    if (!shape.keys.empty()) {
      nlohmann::json known = nlohmann::json::array();
      for (const Key& key : shape.keys) known.push_back(key.name);
      names = {{"anyOf", {{{"enum", known}}, names}}};
    }
    made["propertyNames"] = std::move(names);
  }
  for (const std::string& key : shape.one_of) made["oneOf"].push_back({{"required", {key}}});
  return made;
}

nlohmann::json bounded(const char* type, const Shape& shape) {
  nlohmann::json made = {{"type", type}, {"minimum", shape.least}};
  if (shape.most < std::numeric_limits<double>::max()) made["maximum"] = shape.most;
  return made;
}

nlohmann::json describe_form(const Shape& shape, Definitions& definitions) {
  switch (shape.form) {
    case Shape::Form::text:
      return {{"type", {"string", "number"}}, {"minLength", 1}};
    case Shape::Form::option:
      return {{"type", {"string", "number", "boolean"}}};
    case Shape::Form::boolean:
      return {{"type", "boolean"}};
    case Shape::Form::integer:
      return bounded("integer", shape);
    case Shape::Form::number:
      return bounded("number", shape);
    case Shape::Form::choice:
      return {{"enum", shape.choices}};
    case Shape::Form::pattern:
      return {{"type", "string"}, {"pattern", "^(" + shape.pattern + ")$"}};
    case Shape::Form::code:
      return {{"type", {"string", "number", "boolean"}}, {"minLength", 1}};
    case Shape::Form::any:
      return nlohmann::json::object();
    case Shape::Form::list:
      return {{"type", "array"}, {"items", refer(*shape.items, definitions)}, {"minItems", shape.least}};
    case Shape::Form::object:
      return describe_object(shape, definitions);
    case Shape::Form::either:
      break;
  }
  nlohmann::json made = {{"anyOf", nlohmann::json::array()}};
  for (const Shape* one : shape.alternatives) made["anyOf"].push_back(refer(*one, definitions));
  return made;
}

nlohmann::json describe(const Shape& shape, Definitions& definitions) {
  nlohmann::json made = describe_form(shape, definitions);
  if (!shape.about.empty()) made["description"] = shape.about;
  return made;
}

}  // namespace

nlohmann::json json_schema(const Shape& root) {
  Definitions definitions;
  nlohmann::json made = describe(root, definitions);
  made["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  for (auto& [name, definition] : definitions) made["$defs"][name] = std::move(definition);
  return made;
}

}  // namespace usher
