#include <map>
#include <nlohmann/json.hpp>

#include "rules/yaml/shape.hpp"

namespace usher {
namespace {

using nlohmann::json;

json bounded(const char* type, const Shape& shape) {
  json made = {{"type", type}, {"minimum", shape.least}};
  if (shape.most < std::numeric_limits<double>::max()) made["maximum"] = shape.most;
  return made;
}

/// Writes a schema. Whole: maps have what they must have; otherwise nothing is required of a map, as of a
/// part that is laid over another. Entries of lists are whole always.
class Writer {
 public:
  /// The shape in place, or a reference to its one definition when it has a name.
  json refer(const Shape& shape, bool whole) {
    if (shape.name.empty()) return describe(shape, whole);
    const std::string name = shape.name + (whole ? "" : "-part");
    if (definitions_.emplace(name, json()).second) {
      json made = describe(shape, whole);
      definitions_[name] = std::move(made);
    }
    return {{"$ref", "#/$defs/" + name}};
  }

  json describe(const Shape& shape, bool whole) {
    json made = form(shape, whole);
    if (!shape.about.empty()) made["description"] = shape.about;
    return made;
  }

  std::map<std::string, json> take_definitions() { return std::move(definitions_); }

 private:
  json object(const Shape& shape, bool whole) {
    json made = {{"type", "object"}, {"properties", json::object()}};
    for (const Key& key : shape.keys) {
      json property = refer(*key.shape, whole);
      if (!key.about.empty()) property["description"] = key.about;
      made["properties"][key.name] = std::move(property);
    }
    for (const std::string& key : shape.never) made["properties"][key] = false;
    made["additionalProperties"] = shape.rest == nullptr ? json(false) : refer(*shape.rest, whole);
    if (!shape.rest_names.empty()) made["propertyNames"] = names(shape);
    if (whole) demand(shape, made);
    return made;
  }

  static json names(const Shape& shape) {
    json pattern = {{"pattern", "^(" + shape.rest_names + ")$"}};
    if (shape.keys.empty()) return pattern;
    json known = json::array();
    for (const Key& key : shape.keys) known.push_back(key.name);
    return {{"anyOf", {{{"enum", known}}, pattern}}};
  }

  static void demand(const Shape& shape, json& made) {
    for (const Key& key : shape.keys) {
      if (key.required) made["required"].push_back(key.name);
      if (!key.with.empty()) made["dependentRequired"][key.name] = {key.with};
    }
    for (const std::string& key : shape.one_of) made["oneOf"].push_back({{"required", {key}}});
    for (const std::string& key : shape.some_of) made["anyOf"].push_back({{"required", {key}}});
    for (const auto& [one, other] : shape.apart)
      made["allOf"].push_back({{"not", {{"required", {one, other}}}}});
  }

  json form(const Shape& shape, bool whole) {
    switch (shape.form) {
      case Shape::Form::nothing:
        return {{"type", "null"}};
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
        return json::object();
      case Shape::Form::list:
        return {{"type", "array"}, {"items", refer(*shape.items, true)}, {"minItems", shape.least}};
      case Shape::Form::part:
        return refer(*shape.items, false);
      case Shape::Form::object:
        return object(shape, whole);
      case Shape::Form::either:
        break;
    }
    json made = {{"anyOf", json::array()}};
    for (const Shape* one : shape.alternatives) made["anyOf"].push_back(refer(*one, whole));
    return made;
  }

  std::map<std::string, json> definitions_;
};

}  // namespace

json json_schema(const Shape& root, const std::string& open_with) {
  Writer writer;
  json made;
  if (open_with.empty()) {
    made = writer.describe(root, true);
  } else {
    made = {{"if", {{"required", {open_with}}}},
            {"then", writer.refer(root, false)},
            {"else", writer.refer(root, true)}};
  }
  made["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  for (auto& [name, definition] : writer.take_definitions()) made["$defs"][name] = std::move(definition);
  return made;
}

}  // namespace usher
