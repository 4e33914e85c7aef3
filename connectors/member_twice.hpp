#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace simdjson::dom {
class element;
}

namespace usher {

// Members that stand twice in one JSON object. Parsers differ in which of the two counts, so neither does.

/// The name of a member that stands twice in one object of the value, at any depth.
std::optional<std::string> member_twice(const simdjson::dom::element& value);

/// The name of a member on the way to a dotted path that stands twice in its object.
std::optional<std::string> twice_on_the_way(const simdjson::dom::element& from, std::string_view path);

/// The same of a JSON text and several paths; nullopt also for what is no JSON.
std::optional<std::string> twice_on_the_way(std::string_view json,
                                            std::initializer_list<std::string_view> paths);

}  // namespace usher
