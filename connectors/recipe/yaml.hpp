#pragma once

#include <yaml-cpp/yaml.h>

#include <chrono>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/model/settings.hpp"

namespace usher::recipe {

/// A YAML file being read strictly: where its nodes stand, and every mistake found in it so far.
class Document {
 public:
  /// Parses; a syntax error is the first mistake and leaves root() null.
  Document(const std::string& text, std::string file);

  const YAML::Node& root() const { return root_; }
  SourceLocation place(const YAML::Node& node) const;
  void mistake(const YAML::Node& node, std::string message);
  void mistake(SourceLocation place, std::string message);
  /// Sorted by place.
  std::vector<Diagnostic> take_mistakes();
  bool clean() const { return mistakes_.empty(); }
  const std::string& file() const { return file_; }

 private:
  std::string file_;
  std::vector<std::string> lines_;
  YAML::Node root_;
  std::vector<Diagnostic> mistakes_;
};

inline constexpr std::int64_t largest_integer = 1'000'000'000'000;

/// One mapping of a Document: keys are asked for by name, and what nobody asked for is a mistake. Values of
/// the wrong type are mistakes and count as absent.
class Mapping {
 public:
  /// what: how messages call it, "user.list".
  Mapping(Document& document, const YAML::Node& node, std::string what);
  /// Reports the keys that were not asked for.
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  /// The node under a key; undefined when there is none. A required one that is missing is a mistake.
  YAML::Node at(const std::string& key, bool required = false);
  std::optional<std::string> text(const std::string& key, bool required = false);
  std::optional<bool> boolean(const std::string& key);
  std::optional<double> number(const std::string& key, double most = 1e9);
  std::optional<std::int64_t> integer(const std::string& key, std::int64_t least,
                                      std::int64_t most = largest_integer);
  std::optional<std::chrono::milliseconds> duration(const std::string& key);
  /// A text, or a list of texts.
  std::optional<std::vector<std::string>> texts(const std::string& key);
  /// One of the names; its position.
  std::optional<std::size_t> choice(const std::string& key, const std::vector<std::string>& names);

  bool usable() const { return usable_; }
  Document& document() { return document_; }
  const YAML::Node& node() const { return node_; }
  const std::string& what() const { return what_; }

 private:
  Document& document_;
  YAML::Node node_;
  std::string what_;
  bool usable_;
  std::vector<std::string> known_;
};

/// A node as JSON: what YAML would call a number or a boolean is one, unless it is quoted.
nlohmann::json plain_json(const YAML::Node& node);

/// "500ms", "30s", "5m", "1h", or a number of seconds; at most thirty days.
std::optional<std::chrono::milliseconds> duration_of(std::string_view text);

}  // namespace usher::recipe
