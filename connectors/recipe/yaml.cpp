#include "connectors/recipe/yaml.hpp"

#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "state/model/schema.hpp"

namespace usher::recipe {

namespace {

constexpr std::size_t most_nodes = 100'000;
constexpr double longest_duration = 30.0 * 24 * 3'600'000;  // ms; sums of it stay far from any limit
constexpr std::size_t most_levels = 100;

/// Goes through a document before its tree is built and finds what its aliases would make of it: one may
/// repeat what repeats others, or stand inside what it repeats.
class Measure : public YAML::EventHandler {
 public:
  /// The first thing that is too much, and where; empty: nothing.
  std::string wrong;
  YAML::Mark mark;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& at, YAML::anchor_t anchor) override { close(at, {}, anchor); }
  void OnScalar(const YAML::Mark& at, const std::string&, YAML::anchor_t anchor,
                const std::string&) override {
    close(at, {}, anchor);
  }
  void OnAlias(const YAML::Mark& at, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) return tell(at, "an alias cannot stand inside what it repeats");
    close(at, found->second, YAML::NullAnchor);
  }
  void OnSequenceStart(const YAML::Mark& at, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open_.push_back({at, {}, anchor});
  }
  void OnSequenceEnd() override { pop(); }
  void OnMapStart(const YAML::Mark& at, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open_.push_back({at, {}, anchor});
  }
  void OnMapEnd() override { pop(); }

 private:
  struct Size {
    std::size_t nodes = 1, levels = 1;
  };
  struct Open {
    YAML::Mark at;
    Size size;
    YAML::anchor_t anchor = YAML::NullAnchor;
  };

  void pop() {
    const Open done = open_.back();
    open_.pop_back();
    close(done.at, done.size, done.anchor);
  }

  void close(const YAML::Mark& at, Size size, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = size;
    total_ = std::min(total_ + size.nodes, most_nodes + 1);
    if (total_ > most_nodes)
      tell(at, "this is more than a recipe can be: a hundred thousand values, aliases counted in full");
    if (open_.size() + size.levels > most_levels) tell(at, "this is nested more than a hundred levels deep");
    if (open_.empty()) return;
    Size& parent = open_.back().size;
    parent.nodes = std::min(parent.nodes + size.nodes, most_nodes + 1);
    parent.levels = std::max(parent.levels, size.levels + 1);
  }

  void tell(const YAML::Mark& at, std::string message) {
    if (!wrong.empty()) return;
    wrong = std::move(message);
    mark = at;
  }

  std::vector<Open> open_;
  std::map<YAML::anchor_t, Size> anchors_;
  std::size_t total_ = 0;
};

}  // namespace

Document::Document(const std::string& text, std::string file) : file_(std::move(file)) {
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines_.push_back(line);
  try {
    Measure measure;
    std::istringstream measured(text);
    YAML::Parser(measured).HandleNextDocument(measure);
    if (measure.wrong.empty()) {
      root_ = YAML::Load(text);
    } else {
      mistake({.file = file_, .line = measure.mark.line + 1, .column = measure.mark.column + 1},
              measure.wrong);
    }
  } catch (const YAML::Exception& error) {
    mistake({.file = file_, .line = error.mark.line + 1, .column = error.mark.column + 1}, error.msg);
  }
}

SourceLocation Document::place(const YAML::Node& node) const {
  const YAML::Mark mark = node.Mark();
  return {.file = file_, .line = mark.line + 1, .column = mark.column + 1};
}

void Document::mistake(const YAML::Node& node, std::string message) {
  mistake(place(node), std::move(message));
}

void Document::mistake(SourceLocation place, std::string message) {
  const auto index = static_cast<std::size_t>(std::max(0, place.line - 1));
  std::string line = place.line > 0 && index < lines_.size() ? lines_[index] : std::string();
  mistakes_.push_back({std::move(place), std::move(message), std::move(line)});
}

std::vector<Diagnostic> Document::take_mistakes() {
  std::stable_sort(mistakes_.begin(), mistakes_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
  });
  return std::move(mistakes_);
}

Mapping::Mapping(Document& document, const YAML::Node& node, std::string what)
    : document_(document), node_(node), what_(std::move(what)), usable_(node.IsDefined() && node.IsMap()) {
  if (!node.IsDefined() || node.IsNull()) return;
  if (!usable_) {
    document_.mistake(node, what_ + " must be a mapping of keys to values");
    return;
  }
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) {
      document_.mistake(entry.first, "a key must be a text");
    } else if (!seen.insert(entry.first.Scalar()).second) {
      document_.mistake(entry.first, "'" + entry.first.Scalar() + "' stands twice in " + what_);
    }
  }
}

