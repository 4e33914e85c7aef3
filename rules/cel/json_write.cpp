#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "rules/cel/moment.hpp"
#include "rules/cel/unicode.hpp"
#include "rules/cel/value.hpp"
#include "state/model/base64.hpp"
#include "state/model/json_string.hpp"

namespace usher::cel {

namespace {

[[noreturn]] void refuse(const Value& value) {
  const std::string why = value.is_error() ? std::string(value.error_message()) : "nothing is there";
  throw std::invalid_argument("a value that is an error cannot be written as JSON: " + why);
}

/// The name of a map's entry in JSON, where all names are text.
std::string key_text(const Value& key) {
  if (key.is_string()) return repaired(key.as_string());
  if (key.is_bool()) return key.as_bool() ? "true" : "false";
  return key.is_int() ? std::to_string(key.as_int()) : std::to_string(key.as_uint());
}

void append_string(std::string_view text, std::string& out) {
  if (is_utf8(text)) {
    append_json_string(out, text);
  } else {
    append_json_string(out, repaired(text));
  }
}

void append_map(const Value& map, std::string& out) {
  std::vector<std::pair<std::string, const Value*>> entries;
  bool sorted = true;
  map.each_entry([&](const Value& key, const Value& value) {
    entries.emplace_back(key_text(key), &value);
    sorted = sorted && (entries.size() < 2 || entries[entries.size() - 2].first < entries.back().first);
    return true;
  });
  if (!sorted) std::sort(entries.begin(), entries.end());
  out += '{';
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, entries[i].first);
    out += ':';
    append_json(*entries[i].second, out);
  }
  out += '}';
}

}  // namespace

nlohmann::json to_json(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      return nullptr;
    case Kind::boolean:
      return value.as_bool();
    case Kind::integer:
      return value.as_int();
    case Kind::unsigned_integer:
      return value.as_uint();
    case Kind::real:
      return value.as_double();
    case Kind::string:
    case Kind::type:
      return repaired(value.as_string());
    case Kind::bytes:
      return to_base64(value.as_string());
    case Kind::timestamp:
      return format_timestamp(value.as_timestamp());
    case Kind::duration:
      return format_duration(value.as_duration());
    case Kind::optional:
      return value.as_optional() != nullptr ? to_json(*value.as_optional()) : nlohmann::json();
    case Kind::list: {
      nlohmann::json list = nlohmann::json::array();
      for (const Value& item : value.as_list()) list.push_back(to_json(item));
      return list;
    }
    case Kind::map:
    case Kind::object: {
      nlohmann::json object = nlohmann::json::object();
      value.each_entry([&](const Value& key, const Value& item) {
        object[key_text(key)] = to_json(item);
        return true;
      });
      return object;
    }
    default:
      refuse(value);
  }
}

void append_json(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Kind::null:
      out += "null";
      break;
    case Kind::boolean:
      out += value.as_bool() ? "true" : "false";
      break;
    case Kind::integer:
      out += std::to_string(value.as_int());
      break;
    case Kind::unsigned_integer:
      out += std::to_string(value.as_uint());
      break;
    case Kind::real:
      out += nlohmann::json(value.as_double()).dump();
      break;
    case Kind::string:
    case Kind::type:
      append_string(value.as_string(), out);
      break;
    case Kind::bytes:
      append_json_string(out, to_base64(value.as_string()));
      break;
    case Kind::timestamp:
      append_json_string(out, format_timestamp(value.as_timestamp()));
      break;
    case Kind::duration:
      append_json_string(out, format_duration(value.as_duration()));
      break;
    case Kind::optional:
      append_json(value.as_optional() != nullptr ? *value.as_optional() : Value::null(), out);
      break;
    case Kind::list: {
      out += '[';
      const auto items = value.as_list();
      for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += ',';
        append_json(items[i], out);
      }
      out += ']';
      break;
    }
    case Kind::map:
    case Kind::object:
      append_map(value, out);
      break;
    default:
      refuse(value);
  }
}

}  // namespace usher::cel
