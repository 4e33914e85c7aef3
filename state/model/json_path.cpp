#include "state/model/json_path.hpp"

#include <nlohmann/json.hpp>

#include "state/model/attribute_path.hpp"

namespace usher {

namespace {

using nlohmann::json;

// The item of a list that a step says something of; null: there is none.
const json* chosen(const json& list, std::string_view step) {
  const auto choice = list_choice(step);
  if (!choice) return nullptr;
  for (const json& item : list) {
    const auto held = item.is_object() ? item.find(choice->first) : item.end();
    if (!item.is_object() || held == item.end()) continue;
    const bool same = held->is_string() ? held->get_ref<const std::string&>() == choice->second
                                        : !held->is_structured() && held->dump() == choice->second;
    if (same) return &item;
  }
  return nullptr;
}

// A new item of a list that is as the step says.
json item_of(std::string_view step) {
  const auto choice = list_choice(step);
  const std::string value(choice->second);
  json number = json::parse(value, nullptr, false);
  const bool plain = number.is_number() || number.is_boolean();
  return {{std::string(choice->first), plain ? std::move(number) : json(value)}};
}

// One step from a value to what stands there; null: nothing does.
const json* step_to(const json& from, std::string_view step) {
  if (from.is_array()) {
    const auto index = list_index(step);
    if (!index) return chosen(from, step);
    return *index < from.size() ? &from[*index] : nullptr;
  }
  if (!from.is_object()) return nullptr;
  const auto member = from.find(step);
  return member == from.end() ? nullptr : &*member;
}

}  // namespace

const json& json_at(const json& from, std::string_view path) {
  static const json nothing;
  const json* place = &from;
  while (place != nullptr && !path.empty()) place = step_to(*place, take_step(path));
  return place == nullptr ? nothing : *place;
}

void put_at(json& object, std::string_view path, json value) {
  json* place = &object;
  do {
    const bool named = path.starts_with('[');
    const std::string_view step = take_step(path);
    const bool list = place->is_array() || place->is_null();
    const auto index = list && !named ? list_index(step) : std::nullopt;
    if (index) {
      if (place->is_null()) *place = json::array();
      while (place->size() <= *index) place->push_back(nullptr);
      place = &(*place)[*index];
    } else if (list && named && list_choice(step)) {
      if (place->is_null()) *place = json::array();
      const json* item = chosen(*place, step);
      if (item == nullptr) place->push_back(item_of(step));
      place = item == nullptr ? &place->back() : const_cast<json*>(item);
    } else {
      if (!place->is_object()) *place = json::object();
      place = &(*place)[std::string(step)];
    }
  } while (!path.empty());
  *place = std::move(value);
}

void erase_at(json& object, std::string_view path) {
  json* place = &object;
  while (!path.empty()) {
    const std::string_view step = take_step(path);
    const auto* next = step_to(*place, step);
    if (next == nullptr) return;
    if (!path.empty()) {
      place = const_cast<json*>(next);
    } else if (place->is_array()) {
      place->erase(static_cast<std::size_t>(next - &place->front()));
    } else {
      place->erase(std::string(step));
    }
  }
}

}  // namespace usher