Mapping::~Mapping() {
  if (!usable_) return;
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar()) continue;
    const std::string& key = entry.first.Scalar();
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const std::string near = nearest(key, known_);
    document_.mistake(entry.first, "unknown key '" + key + "' in " + what_ +
                                       (near.empty() ? "" : ", did you mean '" + near + "'?"));
  }
}

YAML::Node Mapping::at(const std::string& key, bool required) {
  known_.push_back(key);
  if (usable_) {
    for (const auto& entry : node_) {
      if (entry.first.IsScalar() && entry.first.Scalar() == key) return entry.second;
    }
  }
  if (required && usable_) document_.mistake(node_, what_ + " needs '" + key + "'");
  return YAML::Node(YAML::NodeType::Undefined);
}

std::optional<std::string> Mapping::text(const std::string& key, bool required) {
  const YAML::Node node = at(key, required);
  if (!node.IsDefined()) return std::nullopt;
  if (node.IsScalar()) return node.Scalar();
  document_.mistake(node, "'" + key + "' must be a text");
  return std::nullopt;
}

std::optional<bool> Mapping::boolean(const std::string& key) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  if (*value == "true") return true;
  if (*value == "false") return false;
  document_.mistake(at(key), "'" + key + "' must be true or false");
  return std::nullopt;
}

std::optional<double> Mapping::number(const std::string& key, double most) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  double number = 0;
  const auto read = std::from_chars(value->data(), value->data() + value->size(), number);
  if (read.ec == std::errc() && read.ptr == value->data() + value->size() && number >= 0 && number <= most)
    return number;
  document_.mistake(at(key), "'" + key + "' must be a number from 0 to " + nlohmann::json(most).dump());
  return std::nullopt;
}

std::optional<std::int64_t> Mapping::integer(const std::string& key, std::int64_t least, std::int64_t most) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  const auto read = std::from_chars(value->data(), value->data() + value->size(), number);
  if (read.ec == std::errc() && read.ptr == value->data() + value->size() && number >= least &&
      number <= most)
    return number;
  document_.mistake(at(key), "'" + key + "' must be a whole number, at least " + std::to_string(least) +
                                 (most < largest_integer ? " and at most " + std::to_string(most) : ""));
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> Mapping::duration(const std::string& key) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  const auto duration = duration_of(*value);
  if (!duration)
    document_.mistake(at(key), "'" + key + "' must be a duration like 500ms, 30s, 5m or 1h, at most 720h");
  return duration;
}

std::optional<std::vector<std::string>> Mapping::texts(const std::string& key) {
  const YAML::Node node = at(key);
  if (!node.IsDefined()) return std::nullopt;
  if (node.IsScalar()) return std::vector<std::string>{node.Scalar()};
  if (node.IsSequence()) {
    std::vector<std::string> result;
    for (const YAML::Node& item : node) {
      if (item.IsScalar()) {
        result.push_back(item.Scalar());
      } else {
        document_.mistake(item, "'" + key + "' must be a list of texts");
      }
    }
    return result;
  }
  document_.mistake(node, "'" + key + "' must be a text or a list of texts");
  return std::nullopt;
}

std::optional<std::size_t> Mapping::choice(const std::string& key, const std::vector<std::string>& names) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  const auto found = std::find(names.begin(), names.end(), *value);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  const std::string near = nearest(*value, names);
  document_.mistake(at(key), "'" + key + "' cannot be '" + *value + "'" +
                                 (near.empty() ? "; it can be: " + all : ", did you mean '" + near + "'?"));
  return std::nullopt;
}

nlohmann::json plain_json(const YAML::Node& node) {
  if (node.IsNull()) return nullptr;
  if (node.IsMap()) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& entry : node) object[entry.first.Scalar()] = plain_json(entry.second);
    return object;
  }
  if (node.IsSequence()) {
    nlohmann::json array = nlohmann::json::array();
    for (const YAML::Node& one : node) array.push_back(plain_json(one));
    return array;
  }
  if (node.Tag() != "!") {
    auto json = nlohmann::json::parse(node.Scalar(), nullptr, false);
    if (!json.is_discarded() && !json.is_structured()) return json;
  }
  return node.Scalar();
}

std::optional<std::chrono::milliseconds> duration_of(std::string_view text) {
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || !(number >= 0) || number > 1e9) return std::nullopt;
  const std::string_view unit(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
  double factor = 0;
  if (unit == "ms") factor = 1;
  if (unit == "s" || unit.empty()) factor = 1000;
  if (unit == "m") factor = 60'000;
  if (unit == "h") factor = 3'600'000;
  if (factor == 0 || number * factor > longest_duration) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(number * factor));
}

}  // namespace usher::recipe
