#include "connectors/recipe/yaml.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>

#include "state/model/duration.hpp"
#include "state/model/suggestion.hpp"

namespace usher::recipe {

namespace {

constexpr std::chrono::hours longest_duration{720};  // sums of it stay far from any limit
constexpr DocumentLimits limits{.nodes = 100'000, .levels = 100, .what = "recipe"};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

const Node no_node;

Node text_node(std::string text) {
  Node node;
  node.kind = Node::Kind::scalar;
  node.text = std::move(text);
  return node;
}

Document::Document(const std::string& text, std::string file)
    : mistakes_(file, lines_of(text)), root_(read_document(text, file, mistakes_, limits)) {}

Mapping::Mapping(Document& document, const Node& node, std::string what)
    : document_(document), node_(node), what_(std::move(what)), usable_(node.is_map()) {
  if (!usable_ && node.kind != Node::Kind::empty)
    document_.mistake(node, what_ + " must be a mapping of keys to values");
}

Mapping::~Mapping() {
  if (!usable_) return;
  for (const Entry& entry : node_.entries) {
    const std::string& key = entry.key.text;
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    document_.mistake(entry.key, "unknown key '" + key + "' in " + what_ + did_you_mean(key, known_));
  }
}

const Node& Mapping::at(const std::string& key, bool required) {
  known_.push_back(key);
  if (const Node* found = node_.find(key)) return *found;
  if (required && usable_) document_.mistake(node_, what_ + " needs '" + key + "'");
  return no_node;
}

std::optional<std::string> Mapping::text(const std::string& key, bool required) {
  const Node& node = at(key, required);
  if (!is_given(node)) return std::nullopt;
  if (node.is_scalar()) return node.text;
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
  const Node& node = at(key);
  if (!is_given(node)) return std::nullopt;
  if (node.is_scalar()) return std::vector<std::string>{node.text};
  if (node.is_list()) {
    std::vector<std::string> result;
    for (const Node& item : node.items) {
      if (item.is_scalar()) {
        result.push_back(item.text);
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
  document_.mistake(at(key), "'" + key + "' cannot be '" + *value + "'" +
                                 did_you_mean(*value, names, "; it can be: " + all));
  return std::nullopt;
}

nlohmann::json plain_json(const Node& node) {
  if (node.kind == Node::Kind::empty) return nullptr;
  if (node.is_map()) {
    nlohmann::json object = nlohmann::json::object();
    for (const Entry& entry : node.entries) object[entry.key.text] = plain_json(entry.value);
    return object;
  }
  if (node.is_list()) {
    nlohmann::json array = nlohmann::json::array();
    for (const Node& one : node.items) array.push_back(plain_json(one));
    return array;
  }
  if (node.plain) {
    auto json = nlohmann::json::parse(node.text, nullptr, false);
    if (!json.is_discarded() && !json.is_structured()) return json;
  }
  return node.text;
}

std::optional<std::chrono::milliseconds> duration_of(std::string_view text) {
  const bool bare = !text.empty() && text.back() >= '0' && text.back() <= '9';
  const auto duration = read_duration(bare ? std::string(text) + "s" : std::string(text));
  return duration && *duration <= longest_duration ? duration : std::nullopt;
}

}  // namespace usher::recipe
