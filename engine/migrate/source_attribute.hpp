#pragma once

#include <string>
#include <string_view>

#include "state/model/schema.hpp"

namespace usher {

/// A value of the old platform's accounts as the rules of a migration read it.
struct SourceAttribute {
  std::string path;
  std::string meaning;
  AttributeType type = AttributeType::string;
  bool column = false;  ///< of a file: dots in the path are part of a name
};

/// The expression that reads it, or gives `otherwise` (CEL): `record.?credentials.?identity.orValue("")`.
std::string read(const SourceAttribute& origin, const std::string& otherwise);

/// Whether CEL takes the name after a dot.
bool is_identifier(std::string_view name);

/// The text in double quotes, as CEL reads it.
std::string quoted(const std::string& text);

}  // namespace usher
