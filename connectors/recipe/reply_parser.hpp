#pragma once

#include <simdjson.h>

#include <optional>

#include "connectors/recipe/call.hpp"

namespace usher::recipe {

/// Parses replies, one after the other, into the same memory. One thread at a time.
class ReplyParser {
 public:
  /// The document; it and its elements live until the next call. Fastest where the text has room for padding
  /// behind it, as Response::body has. Values that cannot be read are repaired, see RepairedJson.
  Outcome<simdjson::dom::element> parse(const Reply& reply);

  /// The last document with what had to be repaired marked; nothing where nothing had to be.
  const std::optional<simdjson::dom::element>& marked() const { return marked_; }

 private:
  simdjson::dom::parser parser_;
  simdjson::dom::parser of_marked_;
  std::optional<simdjson::dom::element> marked_;
};

}  // namespace usher::recipe
