#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rules/yaml/diagnostics.hpp"
#include "state/model/settings.hpp"

namespace usher {

struct Entry;

/// One value of a YAML document and the place it stands at.
struct Node {
  enum class Kind { empty, scalar, list, map };
  Kind kind = Kind::empty;
  bool plain = false;          ///< a scalar without quotes: it may mean a number or a truth value
  std::string text;            ///< of a scalar, as YAML unquotes and folds it
  SourceLocation place;        ///< of the first character; of the opening quote for a quoted scalar
  std::vector<Node> items;     ///< of a list
  std::vector<Entry> entries;  ///< of a map, in the order of the file, without repeated keys
  std::size_t size = 1;        ///< how many nodes this one holds, itself included; aliases count in full
  std::size_t levels = 1;      ///< how deep it is nested, itself included; likewise

  /// The value under a key; null when this is no map or has no such key.
  const Node* find(std::string_view key) const;
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }
  /// A scalar's text; empty for everything else.
  const std::string& text_or_empty() const;
  /// A plain `true` or `false`.
  bool is_boolean() const;
};

struct Entry {
  Node key;  ///< always a scalar
  Node value;
};

/// How much of a YAML text that others wrote is taken.
struct DocumentLimits {
  std::size_t nodes = 2'000'000;       ///< aliases count in full: one may repeat what repeats others
  std::size_t levels = 400;            ///< likewise
  const char* what = "configuration";  ///< how messages call the document
};

/// Reads one YAML 1.2 document. Keys must be scalars and unique; tags and further documents are mistakes.
/// What cannot be read at all gives one mistake with advice and an empty node. Columns count characters.
Node read_document(const std::string& text, const std::string& file, Diagnostics& mistakes,
                   const DocumentLimits& limits = {});

}  // namespace usher
