#include "connectors/files/yaml.hpp"

#include <fmt/format.h>
#include <simdjson.h>
#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "connectors/canonical.hpp"
#include "connectors/files/json_records.hpp"
#include "connectors/files/source_connector.hpp"
#include "connectors/files/source_options.hpp"

namespace usher {
namespace {

constexpr int deepest = 64;  // aliases can hold themselves

/// Writes one YAML node as JSON; throws std::runtime_error for what JSON has no word for.
class JsonText {
 public:
  static std::string of(const YAML::Node& node) {
    JsonText writer;
    writer.append(node, 0);
    return std::move(writer.text_);
  }

 private:
  void append(const YAML::Node& node, int depth) {
    if (depth > deepest || text_.size() > JsonArraySplitter::largest_element)
      throw std::runtime_error("it is nested too deeply or too large");
    if (node.IsMap()) {
      append_map(node, depth);
    } else if (node.IsSequence()) {
      text_ += '[';
      for (std::size_t i = 0; i < node.size(); ++i) {
        if (i > 0) text_ += ',';
        append(node[i], depth + 1);
      }
      text_ += ']';
    } else {
      append_scalar(node);
    }
  }

  void append_map(const YAML::Node& map, int depth) {
    std::set<std::string> seen;
    text_ += '{';
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) throw std::runtime_error("a key is no text");
      const std::string& key = entry.first.Scalar();
      if (!seen.insert(key).second) throw std::runtime_error(fmt::format("the key '{}' stands twice", key));
      if (seen.size() > 1) text_ += ',';
      append_json_string(text_, key);
      text_ += ':';
      append(entry.second, depth + 1);
    }
    text_ += '}';
  }

  void append_scalar(const YAML::Node& node) {
    const std::string text = node.IsScalar() ? node.Scalar() : "null";
    const bool plain = !node.IsScalar() || node.Tag() == "?";
    if (plain && (text == "null" || text == "~" || text.empty())) {
      text_ += "null";
    } else if (plain && (text == "true" || text == "false" || is_number(text))) {
      text_ += text;
    } else {
      append_json_string(text_, text);
    }
  }

  static bool is_number(const std::string& text) {
    return text.find_first_not_of("0123456789+-.eE") == std::string::npos && nlohmann::json::accept(text);
  }

  std::string text_;
};

class YamlFormat : public SourceFormat {
 public:
  explicit YamlFormat(std::string key) : records_(std::move(key)) {}

  void begin(const SourceFile& file, RecordPage& page) override {
    records_.begin(file, page);
    carried_.clear();
    item_.clear();
    line_ = item_line_ = 0;
    inside_ = false;
    ended_ = false;
    first_ = true;
  }

  Outcome<bool> advance(SourceFile& file) override {
    const auto chunk = next_chunk(file, chunk_, first_);
    if (!chunk) return tl::unexpected(chunk.error());
    const bool last = chunk_.size() < text_chunk_size;
    carried_ += *chunk;
    std::size_t at = 0;
    for (std::size_t end = carried_.find('\n'); end != std::string::npos; end = carried_.find('\n', at)) {
      if (!take(carried_.substr(at, end - at + 1))) return tl::unexpected(not_a_list(file));
      at = end + 1;
    }
    carried_.erase(0, at);
    if (last && !carried_.empty() && !take(carried_)) return tl::unexpected(not_a_list(file));
    if (last) finish_item();
    if (carried_.size() + item_.size() > JsonArraySplitter::largest_element)
      return tl::unexpected(
          file.failure(FailureKind::malformed, "the element is larger than 16 MiB", item_line_));
    return !last;
  }

 private:
  /// False when the line can be no part of a list of elements.
  bool take(const std::string& line) {
    ++line_;
    const std::size_t content = line.find_first_not_of(" \t\r\n");
    if (content == std::string::npos || (content == 0 && line[0] == '#')) {
      if (inside_) item_ += line;  // it may belong to a text of several lines, and counts for messages
      return true;
    }
    if (ended_) return false;
    if (content > 0 && inside_) {
      item_ += line;
      return true;
    }
    if (line[0] == '-' &&
        (line.size() == 1 || std::string_view(" \t\r\n").find(line[1]) != std::string_view::npos)) {
      finish_item();
      inside_ = true;
      item_line_ = line_;
      item_ = line;
      return true;
    }
    if (line.starts_with("...")) {
      ended_ = true;
      return true;
    }
    return !inside_ && (line.starts_with("---") || line.starts_with("%YAML"));
  }

  void finish_item() {
    if (!inside_) return;
    try {
      if (!simdjson::validate_utf8(item_.data(), item_.size()))
        throw std::runtime_error("it is not UTF-8 text");
      const YAML::Node list = YAML::Load(item_);
      records_.element(JsonText::of(list[0]), item_line_);
    } catch (const YAML::Exception& error) {
      const auto below = static_cast<std::uint64_t>(std::max(error.mark.line, 0));
      records_.bad(item_line_ + below, fmt::format("not valid YAML: {}", error.msg));
    } catch (const std::runtime_error& error) {
      records_.bad(item_line_, error.what());
    }
    inside_ = false;
    item_.clear();
  }

  Failure not_a_list(const SourceFile& file) const {
    return file.failure(FailureKind::malformed,
                        "a list was expected, every element beginning with '- ' at the beginning of a line",
                        line_);
  }

  JsonRecords records_;
  std::string chunk_;
  std::string carried_;  ///< the beginning of a line that goes on in the next chunk
  std::string item_;     ///< the element so far
  std::uint64_t line_ = 0;
  std::uint64_t item_line_ = 0;
  bool inside_ = false;  ///< an element has begun
  bool ended_ = false;   ///< the document has ended
  bool first_ = true;
};

}  // namespace

ConnectorKind yaml_kind() {
  ConnectorKind kind;
  kind.name = "yaml";
  kind.about = "a YAML file that holds a list of maps, each beginning with '- ' at the beginning of a line";
  kind.options = source_options();
  kind.origin = "built in";
  return kind;
}

tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> make_yaml(const Settings& settings) {
  std::vector<Diagnostic> mistakes;
  const SourceOptions options = read_source_options(settings, yaml_kind(), mistakes);
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return make_source("yaml", options, std::make_unique<YamlFormat>(options.key));
}

}  // namespace usher
