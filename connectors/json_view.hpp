#pragma once

#include <simdjson.h>

#include <string_view>

// What an element is known to be, by value: simdjson's own accessors answer results whose contents die with
// them in a range-for.
namespace usher::view {

/// `[[],{}]`, to take what is empty from: an array or object of simdjson that belongs to no document cannot
/// be walked.
inline simdjson::dom::array empty_values() {
  static simdjson::dom::parser parser;
  static const simdjson::dom::array values = parser.parse("[[],{}]", 7).get_array().value();
  return values;
}

/// The members of an object; none of anything else.
inline simdjson::dom::object members(const simdjson::dom::element& value) {
  simdjson::dom::object object;
  return value.get(object) == simdjson::SUCCESS ? object : empty_values().at(1).get_object().value();
}

/// The items of an array; none of anything else.
inline simdjson::dom::array items(const simdjson::dom::element& value) {
  simdjson::dom::array array;
  return value.get(array) == simdjson::SUCCESS ? array : empty_values().at(0).get_array().value();
}

inline std::string_view text(const simdjson::dom::element& value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? text : decltype(text){};
}

template <class Number>
Number number(const simdjson::dom::element& value) {
  Number number{};
  return value.get(number) == simdjson::SUCCESS ? number : decltype(number){};
}

/// Whether a value says nothing: null, "", [] or {}. false and 0 say something.
inline bool says_nothing(const simdjson::dom::element& value) {
  using Type = simdjson::dom::element_type;
  switch (value.type()) {
    case Type::NULL_VALUE:
      return true;
    case Type::STRING:
      return text(value).empty();
    case Type::ARRAY:
      return items(value).begin() == items(value).end();
    case Type::OBJECT:
      return members(value).begin() == members(value).end();
    default:
      return false;
  }
}

}  // namespace usher::view
