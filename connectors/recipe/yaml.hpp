#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/yaml/document.hpp"
#include "rules/yaml/shape.hpp"

namespace usher::recipe {

/// A recipe being read strictly: its values, and every mistake found in it so far.
class Document {
 public:
  /// Parses; a syntax error is the first mistake and leaves root() empty.
  Document(const std::string& text, std::string file);

  Node& root() { return root_; }
  void mistake(const Node& node, std::string message) { mistakes_.add(node.place, std::move(message)); }
  void mistake(const SourceLocation& place, std::string message) { mistakes_.add(place, std::move(message)); }
  /// Sorted by place.
  std::vector<Diagnostic> mistakes() const { return mistakes_.sorted(); }
  /// Whether it could be read at all, maybe with mistakes.
  bool is_readable() const { return root_.kind != Node::Kind::empty || mistakes_.none(); }

 private:
  Diagnostics mistakes_;
  Node root_;
};

/// What Mapping::at answers for a key that is not there: empty, like a key without a value.
extern const Node no_node;
/// Whether there is a value under a key, be it an empty one.
inline bool is_given(const Node& node) {
  return &node != &no_node;
}
/// A text that stands in no file.
Node text_node(std::string text);

inline constexpr std::int64_t largest_integer = 1'000'000'000'000;

/// One map of a Document, read as its shape says: keys that the shape does not have, keys it needs that are
/// not there and values of another form are mistakes; such values count as absent.
class Mapping {
 public:
  /// what: how messages call it, "user.list". REQUIRES: the node outlives this, and the shape is of a map.
  Mapping(Document& document, const Node& node, std::string what, const Shape& shape);
  /// Reports the keys that the shape does not have.
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  // REQUIRES of all of them: the shape has the key, and under it the form that is asked for.

  /// The value under a key; no_node when there is none.
  const Node& at(const std::string& key);
  std::optional<std::string> text(const std::string& key);
  std::optional<bool> boolean(const std::string& key);
  /// A path in a reply, like data.users: with braces, which some take for a template, it is a mistake.
  std::optional<std::string> path(const std::string& key);
  std::optional<double> number(const std::string& key);
  std::optional<std::int64_t> integer(const std::string& key);
  std::optional<std::chrono::milliseconds> duration(const std::string& key);
  /// A text, or a list of texts.
  std::optional<std::vector<std::string>> texts(const std::string& key);
  /// One of the shape's choices; its position.
  std::optional<std::size_t> choice(const std::string& key);

  bool usable() const { return usable_; }
  Document& document() { return document_; }
  const Node& node() const { return node_; }
  const std::string& what() const { return what_; }

 private:
  const Shape& shape_of(const std::string& key) const;

  Document& document_;
  const Node& node_;
  std::string what_;
  const Shape& shape_;
  bool usable_;
};

/// A node as JSON: what YAML would call a number or a boolean is one, unless it is quoted.
nlohmann::json plain_json(const Node& node);

/// "500ms", "30s", "5m", "1h", or a number of seconds; at most thirty days.
std::optional<std::chrono::milliseconds> duration_of(std::string_view text);

}  // namespace usher::recipe
