#pragma once

#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/yaml/document.hpp"

namespace usher {

struct Shape;

/// One key of an object.
struct Key {
  std::string name = {};
  const Shape* shape = nullptr;
  bool required = false;
  std::string about = {};  ///< instead of the shape's own
  std::string with = {};   ///< another key that must be given beside it
};

/// What a value of a configuration or a recipe may look like. One table of shapes says what the loader
/// accepts and what the JSON Schema and the manual tell people, so that they cannot drift apart.
struct Shape {
  enum class Form {
    nothing,  ///< an empty value
    text,     ///< a scalar with something in it; true and false need quotes
    option,   ///< any scalar: a connector decides what it means
    boolean,  ///< true or false
    integer,  ///< a whole number from `least` to `most`
    number,   ///< a number from `least` to `most`
    choice,   ///< one of `choices`
    pattern,  ///< a scalar that matches the regular expression `pattern` as a whole
    code,     ///< a scalar that is CEL: text, a number, true or false
    any,      ///< any value: what stands after {value: …}
    list,     ///< of `items`, at least `least` of them
    part,     ///< a map that holds some of what `items` holds: nothing in it is required
    object,   ///< the keys of `keys`; others only where `rest` says what they hold
    either,   ///< one of `alternatives`: the first that fits by kind, a map by its required keys
  };
  Form form = Form::text;
  std::string about = {};                 ///< one sentence for editors and the manual
  std::string expects = {};               ///< completes "must be …"
  std::vector<Key> keys = {};             ///< object
  std::vector<std::string> one_of = {};   ///< object: exactly one of these keys is given
  std::vector<std::string> some_of = {};  ///< object: at least one of these keys is given
  std::vector<std::pair<std::string, std::string>> apart = {};  ///< object: keys that exclude each other
  const Shape* like = nullptr;          ///< object: the keys of this one are among `keys`, and told with it
  const Shape* rest = nullptr;          ///< object: what other keys hold; null: there are no other keys
  std::string rest_names = {};          ///< object: pattern the other keys match; empty: any text
  std::string hint = {};                ///< object: what to do about a key that cannot be there
  std::vector<std::string> never = {};  ///< object: keys that `rest` does not stand for
  const Shape* items = nullptr;         ///< list
  std::vector<const Shape*> alternatives = {};
  std::vector<std::string> choices = {};
  std::string pattern = {};
  double least = 0;
  double most = std::numeric_limits<double>::max();
  std::string name = {};  ///< in the JSON Schema, of shapes used in several places or inside themselves
};

/// Reports everything in which `node` differs from `shape`. what: how messages call the value.
void check(const Node& node, const Shape& shape, const std::string& what, Diagnostics& mistakes);

/// A draft 2020-12 JSON Schema that accepts what `check` accepts. open_with: a key of the root; where it is
/// given, nothing else is required of any map, since its value may bring what is missing.
/// REQUIRES: with open_with, the root has a name.
nlohmann::json json_schema(const Shape& root, const std::string& open_with = {});

/// Whether a plain scalar is a number by the rules of JSON: no leading zeros, no '+', no hexadecimal.
bool is_number(const Node& node);

}  // namespace usher
