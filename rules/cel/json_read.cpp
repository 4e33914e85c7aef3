#include <simdjson.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "rules/cel/plain_json.hpp"

namespace usher::cel {

namespace {

namespace dom = simdjson::dom;

/// JSON that nests deeper than this is refused: evaluation walks values by recursion.
constexpr std::size_t deepest_json = 100;

/// One parser a thread, with the padded copy of the text that it asks for.
struct JsonParser {
  dom::parser parser;
  std::string padded;

  JsonParser() {
    if (parser.allocate(4096, deepest_json) != simdjson::SUCCESS) throw std::bad_alloc();
  }

  dom::element read(std::string_view json) {
    padded.assign(json);
    padded.append(simdjson::SIMDJSON_PADDING, ' ');
    return parser.parse(padded.data(), json.size(), false);
  }
};

JsonParser& json_parser() {
  static thread_local JsonParser instance;
  return instance;
}

Value text(std::string_view text, Arena& arena) {
  return Value::string(arena.copy(text));
}

/// simdjson counts elements up to this and no further.
constexpr std::size_t counted = 0xFFFFFF;

template <typename Container>
std::size_t count(const Container& container) {
  const std::size_t size = container.size();
  return size < counted ? size : static_cast<std::size_t>(std::distance(container.begin(), container.end()));
}

Value read(dom::element json, const Type* type, Arena& arena);

Value read_list(dom::array array, const Type* type, Arena& arena) {
  const auto items = arena.array<Value>(count(array));
  const Type* const element = type != nullptr ? &type->element() : nullptr;
  std::size_t position = 0;
  for (const dom::element item : array) items[position++] = read(item, element, arena);
  return Value::list(items);
}

/// Where a key comes twice the last one counts, as in most readers of JSON. Gives how many entries remain.
std::size_t last_of_each_key(std::span<Entry> entries) {
  std::reverse(entries.begin(), entries.end());
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.key.as_string() < b.key.as_string(); });
  const auto end = std::unique(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.key.as_string() == b.key.as_string();
  });
  return static_cast<std::size_t>(end - entries.begin());
}

Value read_map(dom::object object, Arena& arena) {
  const auto entries = arena.array<Entry>(count(object));
  std::size_t position = 0;
  for (const auto [key, value] : object)
    entries[position++] = {text(key, arena), read(value, nullptr, arena)};
  if (const Map* map = Map::make(entries, arena)) return Value::map(*map);
  return Value::map(*Map::make(entries.first(last_of_each_key(entries)), arena));
}

/// Fills slots. Fields are sorted in the type and mostly in the text: the search goes on where it left off.
Value read_object(dom::object object, const Type& type, Arena& arena) {
  const auto& fields = type.fields();
  const auto slots = arena.array<Value>(fields.size());
  std::size_t next = 0;
  for (const auto [key, value] : object) {
    while (next < fields.size() && fields[next].first < key) ++next;
    if (next >= fields.size() || fields[next].first != key) {
      const auto slot = type.slot(key);
      if (!slot) continue;
      next = *slot;
    }
    slots[next] = read(value, &fields[next].second, arena);
    ++next;
  }
  return Value::object(*arena.make(Object{&type, slots}));
}

Value read(dom::element json, const Type* type, Arena& arena) {
  switch (json.type()) {
    case dom::element_type::NULL_VALUE:
      return Value::null();
    case dom::element_type::BOOL:
      return Value::boolean(json.get_bool());
    case dom::element_type::INT64:
      return Value::integer(json.get_int64());
    case dom::element_type::UINT64:
      return Value::unsigned_integer(json.get_uint64());
    case dom::element_type::DOUBLE:
      return Value::real(json.get_double());
    case dom::element_type::STRING:
      return text(json.get_string(), arena);
    case dom::element_type::ARRAY:
      return read_list(json.get_array(), type, arena);
    case dom::element_type::OBJECT:
      break;
  }
  const dom::object object = json.get_object();
  if (type != nullptr && type->kind() == Kind::object) return read_object(object, *type, arena);
  return read_map(object, arena);
}

Value read_text(std::string_view json, const Type* type, Arena& arena) {
  try {
    return read(json_parser().read(json), type, arena);
  } catch (const simdjson::simdjson_error& error) {
    return Value::error(std::string("malformed JSON: ") + error.what(), arena);
  }
}

Value from_tree(const nlohmann::json& json, Arena& arena, std::size_t depth) {
  if (depth > deepest_json) return Value::error("the JSON nests too deep", arena);
  switch (json.type()) {
    case nlohmann::json::value_t::boolean:
      return Value::boolean(json.get<bool>());
    case nlohmann::json::value_t::number_integer:
      return Value::integer(json.get<std::int64_t>());
    case nlohmann::json::value_t::number_unsigned: {
      const auto number = json.get<std::uint64_t>();
      return number <= INT64_MAX ? Value::integer(static_cast<std::int64_t>(number))
                                 : Value::unsigned_integer(number);
    }
    case nlohmann::json::value_t::number_float:
      return Value::real(json.get<double>());
    case nlohmann::json::value_t::string:
      return text(json.get_ref<const std::string&>(), arena);
    case nlohmann::json::value_t::array: {
      const auto items = arena.array<Value>(json.size());
      for (std::size_t i = 0; i < items.size(); ++i) {
        items[i] = from_tree(json[i], arena, depth + 1);
        if (items[i].is_error()) return items[i];
      }
      return Value::list(items);
    }
    case nlohmann::json::value_t::object: {
      const auto entries = arena.array<Entry>(json.size());
      std::size_t count = 0;
      for (const auto& [key, value] : json.items()) {
        entries[count] = {text(key, arena), from_tree(value, arena, depth + 1)};
        if (entries[count].value.is_error()) return entries[count].value;
        ++count;
      }
      return Value::map(*Map::make(entries, arena));
    }
    default:
      return Value::null();
  }
}

}  // namespace

Value from_json(std::string_view json, Arena& arena) {
  return read_text(json, nullptr, arena);
}

template <std::same_as<nlohmann::json> Json>
Value from_json(const Json& json, Arena& arena) {
  return from_tree(json, arena, 0);
}
template Value from_json(const nlohmann::json& json, Arena& arena);

Value object_from_json(std::string_view json, const Type& object, Arena& arena) {
  if (const auto plain = plain_object_from_json(json, object, arena)) return *plain;
  const Value value = read_text(json, &object, arena);
  if (value.is_error() || value.kind() == Kind::object) return value;
  return Value::error("the JSON is no object", arena);
}

}  // namespace usher::cel
