#include "connectors/recipe/yaml.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

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

/// A truth value or a number in quotes is a text.
std::string quotes_advice(const Node& node) {
  return node.is_scalar() && !node.plain ? "; leave out the quotes" : "";
}

/// The choices of a shape, or of the alternative that has some.
const std::vector<std::string>& choices_of(const Shape& shape) {
  for (const Shape* one : shape.alternatives)
    if (!one->choices.empty()) return one->choices;
  return shape.choices;
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

Mapping::Mapping(Document& document, const Node& node, std::string what, const Shape& shape)
    : document_(document), node_(node), what_(std::move(what)), shape_(shape), usable_(node.is_map()) {
  if (!usable_ && is_given(node))
    document_.mistake(node, what_ + " must be a mapping of keys to values" +
                                (node.kind == Node::Kind::empty ? "; {} is one without keys" : ""));
  for (const Key& key : shape_.keys)
    if (usable_ && key.required && node_.find(key.name) == nullptr)
      document_.mistake(node_, what_ + " needs '" + key.name + "'");
}

Mapping::~Mapping() {
  if (!usable_) return;
  std::vector<std::string> known;
  for (const Key& key : shape_.keys) known.push_back(key.name);
  for (const Entry& entry : node_.entries) {
    const std::string& key = entry.key.text;
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    document_.mistake(entry.key, "unknown key '" + key + "' in " + what_ + did_you_mean(key, known));
  }
}

const Shape& Mapping::shape_of(const std::string& key) const {
  const auto found = std::find_if(shape_.keys.begin(), shape_.keys.end(),
                                  [&](const Key& known) { return known.name == key; });
  if (found == shape_.keys.end()) throw std::logic_error("the shape of " + what_ + " lacks '" + key + "'");
  return *found->shape;
}

const Node& Mapping::at(const std::string& key) {
  shape_of(key);
  const Node* found = node_.find(key);
  return found == nullptr ? no_node : *found;
}

std::optional<std::string> Mapping::text(const std::string& key) {
  const Node& node = at(key);
  if (!is_given(node)) return std::nullopt;
  if (node.is_scalar()) return node.text;
  document_.mistake(node, "'" + key + "' must be a text");
  return std::nullopt;
}

std::optional<bool> Mapping::boolean(const std::string& key) {
  const Node& node = at(key);
  if (!is_given(node)) return std::nullopt;
  if (node.is_boolean()) return node.text == "true";
  document_.mistake(node, "'" + key + "' must be true or false" + quotes_advice(node));
  return std::nullopt;
}

std::optional<std::string> Mapping::path(const std::string& key) {
  auto path = text(key);
  if (path && path->find_first_of("{}") != std::string::npos)
    document_.mistake(at(key), "'" + key +
                                   "' is a path in the reply, like data.users: without braces, and without "
                                   "'body'");
  return path;
}

std::optional<double> Mapping::number(const std::string& key) {
  const Node& node = at(key);
  if (!is_given(node)) return std::nullopt;
  const Shape& shape = shape_of(key);
  if (is_number(node)) {
    const double number = std::strtod(node.text.c_str(), nullptr);
    if (number >= shape.least && number <= shape.most) return number;
  }
  document_.mistake(node, "'" + key + "' must be " + shape.expects + quotes_advice(node));
  return std::nullopt;
}

std::optional<std::int64_t> Mapping::integer(const std::string& key) {
  const Node& node = at(key);
  if (!is_given(node)) return std::nullopt;
  const Shape& shape = shape_of(key);
  std::int64_t number = 0;
  const char* const last = node.text.data() + node.text.size();
  const auto read = std::from_chars(node.text.data(), last, number);
  const auto value = static_cast<double>(number);
  if (is_number(node) && read.ec == std::errc() && read.ptr == last && value >= shape.least &&
      value <= shape.most)
    return number;
  document_.mistake(node, "'" + key + "' must be " + shape.expects + quotes_advice(node));
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

std::optional<std::size_t> Mapping::choice(const std::string& key) {
  const auto value = text(key);
  if (!value) return std::nullopt;
  const std::vector<std::string>& names = choices_of(shape_of(key));
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
