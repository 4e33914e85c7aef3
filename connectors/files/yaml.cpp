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
#include "connectors/files/source_text.hpp"

namespace usher {
namespace {

constexpr int deepest = 64;             // aliases can hold themselves
constexpr int most_gathered = 1 << 20;  // maps of one element; aliases multiply

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

  using Entries = std::vector<std::pair<std::string, YAML::Node>>;

  void append_map(const YAML::Node& map, int depth) {
    Entries entries;
    std::set<std::string> known;
    gather(map, depth, known, entries);
    text_ += '{';
    for (const auto& [key, value] : entries) {
      if (&key != &entries.front().first) text_ += ',';
      append_json_string(text_, key);
      text_ += ':';
      append(value, depth + 1);
    }
    text_ += '}';
  }

  static bool is_merge(const YAML::Node& key) { return key.Scalar() == "<<" && key.Tag() == "?"; }

  /// A map's own keys, then what it merges (`<<: *other`, or a list of them): a key that is there already
  /// stays.
  void gather(const YAML::Node& map, int depth, std::set<std::string>& known, Entries& entries) {
    if (depth > deepest || ++gathered_ > most_gathered)
      throw std::runtime_error("it is nested too deeply or too large");
    std::set<std::string> own;
    for (const auto& entry : map) {
      if (!entry.first.IsScalar()) throw std::runtime_error("a key is no text");
      const std::string& key = entry.first.Scalar();
      if (!own.insert(key).second) throw std::runtime_error(fmt::format("the key '{}' stands twice", key));
      if (!is_merge(entry.first) && known.insert(key).second) entries.emplace_back(key, entry.second);
    }
    for (const auto& entry : map)
      if (is_merge(entry.first)) merge(entry.second, depth + 1, known, entries);
  }

  void merge(const YAML::Node& merged, int depth, std::set<std::string>& known, Entries& entries) {
    if (merged.IsMap()) return gather(merged, depth, known, entries);
    if (!merged.IsSequence()) throw std::runtime_error("'<<' takes a map or a list of maps");
    for (const auto& one : merged) {
      if (!one.IsMap()) throw std::runtime_error("'<<' takes a map or a list of maps");
      gather(one, depth, known, entries);
    }
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
  int gathered_ = 0;
};

/// The first line (from 1) that a tab indents; 0: none.
std::uint64_t tab_indented(std::string_view text) {
  std::uint64_t line = 1;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const std::size_t content = text.find_first_not_of(' ', at);
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const bool blank = text.find_first_not_of(" \t\r", at) >= end;
    if (content < end && text[content] == '\t' && !blank) return line;
    at = end + 1;
  }
  return 0;
}

class YamlFormat : public SourceFormat {
 public:
  YamlFormat(std::vector<std::string> key, bool unended_allowed)
      : records_(std::move(key)), unended_allowed_(unended_allowed) {}

  void begin(const SourceFile& file, RecordPage& page) override {
    records_.begin(file, page);
    carried_.clear();
    item_.clear();
    line_ = item_line_ = 0;
    inside_ = false;
    ended_ = false;
    cut_ = false;
    text_.begin();
  }

  Outcome<bool> advance(SourceFile& file) override {
    const auto chunk = text_.next(file);
    if (!chunk) return tl::unexpected(chunk.error());
    const bool last = text_.ended();
    carried_ += *chunk;
    std::size_t at = 0;
    for (std::size_t end = carried_.find('\n'); end != std::string::npos; end = carried_.find('\n', at)) {
      if (!take(carried_.substr(at, end - at + 1))) return tl::unexpected(not_a_list(file));
      at = end + 1;
    }
    carried_.erase(0, at);
    if (last) {
      const bool cut = !carried_.empty() && line_ > 0 && !unended_allowed_;
      if (!carried_.empty() && !take(carried_)) return tl::unexpected(not_a_list(file));
      cut_ = cut;  // not before: the last line may begin an element, and end a whole one
      finish_item();
    }
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
      if (cut_)
        throw std::runtime_error(
            "the last line has no line end, where all others have one: the file may have been cut (unended: "
            "allowed says that it never has one)");
      if (const std::uint64_t line = tab_indented(item_); line > 0)
        throw std::runtime_error(
            fmt::format("a tab indents line {}; YAML is indented with spaces only", item_line_ + line - 1));
      const YAML::Node list = YAML::Load(item_);
      records_.element(JsonText::of(list[0]), item_line_);
    } catch (const YAML::Exception& error) {
      const auto below = static_cast<std::uint64_t>(std::max(error.mark.line, 0));
      const bool foreign =
          std::string_view(error.msg).find("anchor is not defined") != std::string_view::npos;
      records_.bad(
          item_line_ + below,
          foreign ? "not valid YAML here: an alias reaches no further than the element it stands in, and "
                    "no anchor of its name is there"
                  : fmt::format("not valid YAML: {}", error.msg));
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
  SourceText text_;
  std::string carried_;  ///< the beginning of a line that goes on in the next chunk
  std::string item_;     ///< the element so far
  std::uint64_t line_ = 0;
  std::uint64_t item_line_ = 0;
  bool unended_allowed_;
  bool cut_ = false;     ///< the last line of the element has no end
  bool inside_ = false;  ///< an element has begun
  bool ended_ = false;   ///< the document has ended
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
  return make_source("yaml", options, std::make_unique<YamlFormat>(options.key, options.unended_allowed));
}

}  // namespace usher
