#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace usher {

// Values at a path (attribute_path.hpp) in a JSON tree.

/// What stands at a path; the value itself for "", null where there is nothing.
const nlohmann::json& json_at(const nlohmann::json& from, std::string_view path);

/// Puts a value at a path, and makes the objects and lists on the way. REQUIRES: a path with a step.
void put_at(nlohmann::json& object, std::string_view path, nlohmann::json value);

/// Takes out what stands at a path: a member, or an item of a list.
void erase_at(nlohmann::json& object, std::string_view path);

}  // namespace usher
