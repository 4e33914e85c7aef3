#pragma once

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>

namespace usher::test {

/// A YAML document of the tests as JSON. A scalar that JSON would read as a number, a boolean or null is
/// that; a quoted one and any other is a text.
inline nlohmann::json json_of(const YAML::Node& node) {
  using nlohmann::json;
  if (node.IsMap()) {
    json object = json::object();
    for (const auto& member : node) object[member.first.Scalar()] = json_of(member.second);
    return object;
  }
  if (node.IsSequence()) {
    json array = json::array();
    for (const auto& element : node) array.push_back(json_of(element));
    return array;
  }
  if (!node.IsScalar()) return nullptr;
  if (node.Tag() == "!") return node.Scalar();
  const json value = json::parse(node.Scalar(), nullptr, false);
  return value.is_discarded() || value.is_structured() ? json(node.Scalar()) : value;
}

}  // namespace usher::test
