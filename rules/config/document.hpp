#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/config/diagnostics.hpp"
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

  /// The value under a key; null when this is no map or has no such key.
  const Node* find(std::string_view key) const;
  /// A scalar's text; empty for everything else.
  const std::string& text_or_empty() const;
  /// A plain `true` or `false`.
  bool is_boolean() const;
};

struct Entry {
  Node key;  ///< always a scalar
  Node value;
};

/// Splits a file into lines as messages show them: without line ends and byte order mark. Values of platform
/// options, which may be secrets somebody wrote down in the open, are masked.
std::vector<std::string> lines_for_messages(const std::string& text);

/// Whether a byte begins a character of UTF-8.
inline bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// The byte of a line at which a column (from 1, in characters) begins; the line's size when it has fewer.
std::size_t byte_of_column(const std::string& line, int column);

/// Reads one YAML 1.2 document. Keys must be scalars and unique; tags and further documents are mistakes.
/// What cannot be read at all gives one mistake with advice and an empty node. Columns count characters.
Node read_document(const std::string& text, const std::string& file, Diagnostics& mistakes);

}  // namespace usher
