#include "connectors/member_twice.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "connectors/canonical.hpp"
#include "connectors/json_view.hpp"

namespace usher {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t compared_in_place = 64;  // names of one object; more of them are sorted

/// One of 64 bits, by what names of one object mostly differ in.
std::uint64_t bit_of_name(std::string_view name) {
  std::uint64_t mixed = name.size();
  if (!name.empty()) {
    mixed += static_cast<std::uint64_t>(static_cast<unsigned char>(name.front())) * 31;
    mixed += static_cast<std::uint64_t>(static_cast<unsigned char>(name.back())) * 131;
    mixed += static_cast<std::uint64_t>(static_cast<unsigned char>(name[name.size() / 2])) * 1031;
  }
  return std::uint64_t{1} << ((mixed * 0x9E3779B97F4A7C15U) >> 58U);
}

std::optional<std::string> twice_among_many(const object& members) {
  std::vector<std::string_view> names;
  for (const auto [name, value] : members) names.push_back(name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  return twice == names.end() ? std::nullopt : std::optional<std::string>(*twice);
}

std::optional<std::string> twice_among(const object& members) {
  std::array<std::string_view, compared_in_place> names;
  std::size_t count = 0;
  std::uint64_t seen = 0;
  for (const auto [name, value] : members) {
    const std::uint64_t bit = bit_of_name(name);
    const auto end = names.begin() + static_cast<std::ptrdiff_t>(count);
    if ((seen & bit) != 0 && std::find(names.begin(), end, name) != end) return std::string(name);
    if (count == names.size()) return twice_among_many(members);
    seen |= bit;
    names[count++] = name;
  }
  return std::nullopt;
}

bool holds_members(const element& value) {
  return value.is_object() || value.is_array();
}

}  // namespace

std::optional<std::string> member_twice(const element& value) {
  if (value.is_array()) {
    for (const element item : view::items(value)) {
      if (!holds_members(item)) continue;
      if (auto twice = member_twice(item)) return twice;
    }
    return std::nullopt;
  }
  if (!value.is_object()) return std::nullopt;
  const object members = view::members(value);
  if (auto twice = twice_among(members)) return twice;
  for (const auto [name, inner] : members) {
    if (!holds_members(inner)) continue;
    if (auto twice = member_twice(inner)) return twice;
  }
  return std::nullopt;
}

std::optional<std::string> twice_on_the_way(const element& from, std::string_view path) {
  element place = from;
  while (!path.empty()) {
    const std::string_view step = take_step(path);
    if (place.is_object()) {
      std::size_t times = 0;
      for (const auto [name, value] : view::members(place)) times += name == step ? 1 : 0;
      if (times > 1) return std::string(step);
    }
    element next;
    if (!element_at(place, "[" + std::string(step) + "]", next)) return std::nullopt;
    place = next;
  }
  return std::nullopt;
}

std::optional<std::string> twice_on_the_way(std::string_view json,
                                            std::initializer_list<std::string_view> paths) {
  simdjson::dom::parser parser;
  element document;
  if (parser.parse(simdjson::padded_string(json)).get(document) != simdjson::SUCCESS) return std::nullopt;
  for (const std::string_view path : paths)
    if (auto twice = twice_on_the_way(document, path)) return twice;
  return std::nullopt;
}

}  // namespace usher
