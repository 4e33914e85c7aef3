#include "state/model/json_writer.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "state/model/json_string.hpp"

namespace usher {

std::string& JsonObjectText::name(std::string_view name) {
  if (!first_) out_ += ',';
  first_ = false;
  out_ += '"';
  out_ += name;
  out_ += "\":";
  return out_;
}

void JsonObjectText::text(std::string_view name, std::string_view value) {
  append_json_text(this->name(name), value);
}

void JsonObjectText::texts(std::string_view name, const std::vector<std::string>& values) {
  append_json_texts(this->name(name), values);
}

void JsonObjectText::number(std::string_view name, std::uint64_t value) {
  fmt::format_to(std::back_inserter(this->name(name)), "{}", value);
}

void JsonObjectText::flag(std::string_view name, bool value) {
  this->name(name) += value ? "true" : "false";
}

void JsonObjectText::value(std::string_view name, const nlohmann::json& value) {
  append_json(this->name(name), value);
}

void append_json(std::string& out, const nlohmann::json& value) {
  char separator = '{';
  switch (value.type()) {
    case nlohmann::json::value_t::string:
      return append_json_text(out, value.get_ref<const std::string&>());
    case nlohmann::json::value_t::object:
      for (const auto& [key, held] : value.get_ref<const nlohmann::json::object_t&>()) {
        out += std::exchange(separator, ',');
        append_json_text(out, key);
        out += ':';
        append_json(out, held);
      }
      out += value.empty() ? "{}" : "}";
      return;
    case nlohmann::json::value_t::array:
      separator = '[';
      for (const nlohmann::json& held : value.get_ref<const nlohmann::json::array_t&>()) {
        out += std::exchange(separator, ',');
        append_json(out, held);
      }
      out += value.empty() ? "[]" : "]";
      return;
    default:
      out += value.dump();
  }
}

void append_json_text(std::string& out, std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return append_json_string(out, text);
  out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void append_json_texts(std::string& out, const std::vector<std::string>& texts) {
  char separator = '[';
  for (const std::string& text : texts) {
    out += std::exchange(separator, ',');
    append_json_text(out, text);
  }
  out += texts.empty() ? "[]" : "]";
}

std::string indented_json(std::string_view compact, std::size_t levels) {
  std::string out;
  out.reserve(compact.size() * 2);
  bool in_text = false;
  const auto new_line = [&] {
    out += '\n';
    out.append(2 * levels, ' ');
  };
  for (std::size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[i];
    if (in_text) {
      out += c;
      if (c == '\\')
        out += compact[++i];
      else if (c == '"')
        in_text = false;
      continue;
    }
    const bool opens = c == '{' || c == '[';
    const bool closes = c == '}' || c == ']';
    if (closes && compact[i - 1] != '{' && compact[i - 1] != '[') {
      --levels;
      new_line();
    }
    out += c;
    in_text = c == '"';
    if (c == ':') out += ' ';
    if (opens && compact[i + 1] != '}' && compact[i + 1] != ']') ++levels;
    if (c == ',' || (opens && compact[i + 1] != '}' && compact[i + 1] != ']')) new_line();
  }
  return out;
}

}  // namespace usher
