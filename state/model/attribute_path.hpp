#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace usher {

// The path of an attribute: steps between dots; one in brackets may hold dots ("[urn:x:User].department"), a
// number is a place in a list ("emails.0.value").

/// Takes the first step off a path, without its brackets.
std::string_view take_step(std::string_view& path);
/// Reads "0" to "99"; nothing else is a place in a list.
std::optional<std::size_t> list_index(std::string_view step);

}  // namespace usher
