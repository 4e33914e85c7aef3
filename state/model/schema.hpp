#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usher {

enum class AttributeType { string, integer, number, boolean, list, set, object, timestamp };
const char* to_string(AttributeType type);

/// How a platform rewrites a text it is given. Wanted values are rewritten the same way before they are
/// compared and sent, so that the second run is empty.
struct Normalisation {
  bool trim = false;
  bool lower = false;  ///< ASCII and Unicode lower case
  bool nfc = false;
};

/// One attribute of a platform's account: what it is and what may be done with it.
struct Attribute {
  std::string path;  ///< dotted place in the account, "credentials.identity"
  AttributeType type = AttributeType::string;
  bool required = false;   ///< a create without it fails
  bool creatable = false;  ///< may be given on create
  bool updatable = false;  ///< may be changed afterwards
  bool readable = true;    ///< pulls answer it; false: compared with what usher wrote last
  bool clearable = true;   ///< an empty value really empties it
  bool unique = false;     ///< no two accounts of the platform have the same value
  bool secret = false;     ///< never stored, compared, logged or shown
  Normalisation normalise;
  std::optional<std::size_t> max_length;  ///< in characters
  std::string pattern;                    ///< RE2, which a text must match as a whole; empty: any
  std::string about;
};

/// The attributes of one platform's accounts, sorted by path. Records of a file source have no fixed schema:
/// `open`.
struct Schema {
  std::vector<Attribute> attributes;
  bool open = false;  ///< other attributes may occur and are kept as read

  const Attribute* find(std::string_view path) const;
};

}  // namespace usher
