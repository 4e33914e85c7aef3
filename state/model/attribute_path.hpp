#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace usher {

// The path of an attribute: steps between dots. A step that is a number is a place in a list
// ("emails.0.value"). A step in brackets is a name that holds dots or looks like a number
// ("[urn:acme:2.0:User].department", "fields.[1]"), or in a list the item of which something is said:
// "emails[type=work].value".

/// Takes the first step off a path, without its brackets: up to the next dot or bracket, or what stands in
/// brackets.
std::string_view take_step(std::string_view& path);
/// The place in a list that a step names, 0 to 99; nullopt: it is a name.
std::optional<std::size_t> list_index(std::string_view step);
/// What a step says of the item of a list it means: the member and its value, as text. nullopt: nothing.
std::optional<std::pair<std::string_view, std::string_view>> list_choice(std::string_view step);

}  // namespace usher
