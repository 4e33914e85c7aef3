#include <nlohmann/json.hpp>

#include "rules/config/lines.hpp"
#include "rules/config/sections.hpp"
#include "rules/yaml/shape.hpp"

namespace usher {
namespace {

nlohmann::json value_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::empty:
      return nullptr;
    case Node::Kind::scalar:
      if (node.is_boolean()) return node.text == "true";
      if (is_number(node)) {
        nlohmann::json number = nlohmann::json::parse(node.text, nullptr, false);
        if (!number.is_discarded()) return number;
      }
      return node.text;
    case Node::Kind::list: {
      nlohmann::json list = nlohmann::json::array();
      for (const Node& item : node.items) list.push_back(value_of(item));
      return list;
    }
    case Node::Kind::map: {
      nlohmann::json map = nlohmann::json::object();
      for (const Entry& entry : node.entries) map[entry.key.text] = value_of(entry.value);
      return map;
    }
  }
  return nullptr;
}

/// The place of a scalar's first character: behind the quote, or in the first line of a block.
SourceLocation first_character(const Node& node, const std::vector<std::string>& lines) {
  SourceLocation place = node.place;
  if (node.plain) return place;
  const auto index = static_cast<std::size_t>(place.line) - 1;
  if (index >= lines.size()) return place;
  const std::size_t at = byte_of_column(lines[index], place.column);
  const char first = at < lines[index].size() ? lines[index][at] : ' ';
  if (first == '"' || first == '\'') ++place.column;
  if (first != '|' && first != '>') return place;
  for (std::size_t next = index + 1; next < lines.size(); ++next) {
    const std::size_t start = lines[next].find_first_not_of(' ');
    if (start == std::string::npos) continue;
    place.line = static_cast<int>(next) + 1;
    place.column = static_cast<int>(start) + 1;
    break;
  }
  return place;
}

Expression read_list(const Node& node, Reading& reading) {
  Expression list;
  list.place = node.place;
  list.source = "[";
  for (const Node& item : node.items) {
    if (list.source.size() > 1) list.source += ", ";
    const Expression element = read_expression(&item, reading);
    list.elements.emplace_back(list.source.size(), element.place);
    for (const auto& [offset, place] : element.elements)
      list.elements.emplace_back(list.source.size() + offset, place);
    list.source += element.constant ? *element.constant : element.source;
  }
  list.source += "]";
  return list;
}

}  // namespace

std::string json_of(const Node& node) {
  return value_of(node).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Expression read_expression(const Node* node, Reading& reading) {
  Expression expression;
  if (node == nullptr) return expression;
  if (node->kind == Node::Kind::list) return read_list(*node, reading);
  expression.place = node->place;
  if (const Node* value = node->find("value"); value != nullptr) {
    expression.constant = json_of(*value);
  } else if (node->kind == Node::Kind::scalar) {
    expression.source = node->text.substr(0, node->text.find_last_not_of('\n') + 1);
    expression.place = first_character(*node, reading.mistakes.lines());
  }
  return expression;
}

}  // namespace usher
