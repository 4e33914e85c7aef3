#pragma once

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <stdexcept>
#include <string>

namespace usher::test {

/// Whether a value is valid under a JSON Schema, for the keywords json_schema() writes; throws for others.
class JsonSchema {
 public:
  using json = nlohmann::json;
  explicit JsonSchema(json root) : root_(std::move(root)) {}

  bool accepts(const json& value) const { return accepts(value, root_); }
  const json& root() const { return root_; }

 private:
  bool accepts(const json& value, const json& schema) const {
    if (schema.is_boolean()) return schema.get<bool>();
    static const std::set<std::string> known = {"$ref",
                                                "$defs",
                                                "$schema",
                                                "title",
                                                "description",
                                                "type",
                                                "enum",
                                                "pattern",
                                                "minLength",
                                                "minimum",
                                                "maximum",
                                                "items",
                                                "minItems",
                                                "anyOf",
                                                "oneOf",
                                                "properties",
                                                "required",
                                                "additionalProperties",
                                                "propertyNames",
                                                "dependentRequired",
                                                "allOf",
                                                "not",
                                                "if",
                                                "then",
                                                "else"};
    for (const auto& [keyword, ignored] : schema.items())
      if (!known.contains(keyword)) throw std::logic_error("this checker does not know " + keyword);
    if (schema.contains("$ref")) {
      const std::string reference = schema["$ref"];
      return accepts(value, root_.at("$defs").at(reference.substr(std::string("#/$defs/").size())));
    }
    return type_fits(value, schema) && scalar_fits(value, schema) && list_fits(value, schema) &&
           object_fits(value, schema) && choices_fit(value, schema) && conditions_fit(value, schema);
  }

  bool conditions_fit(const json& value, const json& schema) const {
    if (schema.contains("not") && accepts(value, schema["not"])) return false;
    if (schema.contains("allOf"))
      for (const json& one : schema["allOf"])
        if (!accepts(value, one)) return false;
    return !schema.contains("if") || accepts(value, schema[accepts(value, schema["if"]) ? "then" : "else"]);
  }

  static bool is_of(const json& value, const std::string& type) {
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == "string"    ? value.is_string()
           : type == "boolean" ? value.is_boolean()
           : type == "array"   ? value.is_array()
           : type == "null"    ? value.is_null()
                               : value.is_object();
  }
  static bool type_fits(const json& value, const json& schema) {
    if (!schema.contains("type")) return true;
    const json types = schema["type"].is_array() ? schema["type"] : json::array({schema["type"]});
    for (const json& type : types)
      if (is_of(value, type)) return true;
    return false;
  }
  static bool matches(const std::string& text, const std::string& pattern) {
    static std::map<std::string, std::regex> compiled;
    return std::regex_search(text, compiled.try_emplace(pattern, pattern).first->second);
  }
  static bool scalar_fits(const json& value, const json& schema) {
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
      return false;
    if (value.is_string()) {
      const std::string text = value;
      if (schema.contains("minLength") && text.size() < schema["minLength"].get<std::size_t>()) return false;
      if (schema.contains("pattern") && !matches(text, schema["pattern"])) return false;
    }
    if (!value.is_number()) return true;
    return !(schema.contains("minimum") && value.get<double>() < schema["minimum"].get<double>()) &&
           !(schema.contains("maximum") && value.get<double>() > schema["maximum"].get<double>());
  }
  bool list_fits(const json& value, const json& schema) const {
    if (!value.is_array()) return true;
    if (schema.contains("minItems") && static_cast<double>(value.size()) < schema["minItems"].get<double>())
      return false;
    for (const json& item : value)
      if (schema.contains("items") && !accepts(item, schema["items"])) return false;
    return true;
  }
  bool object_fits(const json& value, const json& schema) const {
    if (!value.is_object()) return true;
    if (schema.contains("required"))
      for (const json& key : schema["required"])
        if (!value.contains(key.get<std::string>())) return false;
    const json dependent = schema.value("dependentRequired", json::object());
    for (const auto& [key, others] : dependent.items())
      for (const json& other : others)
        if (value.contains(key) && !value.contains(other.get<std::string>())) return false;
    for (const auto& [key, member] : value.items()) {
      if (schema.contains("propertyNames") && !accepts(key, schema["propertyNames"])) return false;
      if (schema.contains("properties") && schema["properties"].contains(key)) {
        if (!accepts(member, schema["properties"][key])) return false;
      } else if (schema.contains("additionalProperties") &&
                 !accepts(member, schema["additionalProperties"])) {
        return false;
      }
    }
    return true;
  }
  bool choices_fit(const json& value, const json& schema) const {
    const auto count = [&](const char* keyword) {
      return std::count_if(schema[keyword].begin(), schema[keyword].end(),
                           [&](const json& one) { return accepts(value, one); });
    };
    return (!schema.contains("anyOf") || count("anyOf") > 0) &&
           (!schema.contains("oneOf") || count("oneOf") == 1);
  }

  json root_;
};

}  // namespace usher::test
