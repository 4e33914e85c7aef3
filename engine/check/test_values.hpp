#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/check/checks.hpp"

namespace usher {

/// Values for an account made for a test. All must outlive it.
class TestValues {
 public:
  /// stamp: a text that no other account holds. given: values by path that somebody chose.
  TestValues(const Capabilities& capabilities, const Pulled& pulled, const std::string& stamp,
             const nlohmann::json& given)
      : can_(capabilities), pulled_(pulled), stamp_(stamp), given_(given) {}

  /// For a create that needs the attribute; null: none can be made up.
  nlohmann::json first(const Attribute& attribute) const;
  /// For a create that could do without it; null too where it might give rights.
  nlohmann::json optional(const Attribute& attribute) const;
  /// Another value than the one there is; nullopt: none can be made up.
  std::optional<nlohmann::json> other(const Attribute& attribute, const nlohmann::json& held) const;
  /// Whether setting an attribute may give rights over others, by its name.
  static bool looks_powerful(std::string path);

 private:
  /// A text that looks like those there are.
  std::string text(const std::string& path, const std::string& end) const;

  const Capabilities& can_;
  const Pulled& pulled_;
  const std::string& stamp_;
  const nlohmann::json& given_;
};

}  // namespace usher
